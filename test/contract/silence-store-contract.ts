// What every store of silences promises: set from outside, taken by notify in one order with the alerts, listed from its state.
import { expect, it } from 'vitest';
import { systemClock } from '#adapters/system/clock.ts';
import { encodeTransition } from '#core/evaluate/transition-wire.ts';
import type { Silence } from '#core/notify/silence.ts';
import { createNotifyLoop, notifyDefaults } from '#pipeline/notify-loop.ts';
import type { TopicNames } from '#pipeline/topics.ts';
import type { Meter } from '#ports/meter.ts';
import type { OutputRecord, RecordStream } from '#ports/record-stream.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import { defaultMasker } from '../support/default-masker.ts';
import { aTransition, incidentStartAtMs } from '../support/notify-builders.ts';
import { AccidentalMessenger } from '../support/notify-world.ts';
import { RecordingLogger } from '../support/recording.ts';

/** A store, and the topics that it stands for. */
export interface SilenceWorld {
  readonly names: TopicNames;
  readonly store: SilenceStore;
  readonly meter: Meter;
  readonly stream: Pick<RecordStream, 'consume'>;
  append(records: readonly OutputRecord[]): Promise<void>;
  /** For the message of a failure. */
  story(): string;
}

/** Runs the suite on a store. */
export function silenceStoreContract(open: () => SilenceWorld): void {
  it('holds back what is written behind it, and lets go when it ends', async () => {
    const { names, store, meter, stream, append, story } = open();
    const logger = new RecordingLogger();
    const until = async (what: () => Promise<boolean> | boolean): Promise<void> => {
      for (let i = 0; !(await what()); i += 1) {
        if (i > 600) throw new Error(`not within a minute:\n${story()}`);
        await systemClock.sleep(100, new AbortController().signal);
      }
    };
    const signal = new AbortController().signal;
    expect(await store.list(signal)).toEqual([]);
    const silence: Silence = {
      id: 's1',
      matchers: [{ label: 'alertname', operator: '=', value: 'UpstreamConnectionTermination' }],
      fromMs: incidentStartAtMs,
      untilMs: incidentStartAtMs + 86_400_000,
      author: 'mina',
      reason: 'test',
    };
    await store.put(silence);
    const firing = aTransition();
    await append([{ topic: names.alerts, key: firing.fingerprint, value: encodeTransition(firing) }]);

    const channel = new AccidentalMessenger('C1', () => null);
    const render = { timeZone: 'UTC', language: 'en', searchUrlTemplate: null } as const;
    const stopping = new AbortController();
    const loop = createNotifyLoop(
      { ...notifyDefaults, names, render, masker: defaultMasker },
      { messenger: channel, fallback: channel, clock: systemClock, meter, logger },
    );
    const running = stream.consume(loop, stopping.signal);
    await until(async () => (await store.list(signal)).length === 1);
    expect(await store.list(signal)).toEqual([silence]);
    await until(() => logger.lines.includes('info nobody is told of an alert'));
    expect(channel.messages).toEqual([]);
    await store.put({ ...silence, untilMs: incidentStartAtMs + 1 });
    await until(() => channel.messages.length === 1);
    stopping.abort();
    await running;
    await store.close();
  });
}
