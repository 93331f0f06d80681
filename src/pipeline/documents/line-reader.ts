// From a value of an access-log topic to the documents of its lines: one each. Lines that do not name their pods' versions are filled from
// those that do.
import type { DecodedLine } from '#core/access-log/decode-line.ts';
import { decodeValue } from '#core/access-log/decode-line.ts';
import { anyReading } from '#core/access-log/line-reading.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { attribute } from '#core/attribute/attribute.ts';
import { PodDirectory } from '#core/attribute/pod-directory.ts';
import type { Traffic } from '#core/attribute/traffic.ts';
import { UsualLineReader } from '#core/attribute/usual-line.ts';
import { classify } from '#core/classify/classify.ts';
import { eventAtMs, isTooFarAhead } from '#core/clock/event-time.ts';
import { originId } from '#pipeline/dead-letter.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import type { PartitionOrigin, StreamRecord } from '#ports/record-stream.ts';
import { documentIndex } from './document-index.ts';
import { IsoTimes } from './iso-times.ts';
import { renderLineDocument } from './line-document.ts';
import type { ReadRecord, RecordReader, RecordReaderSettings } from './record-reader.ts';
import { notRead } from './record-reader.ts';

/**
 * Lines: one document each. What is no access-log line is left to collect, which sets it aside. `pods` is shared by the readers of one
 * cluster.
 */
export function createLineReader(
  settings: RecordReaderSettings,
  pods: PodDirectory = new PodDirectory(),
): RecordReader {
  return new LineReader(settings, pods);
}

/** Where a line comes from, and when it is read. */
interface LinePlace {
  readonly origin: PartitionOrigin;
  readonly id: string;
  readonly nowMs: number;
  /** The line as it came, where documents keep it. */
  readonly original: string | null;
}

class LineReader implements RecordReader {
  readonly kind = 'lines';
  readonly #settings: RecordReaderSettings;
  readonly #pods: PodDirectory;
  #usual: { readonly topic: string; readonly reader: UsualLineReader } | null = null;
  readonly #times = new IsoTimes();
  // The wall clock's minute is another than the lines': it must not push theirs out.
  readonly #clockTimes = new IsoTimes();

  constructor(settings: RecordReaderSettings, pods: PodDirectory) {
    this.#settings = settings;
    this.#pods = pods;
  }

  read(entry: StreamRecord, origin: PartitionOrigin, nowMs: number): ReadRecord {
    const value = entry.value ?? new Uint8Array(0);
    const usual = this.#usualReaderOf(origin.topic).read(value);
    if (usual !== null) {
      const original = this.#settings.keepsOriginal ? toText(value) : null;
      return this.#write(usual.record, usual.traffic, { origin, id: originId(origin, entry.offset), nowMs, original });
    }
    const lines = decodeValue(value, this.#settings.readings?.get(origin.topic) ?? anyReading);
    const isBatch = lines.length > 1;
    // Of a batch, the whole would stand in the document of each of its lines.
    const original = this.#settings.keepsOriginal && !isBatch ? toText(value) : null;
    const documents: StoreDocument[] = [];
    let without: ReadRecord = { kind: 'documents', documents };
    lines.forEach(({ outcome }, index) => {
      const id = originId(origin, entry.offset, isBatch ? index : null);
      const read = this.#readLine(outcome, { origin, id, nowMs, original });
      if (read.kind === 'documents') documents.push(...read.documents);
      else without = read;
    });
    return documents.length > 0 ? { kind: 'documents', documents } : without;
  }

  #readLine(outcome: DecodedLine['outcome'], place: LinePlace): ReadRecord {
    if (outcome.kind !== 'ok') return notRead(outcome, true);
    return this.#write(outcome.value, attribute(outcome.value), place);
  }

  #write(record: AccessLogRecord, own: Traffic, { origin, id, nowMs, original }: LinePlace): ReadRecord {
    const endAtMs = eventAtMs(record);
    if (isTooFarAhead(endAtMs, nowMs, this.#settings.futureBoundMs)) {
      const detail = `the request ended at ${this.#times.render(endAtMs)}`;
      return { kind: 'unreadable', reason: 'future_timestamp', detail, isSetAsideElsewhere: true };
    }
    this.#pods.learn(record, own);
    const line = {
      record,
      traffic: this.#pods.fill(record, own),
      classification: classify(record, own),
      dataCenter: origin.cluster,
      ingestedAt: this.#clockTimes.render(nowMs),
      original,
    };
    const json = renderLineDocument(line, this.#times, this.#settings.masker);
    const index = documentIndex(this.#settings.indexPrefix, 'lines', endAtMs, this.#times);
    return { kind: 'documents', documents: [{ index, id, json }] };
  }

  /** Most lines are usual ones. A reader of one partition sees one topic. */
  #usualReaderOf(topic: string): UsualLineReader {
    if (this.#usual?.topic !== topic) {
      this.#usual = { topic, reader: new UsualLineReader(this.#settings.readings?.get(topic) ?? anyReading) };
    }
    return this.#usual.reader;
  }
}

function toText(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}
