// Writes what came of one input partition together with the group's offset, in transactions whose id belongs to that
// partition: the newest writer of an id fences all older ones.
import { type Kafka, Partitioners, type Producer, type Transaction } from 'kafkajs';
import type { HandOver } from '#ports/record-stream.ts';
import type { Clock } from '#ports/system.ts';
import type { PartitionName } from './cluster-client.ts';
import type { KafkaStreamSettings } from './kafka-settings.ts';
import { toOutputChunks } from './output-chunks.ts';
import { hasErrorType, toAdapterError } from './to-adapter-error.ts';
import { within } from './within.ts';

/** Whose transactions these are. */
export interface WriterIdentity {
  readonly groupId: string;
  readonly transactionalId: string;
  readonly input: PartitionName;
}

/** The writer of one input partition. */
export interface TransactionalWriter extends HandOver {
  /**
   * Fences all older writers of the same input partition: their open transactions are aborted, and finished ones are complete
   * when this resolves, the offsets in them included. Throws `AdapterError`.
   */
  fence(): Promise<void>;
  close(): Promise<void>;
}

type HandedOver = Parameters<HandOver['commit']>[0];

/** After a commit, the coordinator writes its markers for some milliseconds before it begins the next transaction. */
const concurrentPauseMs = 20;
const concurrentAttempts = 100;

/** A writer; it connects with `fence`. */
export function createTransactionalWriter(
  kafka: Kafka,
  identity: WriterIdentity,
  settings: KafkaStreamSettings,
  clock: Clock,
): TransactionalWriter {
  const producer = kafka.producer({
    transactionalId: identity.transactionalId,
    transactionTimeout: settings.transactionTimeoutMs,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    metadataMaxAge: settings.metadataMaxAgeMs,
    createPartitioner: Partitioners.DefaultPartitioner,
    // Never: where a leader moves between two tries, kafkajs leaves out the records of one partition or sends another's twice,
    // because it remembers brokers that have answered, not partitions. Here the partition is opened anew instead.
    retry: { retries: 0 },
  });
  // A transaction that took longer was aborted by the coordinator.
  const durationMs = settings.transactionTimeoutMs;
  return {
    fence: () => within({ durationMs, doing: `fencing ${identity.transactionalId}`, clock }, fence(producer, identity)),
    commit: (handed) => {
      const doing = `committing ${identity.transactionalId}`;
      return within({ durationMs, doing, clock }, commit(producer, { identity, settings, clock }, handed));
    },
    close: () => producer.disconnect(),
  };
}

async function fence(producer: Producer, identity: WriterIdentity): Promise<void> {
  try {
    await producer.connect();
    // Beginning the first transaction takes the producer id, and that fences; nothing else is sent.
    const transaction = await producer.transaction();
    await transaction.abort();
  } catch (error) {
    throw toAdapterError(error, `fencing ${identity.transactionalId}`);
  }
}

interface CommitParts {
  readonly identity: WriterIdentity;
  readonly settings: KafkaStreamSettings;
  readonly clock: Clock;
}

async function commit(producer: Producer, parts: CommitParts, handed: HandedOver): Promise<void> {
  const { identity, settings } = parts;
  try {
    const transaction = await producer.transaction();
    // First, because it can be tried again: the coordinator may still be writing the markers of the transaction before.
    await sendOffset(transaction, parts, handed.nextOffset);
    for (const topicMessages of toOutputChunks(handed.records, settings.produceMaxBytes)) {
      await transaction.sendBatch({ acks: -1, topicMessages });
    }
    await transaction.commit();
  } catch (error) {
    // Not aborted: a produce request that is still on its way would come behind the abort, into a transaction that nobody ends.
    // The fence of the next opening, or the transaction's timeout, aborts with a newer epoch, which such a request cannot pass.
    throw toAdapterError(error, `committing ${identity.transactionalId}`);
  }
}

async function sendOffset(transaction: Transaction, parts: CommitParts, nextOffset: number): Promise<void> {
  const { groupId, input } = parts.identity;
  const partitions = [{ partition: input.partition, offset: String(nextOffset) }];
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic: input.topic, partitions }] });
    } catch (error) {
      if (!hasErrorType(error, 'CONCURRENT_TRANSACTIONS') || attempt >= concurrentAttempts) throw error;
      await parts.clock.sleep(concurrentPauseMs, never);
    }
  }
}

const never = new AbortController().signal;
