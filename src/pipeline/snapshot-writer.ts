// When a partition's state is written and how: what every loop with snapshots does the same way.
import type { OpenedPartition, OutputRecord } from '#ports/record-stream.ts';
import { encodeSnapshot, type Snapshot, snapshotKeys } from './snapshot-wire.ts';

/** Settings of a writer. */
export interface SnapshotWriterSettings {
  /** The loop's compacted state topic. */
  readonly topic: string;
  readonly intervalMs: number;
}

/** Makes the snapshot records of one partition. */
export class SnapshotWriter {
  readonly #settings: SnapshotWriterSettings;
  readonly #partition: number;
  #parts: number;
  #writtenMs: number | null = null;

  constructor(settings: SnapshotWriterSettings, opened: OpenedPartition) {
    this.#settings = settings;
    this.#partition = opened.origin.partition;
    this.#parts = snapshotKeys(opened.state).length;
  }

  /** Whether the last one was written so long ago that the next is due; the first is due at once. */
  isDue(nowMs: number): boolean {
    return this.#writtenMs === null || nowMs - this.#writtenMs >= this.#settings.intervalMs;
  }

  /** The records that hold the snapshot; to be committed in one transaction with its offset. */
  encode(snapshot: Snapshot): readonly OutputRecord[] {
    const parts = encodeSnapshot(snapshot, this.#parts);
    this.#parts = parts.filter((part) => part.value !== null).length;
    const { topic } = this.#settings;
    return parts.map(({ key, value }) => ({ topic, partition: this.#partition, key, value }));
  }

  /** To be called when the records are committed. */
  noteWritten(nowMs: number): void {
    this.#writtenMs = nowMs;
  }
}
