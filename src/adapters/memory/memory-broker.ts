// Topics, groups and transactions in one process's memory: what joins the loops where there is no Kafka, with the same
// guarantees as long as the process lives. For the demo, for replays and for tests. Sources append; loops consume.
import { AdapterError } from '#ports/adapter-error.ts';
import type { OutputRecord, RecordStream } from '#ports/record-stream.ts';
import type { TopicAdmin } from '#ports/topic-admin.ts';
import { consumeInMemory } from './memory-consumption.ts';
import type { MemoryBrokerDeps, MemoryBrokerSettings, MemoryBrokerState } from './memory-settings.ts';
import { MemoryTopics } from './memory-topics.ts';

/** The embedded record stream and its topics. */
export interface MemoryBroker extends RecordStream, TopicAdmin {
  /** Writes one record; see `appendBatch`. */
  append(topic: string, key: string | null, value: string | Uint8Array | null, signal?: AbortSignal): Promise<void>;
  /**
   * Writes the records in order, all at once. Waits while the loops are more than `maxHeldBytes` behind: that is the
   * backpressure. Throws `ABORTED` when `signal` is aborted meanwhile, `KAFKA_UNAVAILABLE` where a topic is missing.
   */
  appendBatch(records: readonly OutputRecord[], signal?: AbortSignal): Promise<void>;
  /** The latest value by key of a compacted topic, all partitions together, as they are now; `null` where there is no such topic. */
  table(topic: string): ReadonlyMap<string, Uint8Array> | null;
}

/** An empty broker: topics are made by `ensure`. */
export function createMemoryBroker(settings: MemoryBrokerSettings, deps: MemoryBrokerDeps): MemoryBroker {
  const state: MemoryBrokerState = { settings, deps, topics: new MemoryTopics(settings), groups: new Map() };
  const { topics } = state;
  const appendBatch: MemoryBroker['appendBatch'] = async (records, signal) => {
    await roomIn(state, signal);
    topics.write(records);
  };
  return {
    append: (topic, key, value, signal) => appendBatch([{ topic, key, value }], signal),
    appendBatch,
    table: (topic) => {
      const count = topics.partitionCount(topic);
      if (count === null) return null;
      const tables = Array.from({ length: count }, (_, partition) => topics.partition(topic, partition).latest());
      return new Map(tables.flatMap((table) => [...table]));
    },
    consume: (options, signal) => consumeInMemory(state, options, signal),
    ensure: (specs) => Promise.resolve(specs.map((spec) => topics.ensure(spec))),
    partitionCount: (topic) => Promise.resolve(topics.partitionCount(topic)),
    close: () => Promise.resolve(),
  };
}

async function roomIn({ topics, settings }: MemoryBrokerState, signal?: AbortSignal): Promise<void> {
  while (topics.heldBytes() > settings.maxHeldBytes) {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        forget();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const forget = topics.onChange(wake);
      signal?.addEventListener('abort', wake, { once: true });
      if (signal?.aborted) wake();
    });
    if (signal?.aborted) throw new AdapterError('ABORTED', 'stopped while waiting for room', { retryable: true });
  }
}
