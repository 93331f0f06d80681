// Writes records outside of any loop: for tools that requeue, and for tests. Idempotent, not transactional.
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { Logger } from '#ports/logger.ts';
import type { OutputRecord } from '#ports/record-stream.ts';
import { createKafkaClient } from './kafka-client.ts';
import { type KafkaConnectionSettings, kafkaStreamDefaults } from './kafka-settings.ts';
import { toOutputChunks } from './output-chunks.ts';
import { toAdapterError } from './to-adapter-error.ts';

/** Writes records. */
export interface KafkaProducer {
  /** Resolves when all replicas in sync have all records; each partition's are in order. Throws `AdapterError`: then some may be written. */
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
  let connected: Promise<Producer> | null = null;
  const close = async (): Promise<void> => {
    const closing = connected;
    connected = null;
    await closing?.then((producer) => producer.disconnect()).catch(() => undefined);
  };
  return {
    sendAll: async (records) => {
      try {
        connected ??= connect(kafka);
        const producer = await connected;
        for (const topicMessages of toOutputChunks(records, produceMaxBytes)) {
          await producer.sendBatch({ acks: -1, topicMessages });
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

async function connect(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 8, initialRetryTime: 50, maxRetryTime: 1_000 },
  });
  await producer.connect();
  return producer;
}
