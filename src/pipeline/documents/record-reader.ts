// From a record of an input topic to its documents: what index does before anything is sent. One reader for each kind of topic.
import type { LineReading } from '#core/access-log/line-reading.ts';
import type { DeadLetterReason, Outcome, SkipReason } from '#core/access-log/record.ts';
import { decodeRequestFault } from '#core/correlate/request-fault-wire.ts';
import { decodeWindowCounts } from '#core/count/window-count-wire.ts';
import { decodeTransition } from '#core/evaluate/transition-wire.ts';
import { maskTransition, maskWindow } from '#core/mask/mask-counts.ts';
import { maskRequestFault } from '#core/mask/mask-request.ts';
import type { Masker } from '#core/mask/masker.ts';
import { isSilenceKey } from '#core/notify/silence-wire.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import type { PartitionOrigin, StreamRecord } from '#ports/record-stream.ts';
import { alertDocumentId, renderAlertDocument } from './alert-document.ts';
import type { DocumentKind } from './document-index.ts';
import { documentIndex } from './document-index.ts';
import { IsoTimes, isRenderableTime } from './iso-times.ts';
import { hasRenderableTimes, renderRequestDocument, requestDocumentId } from './request-document.ts';
import type { MaskedWindow } from './window-blocks.ts';
import { renderWindowDocument, windowDocumentId } from './window-document.ts';

/** The documents of a record. */
interface RenderedRecord {
  readonly documents: readonly StoreDocument[];
  /** The rows that are kept in blocks besides. */
  readonly windows?: readonly MaskedWindow[];
}

/** What a record is to index. */
export type ReadRecord =
  | ({ readonly kind: 'documents' } & RenderedRecord)
  /** Nothing is wrong with it, but nobody will look for it. */
  | { readonly kind: 'skip'; readonly reason: SkipReason | 'tombstone' | 'silence' }
  /** Not a document. `isSetAsideElsewhere`: another loop reads the topic too and puts such records into the dead-letter topic. */
  | {
      readonly kind: 'unreadable';
      readonly reason: DeadLetterReason;
      readonly detail: string;
      readonly isSetAsideElsewhere: boolean;
    };

/** Reads the records of one kind of topic. */
export interface RecordReader {
  readonly kind: DocumentKind;
  read(record: StreamRecord, origin: PartitionOrigin, nowMs: number): ReadRecord;
}

/** Settings of the readers. */
export interface RecordReaderSettings {
  /** First part of every index's name: lower case, no `*`. */
  readonly indexPrefix: string;
  /** Whether documents carry their line as it came (`event.original`): about twice the size. */
  readonly keepsOriginal: boolean;
  /** Lines dated further ahead of the wall clock are not documents: they would open an index for a day that never was. */
  readonly futureBoundMs: number;
  /** Every text of a document goes through it. */
  readonly masker: Masker;
  /** How the lines of a topic are read, where it is pinned. */
  readonly readings?: ReadonlyMap<string, LineReading>;
}

/**
 * Failed requests: one document each, which a correction replaces. It is filed under the day of its first result: else a correction
 * would be a second document, in another day's index.
 */
export function createRequestReader(settings: RecordReaderSettings): RecordReader {
  const times = new IsoTimes();
  return internalReader({
    kind: 'requests',
    isSetAsideElsewhere: false,
    decode: decodeRequestFault,
    hasRenderableTimes,
    render: (request, origin, nowMs) => ({
      documents: [
        {
          index: documentIndex(settings.indexPrefix, 'requests', request.filedAtMs, times),
          id: requestDocumentId(origin.cluster, request),
          json: renderRequestDocument(
            maskRequestFault(request, settings.masker),
            { dataCenter: origin.cluster, ingestedAtMs: nowMs },
            times,
          ),
          revision: request.revision,
        },
      ],
    }),
  });
}

/** Windows: a document for each edge, and the rows for their blocks. No other loop reads this topic, so index sets aside what it cannot read. */
export function createWindowReader(settings: RecordReaderSettings): RecordReader {
  const times = new IsoTimes();
  return internalReader({
    kind: 'windows',
    isSetAsideElsewhere: false,
    decode: decodeWindowCounts,
    hasRenderableTimes: (windows) =>
      windows.every((window) => isRenderableTime(window.windowStartAtMs) && isRenderableTime(window.windowEndAtMs)),
    render: (rows, _origin, nowMs) => {
      const windows = rows.map((raw): MaskedWindow => ({ raw, masked: maskWindow(raw, settings.masker) }));
      const documents = windows.map(({ raw, masked }) => ({
        index: documentIndex(settings.indexPrefix, 'windows', raw.windowStartAtMs, times),
        id: windowDocumentId(raw),
        json: renderWindowDocument(masked, nowMs, times),
      }));
      return { documents, windows };
    },
  });
}

/** Alert transitions: one document each. notify reads them too and sets aside what it cannot read. */
export function createAlertReader(settings: RecordReaderSettings): RecordReader {
  const times = new IsoTimes();
  const transitions = internalReader({
    kind: 'alerts',
    isSetAsideElsewhere: true,
    decode: decodeTransition,
    hasRenderableTimes: ({ atMs }) => isRenderableTime(atMs),
    render: (transition, origin, nowMs) => ({
      documents: [
        {
          index: documentIndex(settings.indexPrefix, 'alerts', transition.atMs, times),
          id: alertDocumentId(origin.cluster, transition),
          json: renderAlertDocument(
            maskTransition(transition, settings.masker),
            { dataCenter: origin.cluster, ingestedAtMs: nowMs },
            times,
          ),
        },
      ],
    }),
  });
  return {
    kind: transitions.kind,
    read: (record, origin, nowMs) =>
      isSilence(record) ? { kind: 'skip', reason: 'silence' } : transitions.read(record, origin, nowMs),
  };
}

function isSilence({ key, value }: StreamRecord): boolean {
  return value !== null && key !== null && isSilenceKey(Buffer.from(key).toString('utf8'));
}

/** What sets the readers of our own topics apart. */
interface InternalRecords<T> extends Pick<RecordReader, 'kind'> {
  readonly isSetAsideElsewhere: boolean;
  readonly decode: (value: Uint8Array) => Outcome<T>;
  readonly hasRenderableTimes: (content: T) => boolean;
  readonly render: (content: T, origin: PartitionOrigin, nowMs: number) => RenderedRecord;
}

function internalReader<T>(records: InternalRecords<T>): RecordReader {
  const { kind, isSetAsideElsewhere } = records;
  return {
    kind,
    read: ({ value }, origin, nowMs) => {
      if (value === null) return { kind: 'skip', reason: 'tombstone' };
      const outcome = records.decode(value);
      if (outcome.kind !== 'ok') return notRead(outcome, isSetAsideElsewhere);
      if (!records.hasRenderableTimes(outcome.value)) return notRead(timeOutOfRange, isSetAsideElsewhere);
      return { kind: 'documents', ...records.render(outcome.value, origin, nowMs) };
    },
  };
}

export type NotRead = Exclude<Outcome<unknown>, { readonly kind: 'ok' }>;

const timeOutOfRange: NotRead = {
  kind: 'dead-letter',
  reason: 'unreadable_internal_record',
  detail: 'a time is not in the years 1970 to 9999',
};

/** What becomes of a record without a document. */
export function notRead(outcome: NotRead, isSetAsideElsewhere: boolean): ReadRecord {
  if (outcome.kind === 'skip') return outcome;
  return { kind: 'unreadable', reason: outcome.reason, detail: outcome.detail, isSetAsideElsewhere };
}
