// The records of a window for index: the rows of each destination service together, in the topic of windows.

import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import type { CountedWindow } from '#core/count/window-table.ts';
import { windowCounts } from '#core/count/window-table.ts';
import type { OutputRecord } from '#ports/record-stream.ts';

/** Rows in one record. */
const rowsPerRecord = 500;

/** Such records; `late` names an addition to a window that was closed before, and is `null` for the window itself. */
export function windowRecords(
  topic: string,
  window: CountedWindow & { readonly isComplete?: boolean },
  late: string | null,
): readonly OutputRecord[] {
  const records: OutputRecord[] = [];
  const byService = Map.groupBy(windowCounts(window, late), ({ edge }) => edge.destination_service);
  for (const [key, rows] of byService) {
    for (let i = 0; i < rows.length; i += rowsPerRecord) {
      records.push({ topic, key, value: encodeWindowCounts(rows.slice(i, i + rowsPerRecord)) });
    }
  }
  return records;
}
