// Kafka as the contract suite drives it: a real cluster, streams with short patience, and a way to take a partition over
// behind its owner's back.
import { createKafkaClient } from '#adapters/kafka/kafka-client.ts';
import { createKafkaProducer } from '#adapters/kafka/kafka-producer.ts';
import { createKafkaRecordStream } from '#adapters/kafka/kafka-record-stream.ts';
import { type KafkaStreamSettings, kafkaStreamDefaults } from '#adapters/kafka/kafka-settings.ts';
import { createKafkaTopicAdmin } from '#adapters/kafka/kafka-topic-admin.ts';
import { createTransactionalWriter } from '#adapters/kafka/transactional-writer.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { type KafkaService, startKafka } from '../services/kafka.ts';
import { SummingMeter } from '../support/loop-harness.ts';
import { RecordingLogger } from '../support/recording.ts';
import type { StreamUnderTest } from './record-stream-drive.ts';

/** A cluster under test, and what its streams said. */
export interface KafkaUnderTest extends StreamUnderTest {
  readonly brokers: readonly string[];
  readonly service: KafkaService;
  readonly meter: SummingMeter;
  readonly logger: RecordingLogger;
}

/** Settings of streams in tests: what takes seconds in life takes less. */
export function testSettings(brokers: readonly string[]): KafkaStreamSettings {
  return {
    ...kafkaStreamDefaults,
    clusterName: 'dc1',
    brokers,
    prefix: 'test',
    sessionTimeoutMs: 3_000,
    heartbeatIntervalMs: 300,
    rebalanceTimeoutMs: 5_000,
    fetchMaxWaitMs: 200,
    retryFirstMs: 50,
    retryMaxMs: 1_000,
  };
}

/** Starts a cluster. */
export async function setUpKafka(options: { readonly brokers: 1 | 3 }): Promise<KafkaUnderTest> {
  const service = await startKafka(options);
  const settings = testSettings(service.brokers);
  const [logger, meter] = [new RecordingLogger(), new SummingMeter()];
  const deps = { logger, meter, clock: systemClock };
  const admin = createKafkaTopicAdmin(settings, deps);
  const producer = createKafkaProducer(settings, deps);
  const kafka = createKafkaClient(settings, logger);
  return {
    service,
    brokers: service.brokers,
    meter,
    logger,
    clusterName: settings.clusterName,
    admin,
    newStream: () => createKafkaRecordStream(settings, deps),
    append: (records) => producer.sendAll(records),
    usurp: async (loop, of) => {
      const groupId = `${settings.prefix}.${loop}`;
      const transactionalId = `${groupId}.${settings.clusterName}.${of.topic}.${of.partition}`;
      const writer = createTransactionalWriter(kafka, { groupId, transactionalId, input: of }, settings, systemClock);
      await writer.fence();
      await writer.close();
    },
    pass: () => systemClock.sleep(20, new AbortController().signal),
    story: () =>
      logger.lines
        .slice(-40)
        .map((line, i) => `${line} ${JSON.stringify(logger.fields.slice(-40)[i])}`)
        .join('\n'),
    stop: async () => {
      await Promise.all([admin.close(), producer.close()]);
      await service.stop();
    },
  };
}
