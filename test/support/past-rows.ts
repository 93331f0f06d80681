// What is in the slots of a past, window by window.
import type { PastBlock, PastSlot } from '#app/past/past-slot.ts';
import { BlockRows, type ReusedRow } from '#core/count/count-block-reader.ts';
import type { CountRow } from '#core/count/count-row.ts';

/** A window of a past. */
export interface ReadWindow {
  readonly startAtMs: number;
  readonly isComplete: boolean;
  readonly rows: readonly CountRow[];
  readonly faultRows: readonly CountRow[];
}

/** All windows, in order of the slots. */
export async function rowsOfSlots(slots: AsyncIterable<PastSlot>): Promise<ReadWindow[]> {
  const found: ReadWindow[] = [];
  for await (const slot of slots) {
    const [counts, faults] = [readBlocks(slot.blocks), readBlocks(slot.faults)];
    for (const [startAtMs, { rows, isComplete }] of [...counts].sort((a, b) => a[0] - b[0])) {
      found.push({ startAtMs, isComplete, rows, faultRows: faults.get(startAtMs)?.rows ?? [] });
    }
  }
  return found;
}

function readBlocks(blocks: readonly PastBlock[]): ReadonlyMap<number, { rows: CountRow[]; isComplete: boolean }> {
  const shared = new BlockRows();
  const opened = blocks.map(({ counts, durations }) => shared.open(counts, durations));
  const windows = new Map<number, { rows: CountRow[]; isComplete: boolean }>();
  const starts = new Set(opened.flatMap(({ outline }) => outline.heads.map(({ startAtMs }) => startAtMs)));
  for (const startAtMs of starts) {
    shared.beginWindow();
    const rows: ReusedRow[] = [];
    let isComplete = true;
    for (const block of opened) {
      for (const head of block.outline.heads.filter((one) => one.startAtMs === startAtMs)) {
        block.readRows(head, rows);
        if (!head.isComplete) isComplete = false;
      }
    }
    windows.set(startAtMs, { rows: rows.map(copyOf), isComplete });
  }
  return windows;
}

/** The row is filled anew for the next window. */
function copyOf({ edge, requestCount, failedCount, flagCounts, faultCounts, durations, examples }: CountRow): CountRow {
  return { edge, requestCount, failedCount, flagCounts, faultCounts, durations, examples };
}
