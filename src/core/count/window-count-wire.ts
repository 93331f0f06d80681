// Wire form, version 1, of closed windows (topic windows; detect → index). One record: rows of one window and one destination service.
//   {"v":1,"window":[startAtMs,endAtMs],"rows":[row, …]}
import type { Outcome } from '#core/access-log/record.ts';
import { isCount, parseWire, unreadable } from '#core/wire.ts';
import type { WindowCount } from './count-row.ts';
import { parseWireRow, toWireRow } from './count-row-wire.ts';

/** Rows of one window; all have the same start and end. Never empty. */
export function encodeWindowCounts(rows: readonly WindowCount[]): string {
  const first = rows[0];
  if (first === undefined) throw new Error('a window record holds at least one row');
  return JSON.stringify({ v: 1, window: [first.windowStartAtMs, first.windowEndAtMs], rows: rows.map(toWireRow) });
}

/** The rows of such a record, or why it is none. */
export function decodeWindowCounts(value: Uint8Array): Outcome<readonly WindowCount[]> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const { window, rows } = wire.value;
  if (!Array.isArray(window) || !isCount(window[0]) || !isCount(window[1]))
    return unreadable('window is not [start, end]');
  if (!Array.isArray(rows)) return unreadable('rows is not a list');
  const counts: WindowCount[] = [];
  for (const entry of rows as unknown[]) {
    const row = parseWireRow(entry);
    if (row === null) return unreadable('a row is malformed');
    counts.push({ ...row, windowStartAtMs: window[0], windowEndAtMs: window[1] });
  }
  return { kind: 'ok', value: counts };
}
