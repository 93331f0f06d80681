// Writes records outside of any loop: for tools that requeue, and for tests. Idempotent, not transactional.
import {
  type Admin,
  type ICustomPartitioner,
  type Kafka,
  type Message,
  Partitioners,
  type PartitionMetadata,
  type Producer,
} from 'kafkajs';
import type { Logger } from '#ports/logger.ts';
import type { OutputRecord } from '#ports/record-stream.ts';
import { createKafkaClient } from './kafka-client.ts';
import { type KafkaConnectionSettings, kafkaStreamDefaults } from './kafka-settings.ts';
import { toOutputChunks } from './output-chunks.ts';
import { toAdapterError } from './to-adapter-error.ts';

/** Writes records. */
export interface KafkaProducer {
  /**
   * Resolves when all replicas in sync have all records, each partition's in their order, each once. Waits half a minute for
   * leaders that move. Throws `AdapterError`: then some may be written. Calls must not overlap.
   */
  sendAll(records: readonly OutputRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** A producer; it connects with the first records. */
export function createKafkaProducer(
  settings: KafkaConnectionSettings & { readonly produceMaxBytes?: number },
  deps: { readonly logger: Logger },
): KafkaProducer {
  const kafka = createKafkaClient(settings, deps.logger);
  const produceMaxBytes = settings.produceMaxBytes ?? kafkaStreamDefaults.produceMaxBytes;
  let connected: Promise<Connected> | null = null;
  const close = async (): Promise<void> => {
    const closing = connected;
    connected = null;
    await closing
      ?.then((open) => Promise.all([open.producer.disconnect(), open.admin.disconnect()]))
      .catch(() => undefined);
  };
  return {
    sendAll: async (records) => {
      try {
        connected ??= connect(kafka);
        const open = await connected;
        for (const chunk of toOutputChunks(records, produceMaxBytes)) {
          for (const { topic, messages } of chunk) await sendToTopic(open, topic, messages);
        }
      } catch (error) {
        // After a failure its sequence numbers are no longer certain: the next records get a new producer.
        await close();
        throw toAdapterError(error, `writing ${records.length} records`);
      }
    },
    close,
  };
}

interface Connected {
  readonly producer: Producer;
  readonly admin: Admin;
  readonly choosePartition: ReturnType<ICustomPartitioner>;
  readonly partitionsOf: Map<string, PartitionMetadata[]>;
}

async function connect(kafka: Kafka): Promise<Connected> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 30, initialRetryTime: 50, maxRetryTime: 1_000 },
  });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);
  return { producer, admin, choosePartition: Partitioners.DefaultPartitioner(), partitionsOf: new Map() };
}

/** One partition a request: kafkajs tries requests to several brokers again in parts, and loses or doubles a part where a leader moves. */
async function sendToTopic(open: Connected, topic: string, messages: readonly Message[]): Promise<void> {
  const partitionMetadata = open.partitionsOf.get(topic) ?? (await lookUp(open.admin, topic));
  open.partitionsOf.set(topic, partitionMetadata);
  const byPartition = Map.groupBy(messages, (message) => open.choosePartition({ topic, partitionMetadata, message }));
  const sends = [...byPartition].map(([partition, group]) =>
    open.producer.send({ topic, acks: -1, messages: group.map((message) => ({ ...message, partition })) }),
  );
  await Promise.all(sends);
}

async function lookUp(admin: Admin, topic: string): Promise<PartitionMetadata[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics.find(({ name }) => name === topic)?.partitions ?? [];
}
