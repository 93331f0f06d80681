// A stretch of one partition's records on its way into the store: what is sent together and, once durable, committed together.
import type { DeadLetterReason } from '#core/access-log/record.ts';
import { encodeRecordLetter } from '#pipeline/dead-letter.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import type { OutputRecord, PartitionOrigin, StreamRecord } from '#ports/record-stream.ts';
import type { DocumentKind } from './document-index.ts';
import type { DurableWriter, WriteSignals } from './durable-writer.ts';

/** A record that did not become documents and that index has to set aside. */
export interface SetAside {
  readonly record: StreamRecord;
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

/** Filled record by record, sent once. */
export class Bulk {
  readonly kind: DocumentKind;
  /** Wall clock of its beginning, epoch milliseconds. */
  readonly openedAtMs: number;
  /** Where to go on behind its last record. */
  nextOffset = 0;
  /** Whether the offset may be committed here: where windows are held for their blocks, only behind what is written of them. */
  isCommittable = true;
  /** Records that are no documents, for the meter. */
  readonly notDocuments = { skipped: 0, unreadable: 0 };
  #documents: StoreDocument[] = [];
  /** For each document the record that it came from: what is set aside when the store refuses it. */
  #sources: StreamRecord[] = [];
  #bytes = 0;
  readonly #setAside: SetAside[] = [];
  #state: 'open' | 'durable' | 'given-up' | 'failed' = 'open';
  #error: unknown = null;
  #settled: Promise<void> = Promise.resolve();

  constructor(kind: DocumentKind, openedAtMs: number) {
    this.kind = kind;
    this.openedAtMs = openedAtMs;
  }

  /** The documents, in the order of their records; none once the writing has ended. */
  get documents(): readonly StoreDocument[] {
    return this.#documents;
  }

  /** Number of documents. */
  get documentCount(): number {
    return this.#documents.length;
  }

  /** Size of the documents and of the records that are held beside them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records to be set aside: complete when the bulk is durable. */
  get deadLetters(): readonly SetAside[] {
    return this.#setAside;
  }

  /** Adds the documents of the next record. */
  add(record: StreamRecord, documents: readonly StoreDocument[]): void {
    this.#bytes += record.value?.length ?? 0;
    for (const document of documents) {
      this.#documents.push(document);
      this.#sources.push(record);
      // Measuring also makes one piece of the text that was put together of some sixty: held in pieces, it costs twice the CPU.
      this.#bytes += Buffer.byteLength(document.json);
    }
  }

  /** Adds a record that index itself sets aside. */
  setAside(record: StreamRecord, reason: DeadLetterReason, detail: string): void {
    this.#bytes += record.value?.length ?? 0;
    this.#setAside.push({ record, reason, detail });
  }

  /** Starts the writing; `onEnd` is called when it has ended, well or not. Errors come out of `isDurable`. */
  send(writer: DurableWriter, signals: WriteSignals, onEnd: () => void): void {
    this.#settled = this.#write(writer, signals).finally(onEnd);
  }

  /** Resolves when nothing is under way, whatever the end was. */
  settled(): Promise<void> {
    return this.#settled;
  }

  /** Whether every document is in the store or set aside. Throws what the writing failed of, if that was no waiting given up. */
  isDurable(): boolean {
    if (this.#state === 'failed') throw this.#error;
    return this.#state === 'durable';
  }

  /** The same, of which nothing is thrown. */
  get hasArrived(): boolean {
    return this.#state === 'durable';
  }

  /** For a bulk without documents. */
  markDurable(): void {
    this.#state = 'durable';
  }

  async #write(writer: DurableWriter, signals: WriteSignals): Promise<void> {
    try {
      const rejections = await writer.write(this.kind, this.#documents, signals);
      this.#refuse(rejections);
      this.#state = 'durable';
    } catch (error) {
      const isGivenUp = error instanceof AdapterError && error.code === 'ABORTED';
      this.#state = isGivenUp ? 'given-up' : 'failed';
      this.#error = error;
    }
    // Durable or lost to the next owner: the memory is free for what comes next.
    this.#documents = [];
    this.#sources = [];
  }

  /** A record of several documents is set aside once. */
  #refuse(rejections: readonly { readonly position: number; readonly detail: string }[]): void {
    const seen = new Set<StreamRecord>();
    for (const { position, detail } of rejections) {
      const record = this.#sources[position];
      if (record === undefined || seen.has(record)) continue;
      seen.add(record);
      this.#setAside.push({ record, reason: 'rejected_by_store', detail });
    }
  }
}

/** The dead-letter record of something that index set aside. */
export function toDeadLetter(topic: string, origin: PartitionOrigin, setAside: SetAside): OutputRecord {
  return encodeRecordLetter(topic, { origin, loop: 'index', ...setAside });
}
