// One fetch response of one partition as committed data: leaves out control batches and aborted transactions, unpacks, and
// cuts the rest into batches of bounded size. Pure; the order of the rules is that of Kafka's own consumer.
import { AdapterError } from '#ports/adapter-error.ts';
import type { StreamRecord } from '#ports/record-stream.ts';
import { decompress } from './decompress.ts';
import { decodeRecordBatch, decodeRecords, isAbortMarker, type RecordBatch } from './record-batch.ts';

/** A transaction that was aborted, and the first offset it wrote to the partition. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What the broker answered. */
export interface FetchedBytes {
  /** Record batches; the first may begin before the wanted offset, the last may be cut off. */
  readonly bytes: Buffer;
  readonly aborted: readonly AbortedTransaction[];
}

/** Records, the bytes of their values, and where to go on. */
export interface RecordChunk {
  readonly records: readonly StreamRecord[];
  readonly valueBytes: number;
  readonly nextOffset: number;
}

/** Bounds of unpacking, bytes. */
export interface ChunkLimits {
  readonly batchMaxBytes: number;
  readonly decompressedMaxBytes: number;
}

/** Reads through one response, chunk by chunk. */
export class FetchedRecords {
  readonly #bytes: Buffer;
  /** The broker orders them by their ends, not by their beginnings. */
  readonly #waiting: AbortedTransaction[];
  readonly #open = new Set<bigint>();
  readonly #limits: ChunkLimits;
  readonly #fromOffset: number;
  #at = 0;
  #nextOffset: number;

  constructor(fetched: FetchedBytes, fromOffset: number, limits: ChunkLimits) {
    this.#bytes = fetched.bytes;
    this.#waiting = [...fetched.aborted].sort((a, b) => a.firstOffset - b.firstOffset);
    this.#fromOffset = fromOffset;
    this.#nextOffset = fromOffset;
    this.#limits = limits;
  }

  /**
   * The next data; `null` at the end of the response, where `nextOffset` has passed everything in it. Throws `KAFKA_REJECTED`
   * where the response brings nobody further.
   */
  next(): RecordChunk | null {
    const records: StreamRecord[] = [];
    let valueBytes = 0;
    for (;;) {
      const batch = decodeRecordBatch(this.#bytes, this.#at);
      if (batch === null) break;
      const isData = this.#isCommittedData(batch);
      // Control batches behind a full chunk still belong to it: the partition's end is the end of what was read.
      if (isData && records.length > 0 && valueBytes >= this.#limits.batchMaxBytes) break;
      if (isData) valueBytes += this.#decodeInto(records, batch);
      this.#pass(batch);
    }
    // Kafka sends at least one whole batch if there is one: without it, the same fetch would be made for ever.
    if (this.#nextOffset === this.#fromOffset && this.#bytes.length > 0) throw this.#noProgress();
    return records.length === 0 ? null : { records, valueBytes, nextOffset: this.#nextOffset };
  }

  /** Where to go on after what `next` gave. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  #noProgress(): AdapterError {
    const message = `${this.#bytes.length} bytes from offset ${this.#fromOffset} hold no whole batch behind it`;
    return new AdapterError('KAFKA_REJECTED', message, { retryable: true });
  }

  #isCommittedData(batch: RecordBatch): boolean {
    while ((this.#waiting[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= batch.lastOffset) {
      const begun = this.#waiting.shift();
      if (begun !== undefined) this.#open.add(begun.producerId);
    }
    return !(batch.isControl || (batch.isTransactional && this.#open.has(batch.producerId)));
  }

  #decodeInto(records: StreamRecord[], batch: RecordBatch): number {
    const payload = decompress(batch.codec, batch.payload, this.#limits.decompressedMaxBytes);
    return decodeRecords(batch, payload, { fromOffset: this.#nextOffset, into: records });
  }

  #pass(batch: RecordBatch): void {
    if (batch.isControl && isAbortMarker(batch)) this.#open.delete(batch.producerId);
    this.#at = batch.endsAt;
    this.#nextOffset = Math.max(this.#nextOffset, batch.lastOffset + 1);
  }
}
