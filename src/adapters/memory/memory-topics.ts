// The topics of the memory broker, and how much of them is held for whom.
import { AdapterError } from '#ports/adapter-error.ts';
import type { OutputRecord } from '#ports/record-stream.ts';
import type { TopicChange, TopicSpec } from '#ports/topic-admin.ts';
import { MemoryPartition } from './memory-partition.ts';
import { partitionOf } from './partition-of.ts';

/** A group's place in the partitions of one topic. */
export type CommittedOffset = (partition: number) => number | null;

interface MemoryTopic {
  readonly partitions: readonly MemoryPartition[];
  /** Groups that have ever consumed it, by name. */
  readonly readers: Map<string, CommittedOffset>;
  nextPartition: number;
}

/** Bounds of what is kept. */
export interface KeepLimits {
  /** Of a topic that no group reads, bytes in a partition: the oldest go. */
  readonly maxUnreadBytes: number;
  /** Behind the slowest group, bytes in a partition: loops with snapshots go back some way when they are opened anew. */
  readonly keepBehindBytes: number;
}

/** All topics of one broker. */
export class MemoryTopics {
  readonly #limits: KeepLimits;
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #listeners = new Set<() => void>();

  constructor(limits: KeepLimits) {
    this.#limits = limits;
  }

  ensure(spec: TopicSpec): TopicChange {
    if (this.#topics.has(spec.name)) return { topic: spec.name, change: 'unchanged' };
    const partitions = Array.from({ length: spec.partitions }, () => new MemoryPartition(spec.cleanup === 'compact'));
    this.#topics.set(spec.name, { partitions, readers: new Map(), nextPartition: 0 });
    this.#notify();
    return { topic: spec.name, change: 'created' };
  }

  partitionCount(topic: string): number | null {
    return this.#topics.get(topic)?.partitions.length ?? null;
  }

  /** Throws `KAFKA_UNAVAILABLE` where there is no such topic, `KAFKA_REJECTED` where there is no such partition. */
  partition(topic: string, number: number): MemoryPartition {
    const found = this.#topic(topic).partitions[number];
    if (found !== undefined) return found;
    throw new AdapterError('KAFKA_REJECTED', `topic ${topic} has no partition ${number}`, { retryable: false });
  }

  /** Registers a group: what it has not committed is kept for it. */
  addReader(topic: string, group: string, committed: CommittedOffset): void {
    this.#topic(topic).readers.set(group, committed);
  }

  /** Writes all records or, where one has no place, none. */
  write(records: readonly OutputRecord[]): void {
    const places = records.map((record) => {
      const topic = this.#topic(record.topic);
      return { record, topic, partition: this.partition(record.topic, choosePartition(topic, record)) };
    });
    const unread = new Set<MemoryPartition>();
    for (const { record, topic, partition } of places) {
      partition.append(record.key === null ? null : Buffer.from(record.key), toBuffer(record.value));
      if (topic.readers.size === 0) unread.add(partition);
    }
    for (const partition of unread) partition.dropBefore(partition.endOffset, this.#limits.maxUnreadBytes);
  }

  /** Drops what every group has committed past. */
  trim(topic: string, number: number): void {
    const { readers } = this.#topic(topic);
    const partition = this.partition(topic, number);
    partition.dropBefore(slowest(readers, number, partition), this.#limits.keepBehindBytes);
    this.#notify();
  }

  /** Bytes of records that some group has not committed past. */
  heldBytes(): number {
    let bytes = 0;
    for (const { partitions, readers } of this.#topics.values()) {
      if (readers.size === 0) continue;
      partitions.forEach((partition, number) => {
        bytes += partition.bytesFrom(slowest(readers, number, partition));
      });
    }
    return bytes;
  }

  /** Calls `listener` when a topic was made or room was given back; the result ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #topic(name: string): MemoryTopic {
    const found = this.#topics.get(name);
    if (found !== undefined) return found;
    throw new AdapterError('KAFKA_UNAVAILABLE', `there is no topic ${name}`, { retryable: true });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function slowest(readers: ReadonlyMap<string, CommittedOffset>, number: number, partition: MemoryPartition): number {
  let slowestOffset = partition.endOffset;
  for (const committed of readers.values()) {
    slowestOffset = Math.min(slowestOffset, committed(number) ?? partition.startOffset);
  }
  return slowestOffset;
}

function choosePartition(topic: MemoryTopic, record: OutputRecord): number {
  if (record.partition !== undefined) return record.partition;
  if (record.key !== null) return partitionOf(record.key, topic.partitions.length);
  topic.nextPartition = (topic.nextPartition + 1) % topic.partitions.length;
  return topic.nextPartition;
}

/** A copy: who wrote it may use its buffer again. */
function toBuffer(value: string | Uint8Array | null): Buffer | null {
  return value === null ? null : Buffer.from(value as Uint8Array);
}
