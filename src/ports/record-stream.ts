// Partitioned, ordered, durable records: Kafka, or the embedded store in memory. All loops are joined by this port.

/** One partition of one topic of one cluster: the origin of records, and a unit of work. */
export interface PartitionOrigin {
  /** Name of the cluster in the configuration: part of every derived id, because offsets collide between clusters. */
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
}

/** A record as it was written. */
export interface StreamRecord {
  readonly offset: number;
  readonly key: Uint8Array | null;
  /** `null` is a tombstone. */
  readonly value: Uint8Array | null;
}

/** Committed records in offset order. Offsets may have gaps (transaction markers, compaction), never repeats. */
export interface StreamBatch {
  readonly records: readonly StreamRecord[];
  /** Where to go on after this batch. */
  readonly nextOffset: number;
  /** Records that are in the partition behind this batch, as far as known: the lag in records. */
  readonly behind: number;
}

/** A record to be written. */
export interface OutputRecord {
  readonly topic: string;
  /** Decides the partition where `partition` is not given (murmur2, as every Kafka client does it). */
  readonly key: string | null;
  readonly value: string | Uint8Array | null;
  readonly partition?: number;
}

/**
 * The one way in which a loop hands on what came of a partition's records. Bound to that partition and fenced: once a newer
 * owner has opened the partition, every commit of an older one fails with `KAFKA_FENCED` and leaves no trace.
 */
export interface HandOver {
  /**
   * Writes all `records` and moves the group's offset of the input partition to `nextOffset`, in one transaction: readers
   * see all or nothing, also after SIGKILL at any moment. When it rejects, the outcome may be unknown: the partition has to be
   * opened again, which tells. Calls must not overlap.
   */
  commit(handed: { readonly records: readonly OutputRecord[]; readonly nextOffset: number }): Promise<void>;
}

/** What a loop gets when a partition becomes its own. */
export interface OpenedPartition {
  readonly origin: PartitionOrigin;
  /** How many partitions the topic has. */
  readonly partitionCount: number;
  readonly handOver: HandOver;
  /** The group's committed offset, read after the fence; `null` if none was ever committed. */
  readonly committedOffset: number | null;
  /** Latest value by key of the same partition of the loop's state topic, read after the fence; empty without one. */
  readonly state: ReadonlyMap<string, Uint8Array>;
  /** Whether nothing is left to read: the position is the partition's end now. Asks the broker, so call it rarely. */
  isAtEnd(): Promise<boolean>;
  /** Aborted when the partition is lost or the loop stops: stop waiting, do not commit any more. */
  readonly signal: AbortSignal;
}

/** A loop's work on one partition. Calls never overlap; after a rejection the partition is opened anew from its commits. */
export interface PartitionProcessor {
  /** The next records. Resolves when the next batch may come; until then the partition is not read: that is the backpressure. */
  process(batch: StreamBatch): Promise<void>;
  /** Called about every `tickMs`, whether or not records come. `nowMs` is the wall clock. */
  tick(nowMs: number): Promise<void>;
  /** The loop stops in good order: commit what is finished. Not called when the partition was lost. */
  drain(): Promise<void>;
}

/** Makes the processor of a partition and says where reading starts: an offset, or `earliest`. */
type OpenPartition = (
  opened: OpenedPartition,
) => Promise<{ readonly processor: PartitionProcessor; readonly startOffset: number | 'earliest' }>;

/** What a loop consumes. */
export interface ConsumeOptions {
  /** Name of the loop: makes the group id and the transactional ids, so loops never disturb each other. */
  readonly loop: string;
  readonly topics: readonly string[];
  /** Compacted topic with as many partitions as the input, in which the loop keeps its state; partition N for input partition N. */
  readonly stateTopic?: string;
  readonly tickMs: number;
  readonly open: OpenPartition;
}

/** Consumes topics as a member of the loop's group; several processes share the partitions. */
export interface RecordStream {
  /**
   * Runs until `signal` is aborted, then drains and resolves. Survives lost connections, rebalances and fences by opening the
   * partitions anew. Delivers a record again after a failure, never skips one. Rejects only on what no retry can mend.
   */
  consume(options: ConsumeOptions, signal: AbortSignal): Promise<void>;
}
