// Topics as `setup` creates them and as commands look into them.

/** One topic of flagwatch: who writes it under which key is in ARCHITECTURE.md. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Copies of each partition; -1 takes the broker's default. */
  readonly replicationFactor: number;
  /** Compacted topics keep the latest value by key for ever; the others keep records for `retentionMs`. */
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs: number;
  /** Largest record, bytes. */
  readonly maxMessageBytes: number;
}

/** What `ensure` did to a topic. */
export type TopicChange = { readonly topic: string; readonly change: 'created' | 'updated' | 'unchanged' };

/** Creates and inspects topics. */
export interface TopicAdmin {
  /** Creates what is missing and corrects retention; never shrinks, never deletes. Safe to call again and concurrently. */
  ensure(topics: readonly TopicSpec[]): Promise<readonly TopicChange[]>;
  /** Number of partitions, `null` where the topic does not exist. */
  partitionCount(topic: string): Promise<number | null>;
  close(): Promise<void>;
}
