// The names of indices: one for each kind of document and UTC day of event time, so that a replay always finds the same one.
import type { IsoTimes } from './iso-times.ts';

/** Kinds of documents, as they stand in the names of indices and templates. */
export type DocumentKind = 'lines' | 'requests' | 'windows' | 'window-blocks' | 'alerts';

/** `<prefix>-lines-2026.11.21` for the day of `atMs` (event time, epoch milliseconds). */
export function documentIndex(prefix: string, kind: DocumentKind, atMs: number, times: IsoTimes): string {
  return `${prefix}-${kind}-${times.day(atMs)}`;
}
