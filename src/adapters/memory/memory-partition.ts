// One partition in memory: records in offset order from the oldest that is kept, and the latest value by key where the topic
// is compacted.
import type { StreamRecord } from '#ports/record-stream.ts';

/** Records and where to go on. */
export interface ReadChunk {
  readonly records: readonly StreamRecord[];
  readonly nextOffset: number;
  readonly valueBytes: number;
}

/** Bounds of one read. */
export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** What a record weighs beside its key and value: the objects around them. */
const recordOverheadBytes = 64;

/** Keeps records; who may read and when they go is decided by others. */
export class MemoryPartition {
  readonly #isCompacted: boolean;
  readonly #latest = new Map<string, Uint8Array>();
  #records: StreamRecord[] = [];
  /** Bytes appended up to and with the record of the same index. */
  #bytesUpTo: number[] = [];
  readonly #listeners = new Set<() => void>();
  #appendedBytes = 0;
  #droppedBytes = 0;
  #startOffset = 0;

  constructor(isCompacted: boolean) {
    this.#isCompacted = isCompacted;
  }

  /** Offset of the oldest record that is kept. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** Offset of the next record. */
  get endOffset(): number {
    return this.#startOffset + this.#records.length;
  }

  /** Bytes of all records that are kept. */
  get keptBytes(): number {
    return this.#appendedBytes - this.#droppedBytes;
  }

  append(key: Buffer | null, value: Buffer | null): void {
    this.#appendedBytes += (key?.length ?? 0) + (value?.length ?? 0) + recordOverheadBytes;
    this.#records.push({ offset: this.endOffset, key, value });
    this.#bytesUpTo.push(this.#appendedBytes);
    if (this.#isCompacted && key !== null) {
      if (value === null) this.#latest.delete(key.toString());
      else this.#latest.set(key.toString(), value);
    }
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after every record; the result ends that. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Bytes of the records at and after an offset. */
  bytesFrom(offset: number): number {
    const index = Math.min(offset - this.#startOffset, this.#records.length) - 1;
    return this.#appendedBytes - Math.max(this.#droppedBytes, this.#bytesUpTo[index] ?? this.#droppedBytes);
  }

  /** The records from `offset` on, at least one if there is one; `null` at the end. */
  read(offset: number, limits: ReadLimits): ReadChunk | null {
    const from = offset - this.#startOffset;
    let to = from;
    let valueBytes = 0;
    while (to < this.#records.length && to - from < limits.maxRecords && valueBytes < limits.maxBytes) {
      valueBytes += this.#records[to]?.value?.length ?? 0;
      to += 1;
    }
    if (to === from) return null;
    return { records: this.#records.slice(from, to), nextOffset: this.#startOffset + to, valueBytes };
  }

  /** A copy of the latest value by key. */
  latest(): ReadonlyMap<string, Uint8Array> {
    return new Map(this.#latest);
  }

  /** Drops the oldest records before `offset`, but for the newest `keepBytes` of them. */
  dropBefore(offset: number, keepBytes: number): void {
    const most = Math.min(offset - this.#startOffset, this.#records.length);
    const droppable = (this.#bytesUpTo[most - 1] ?? 0) - keepBytes;
    let count = 0;
    while (count < most && (this.#bytesUpTo[count] ?? 0) <= droppable) count += 1;
    // Moving the rest costs its length: done when it is worth it, so that a record is moved once on average.
    if (count === 0 || (count < this.#records.length - count && count < 1_024)) return;
    this.#droppedBytes = this.#bytesUpTo[count - 1] ?? this.#droppedBytes;
    this.#startOffset += count;
    this.#records = this.#records.slice(count);
    this.#bytesUpTo = this.#bytesUpTo.slice(count);
  }
}
