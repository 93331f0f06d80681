// 1,000 unreadable lines among the good ones: all in the dead-letter topic with a reason, none lost, nothing stopped.
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually, FlagwatchProcess } from '../support/flagwatch-process.ts';
import { expectOutcome, finished } from './outcome.ts';
import { incidentLines, openWorld, type World } from './world.ts';

let world: World | null = null;
let run: FlagwatchProcess | null = null;
afterAll(async () => {
  await run?.kill();
  await world?.stop();
});

interface DeadLetter {
  readonly reason: string;
  readonly detail: string;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly bytes: number;
  readonly cut: boolean;
}

const makers: Readonly<Record<string, (line: string, i: number) => string | Buffer>> = {
  cut: (line, i) => line.slice(0, 1 + ((i * 37) % (line.length - 2))),
  binary: () => randomBytes(300),
  'wrong types': (line) => line.replace('"response_code":', '"response_code":{"a":1},"was":'),
  'not an access log': () => '{"level":"info","message":"application started"}',
  'deep nesting': (_, i) => `${'{"a":'.repeat(2000 + i)}1${'}'.repeat(2000 + i)}`,
  __proto__: () => '{"__proto__":{"response_flags":"UC","response_code":503,"start_time":"2026-01-01T00:00:00Z"}}',
  future: (line) =>
    line.replace(/"start_time":"[^"]*"/, `"start_time":"${new Date(Date.now() + 86_400_000).toISOString()}"`),
  empty: () => '',
  // The broker refuses more than 1 MB with its headers.
  'up to the broker’s limit': (line) => `${line.slice(0, -1)},"never ends":"${'y'.repeat(1_000_000 - line.length)}`,
};

describe('unreadable lines', () => {
  it('are all in the dead-letter topic with a reason, and the rest goes its way', async () => {
    world = await openWorld();
    const at = world;
    const good = incidentLines(4);
    const kinds = Object.entries(makers);
    const bad = Array.from({ length: 1000 }, (_, i) => {
      // Large ones are few: a thousand of them would be a gigabyte.
      const [name, make] = kinds[i < 5 ? kinds.length - 1 : i % (kinds.length - 1)] ?? [];
      const line = good[i * 7]?.line ?? '';
      return { name, pod: `pod-${i % 20}`, line: make?.(line, i) ?? '' };
    });
    const step = Math.floor(good.length / bad.length);
    const mixed = good.flatMap((line, i) => {
      const letter = i % step === 0 ? bad[i / step] : undefined;
      return letter === undefined ? [line] : [letter, line];
    });
    run = new FlagwatchProcess(['run', '-c', at.configFile], { SLACK_BOT_TOKEN: at.slack.token });
    run.start();
    await at.produce(mixed);
    const log = () => run?.log ?? '';
    await finished(at, good.length, 120_000, log);

    const letters = await eventually(
      async () => {
        const read = (await at.readTopic(`${at.prefix}.dead-letters`)).map(
          ({ value }) => JSON.parse(value) as DeadLetter,
        );
        return read.length >= bad.length ? read : null;
      },
      { timeoutMs: 60_000, describe: () => log().slice(-3000) },
    );
    expect(letters).toHaveLength(bad.length);
    expect(new Set(letters.map(({ origin }) => `${origin.partition}/${origin.offset}`)).size).toBe(bad.length);
    for (const { reason, detail } of letters) {
      expect(reason).toMatch(/^[a-z0-9_]+$/);
      expect(detail).not.toBe('');
    }
    const reasons = new Set(letters.map(({ reason }) => reason));
    for (const reason of [
      'malformed_json',
      'not_an_access_log',
      'too_deep',
      'future_timestamp',
      'empty',
      'wrong_type',
    ]) {
      expect([...reasons]).toContain(reason);
    }
    expect(letters.filter(({ cut }) => cut)).toHaveLength(5);

    await expectOutcome(at, good, { others: bad.length });
    expect(await run.terminate()).toBe(0);
  });
});
