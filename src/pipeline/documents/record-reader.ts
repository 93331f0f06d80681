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
import { renderWindowDocument, windowDocumentId } from './window-document.ts';

/** What a record is to index. */
export type ReadRecord =
  | { readonly kind: 'documents'; readonly documents: readonly StoreDocument[] }
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
  return {
    kind: 'requests',
    read: ({ value }, origin, nowMs) => {
      if (value === null) return { kind: 'skip', reason: 'tombstone' };
      const outcome = decodeRequestFault(value);
      if (outcome.kind !== 'ok') return notRead(outcome, false);
      const request = outcome.value;
      if (!hasRenderableTimes(request)) return notRead(timeOutOfRange, false);
      const document = {
        index: documentIndex(settings.indexPrefix, 'requests', request.filedAtMs, times),
        id: requestDocumentId(origin.cluster, request),
        json: renderRequestDocument(
          maskRequestFault(request, settings.masker),
          { dataCenter: origin.cluster, ingestedAtMs: nowMs },
          times,
        ),
        revision: request.revision,
      };
      return { kind: 'documents', documents: [document] };
    },
  };
}

/** Windows: a document for each edge. No other loop reads this topic, so index sets aside what it cannot read. */
export function createWindowReader(settings: RecordReaderSettings): RecordReader {
  const times = new IsoTimes();
  return {
    kind: 'windows',
    read: ({ value }, _origin, nowMs) => {
      if (value === null) return { kind: 'skip', reason: 'tombstone' };
      const outcome = decodeWindowCounts(value);
      if (outcome.kind !== 'ok') return notRead(outcome, false);
      const windows = outcome.value;
      const hasTimes = windows.every(
        (window) => isRenderableTime(window.windowStartAtMs) && isRenderableTime(window.windowEndAtMs),
      );
      if (!hasTimes) return notRead(timeOutOfRange, false);
      const documents = windows.map((window) => ({
        index: documentIndex(settings.indexPrefix, 'windows', window.windowStartAtMs, times),
        id: windowDocumentId(window),
        json: renderWindowDocument(maskWindow(window, settings.masker), nowMs, times),
      }));
      return { kind: 'documents', documents };
    },
  };
}

/** Alert transitions: one document each. notify reads them too and sets aside what it cannot read. */
export function createAlertReader(settings: RecordReaderSettings): RecordReader {
  const times = new IsoTimes();
  return {
    kind: 'alerts',
    read: ({ key, value }, origin, nowMs) => {
      if (value === null) return { kind: 'skip', reason: 'tombstone' };
      if (key !== null && isSilenceKey(Buffer.from(key).toString('utf8'))) return { kind: 'skip', reason: 'silence' };
      const outcome = decodeTransition(value);
      if (outcome.kind !== 'ok') return notRead(outcome, true);
      const transition = outcome.value;
      if (!isRenderableTime(transition.atMs)) return notRead(timeOutOfRange, true);
      const document = {
        index: documentIndex(settings.indexPrefix, 'alerts', transition.atMs, times),
        id: alertDocumentId(origin.cluster, transition),
        json: renderAlertDocument(
          maskTransition(transition, settings.masker),
          { dataCenter: origin.cluster, ingestedAtMs: nowMs },
          times,
        ),
      };
      return { kind: 'documents', documents: [document] };
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
