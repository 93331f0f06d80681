// Wire form of closed windows (topic windows; detect → index). One record: rows of one window and one destination service.
//   version 1: {"v":1,"window":[startAtMs,endAtMs],"rows":[row, …]}, with "complete":false where input was missing
//   version 2, lines that came after the window was closed, to be added to it: {"v":2,"window":[…],"late":"0/4711","rows":[row, …]}
import type { Outcome } from '#core/access-log/record.ts';
import { isCount, parseWire, unreadable } from '#core/wire.ts';
import type { WindowCount } from './count-row.ts';
import { parseWireRow, toWireRow } from './count-row-wire.ts';

/** Rows of one window; all have the same start, end, completeness and addition. Never empty. */
export function encodeWindowCounts(rows: readonly WindowCount[]): string {
  const first = rows[0];
  if (first === undefined) throw new Error('a window record holds at least one row');
  const { windowStartAtMs, windowEndAtMs, isComplete, late } = first;
  return JSON.stringify({
    v: late === null ? 1 : 2,
    window: [windowStartAtMs, windowEndAtMs],
    ...(late === null ? {} : { late }),
    ...(isComplete ? {} : { complete: false }),
    rows: rows.map(toWireRow),
  });
}

/** The rows of such a record, or why it is none. */
export function decodeWindowCounts(value: Uint8Array): Outcome<readonly WindowCount[]> {
  const wire = parseWire(value, 1, 2);
  if (wire.kind !== 'ok') return wire;
  const { v, window, rows, complete = true, late = null } = wire.value;
  if (!Array.isArray(window) || !isCount(window[0]) || !isCount(window[1]))
    return unreadable('window is not [start, end]');
  if (!Array.isArray(rows)) return unreadable('rows is not a list');
  if (typeof complete !== 'boolean') return unreadable('complete is not true or false');
  if (v === 1 ? late !== null : typeof late !== 'string') return unreadable('late does not fit the version');
  const counts: WindowCount[] = [];
  for (const entry of rows as unknown[]) {
    const row = parseWireRow(entry);
    if (row === null) return unreadable('a row is malformed');
    const [windowStartAtMs, windowEndAtMs] = window as [number, number];
    counts.push({ ...row, windowStartAtMs, windowEndAtMs, isComplete: complete, late: late as string | null });
  }
  return { kind: 'ok', value: counts };
}
