// The past of a topic on a real Kafka: every record since a time, partition by partition, and an end.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTopicRange } from '#adapters/kafka/topic-range.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { RecordingLogger } from '../support/recording.ts';
import { type KafkaUnderTest, setUpKafka, testSettings } from './record-stream-kafka.ts';

const topic = 'past';
let kafka: KafkaUnderTest;

beforeAll(async () => {
  kafka = await setUpKafka({ brokers: 1 });
  const spec = { name: topic, partitions: 3, replicationFactor: 1, cleanup: 'delete' } as const;
  await kafka.admin.ensure([{ ...spec, retentionMs: 86_400_000, maxMessageBytes: 1_000_000 }]);
});
afterAll(() => kafka.stop());

async function read(sinceMs: number): Promise<readonly string[]> {
  const deps = { logger: new RecordingLogger(), clock: systemClock };
  const range = await openTopicRange(topic, sinceMs, testSettings(kafka.brokers), deps);
  const found: string[] = [];
  try {
    for (const partition of range.partitions) {
      for await (const values of partition) for (const value of values) found.push(Buffer.from(value).toString());
    }
  } finally {
    await range.close();
  }
  return found.sort();
}

it('gives what was written since a time, once, and comes to an end', async () => {
  expect(await read(0)).toEqual([]);
  const append = (from: number) =>
    kafka.append(Array.from({ length: 200 }, (_, i) => ({ topic, key: `key-${i}`, value: String(from + i) })));
  await append(1000);
  await systemClock.sleep(50, new AbortController().signal);
  const betweenMs = systemClock.nowMs();
  await append(2000);
  const numbers = (from: number) => Array.from({ length: 200 }, (_, i) => String(from + i));
  expect(await read(0)).toEqual([...numbers(1000), ...numbers(2000)]);
  expect(await read(betweenMs)).toEqual(numbers(2000));
  expect(await read(systemClock.nowMs() + 60_000)).toEqual([]);
});

it('says so where there is no such topic', async () => {
  const deps = { logger: new RecordingLogger(), clock: systemClock };
  await expect(openTopicRange('nowhere', 0, testSettings(kafka.brokers), deps)).rejects.toMatchObject({
    code: expect.stringMatching(/^KAFKA_/),
  });
});
