// Silences on a real Kafka.
import { afterAll, beforeAll } from 'vitest';
import { createKafkaSilenceStore } from '#adapters/kafka/kafka-silence-store.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { topicNames, topicSpecs } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import { type KafkaUnderTest, setUpKafka, testSettings } from './record-stream-kafka.ts';
import { silenceStoreContract } from './silence-store-contract.ts';

const names = topicNames('silences');
let kafka: KafkaUnderTest;

beforeAll(async () => {
  kafka = await setUpKafka({ brokers: 1 });
  await kafka.admin.ensure(topicSpecs(names, { partitions: 3, replicationFactor: 1 }));
});
afterAll(() => kafka.stop());

silenceStoreContract(() => {
  const deps = { clock: systemClock, logger: silentLogger };
  return {
    names,
    store: createKafkaSilenceStore(names, testSettings(kafka.brokers), deps),
    meter: kafka.meter,
    stream: kafka.newStream(),
    append: async (records) => {
      await kafka.append(records);
    },
    story: () => kafka.story?.() ?? '',
  };
});
