// Silences on a real Kafka: set from outside, taken by notify in one order with the alerts, listed from its state.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKafkaSilenceStore } from '#adapters/kafka/kafka-silence-store.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { encodeTransition } from '#core/evaluate/transition-wire.ts';
import type { Silence } from '#core/notify/silence.ts';
import { createNotifyLoop, notifyDefaults } from '#pipeline/notify-loop.ts';
import { topicNames, topicSpecs } from '#pipeline/topics.ts';
import { defaultMasker } from '../support/default-masker.ts';
import { aTransition, incidentStartAtMs } from '../support/notify-builders.ts';
import { AccidentalMessenger } from '../support/notify-world.ts';
import { RecordingLogger } from '../support/recording.ts';
import { type KafkaUnderTest, setUpKafka, testSettings } from './record-stream-kafka.ts';

const names = topicNames('silences');
let kafka: KafkaUnderTest;

beforeAll(async () => {
  kafka = await setUpKafka({ brokers: 1 });
  await kafka.admin.ensure(topicSpecs(names, { partitions: 3, replicationFactor: 1 }));
});
afterAll(() => kafka.stop());

async function until(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; !(await what()); i += 1) {
    if (i > 300) throw new Error(`not within a minute:\n${kafka.story?.() ?? ''}`);
    await systemClock.sleep(200, new AbortController().signal);
  }
}

it('holds back what is written behind it, and lets go when it ends', async () => {
  const { clock, logger } = { clock: systemClock, logger: new RecordingLogger() };
  const store = createKafkaSilenceStore(names, testSettings(kafka.brokers), { clock, logger });
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
  await kafka.append([{ topic: names.alerts, key: firing.fingerprint, value: encodeTransition(firing) }]);

  const channel = new AccidentalMessenger('C1', () => null);
  const render = { timeZone: 'UTC', language: 'en', searchUrlTemplate: null } as const;
  const stopping = new AbortController();
  const { meter } = kafka;
  const loop = createNotifyLoop(
    { ...notifyDefaults, names, render, masker: defaultMasker },
    { messenger: channel, fallback: channel, clock, meter, logger },
  );
  const running = kafka.newStream().consume(loop, stopping.signal);
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
