import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import type { Logger } from '#ports/logger.ts';
import { silentLogger } from '#ports/logger.ts';
import { StandingClock } from '../../test/support/loop-harness.ts';
import { waitFor } from './wait-for.ts';

const gone = new AdapterError('KAFKA_UNAVAILABLE', 'no broker answers', { retryable: true });
const forbidden = new AdapterError('KAFKA_REJECTED', 'no right', { retryable: false });

function recorded(): { logger: Logger; said: string[] } {
  const said: string[] = [];
  const note = (message: string, fields?: object) => void said.push(`${message} ${JSON.stringify(fields ?? {})}`);
  return { logger: { ...silentLogger, warn: note, info: note }, said };
}

const deps = (logger: Logger = silentLogger) => ({
  logger,
  clock: new StandingClock(),
  signal: new AbortController().signal,
});

describe('waitFor', () => {
  it('gives what is there at once, and says nothing', async () => {
    const { logger, said } = recorded();
    expect(await waitFor('Kafka', () => Promise.resolve(4), deps(logger))).toBe(4);
    expect(said).toEqual([]);
  });

  it('waits for what is not there, says for what and why now and then, and when it came', async () => {
    const { logger, said } = recorded();
    let looks = 0;
    const look = () => {
      looks += 1;
      return looks < 20 ? Promise.reject(gone) : Promise.resolve(looks < 22 ? null : 'there');
    };
    expect(await waitFor('Kafka dc1', look, deps(logger))).toBe('there');
    expect(said[0]).toBe('waiting for Kafka dc1 {"reason":"KAFKA_UNAVAILABLE: no broker answers"}');
    expect(said).toHaveLength(3);
    expect(said.at(-1)).toContain('there now');
  });

  it('ends at once where something is refused, unless it waits for rights too', async () => {
    await expect(waitFor('Kafka', () => Promise.reject(forbidden), deps())).rejects.toBe(forbidden);
    let looks = 0;
    const look = () => (looks++ === 0 ? Promise.reject(forbidden) : Promise.resolve(1));
    expect(await waitFor('Kafka', look, { ...deps(), waitsForRights: true })).toBe(1);
  });

  it('throws what is a bug, and gives up when it is stopped', async () => {
    await expect(waitFor('Kafka', () => Promise.reject(new TypeError('bug')), deps())).rejects.toThrow('bug');
    const stopped = { ...deps(), signal: AbortSignal.abort() };
    expect(await waitFor('Kafka', () => Promise.resolve(1), stopped)).toBeNull();
  });
});
