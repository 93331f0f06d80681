import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEdge, aPartialCount } from '../../../test/support/builders.ts';
import { partialCounts } from '../../../test/support/count-arbitraries.ts';
import type { PartialCount } from './count-row.ts';
import { edgeKey } from './edge.ts';
import { WindowTable } from './window-table.ts';

const settings = { windowMs: 10_000, maxEdges: 1000 };
const gap = 100;

function tableOf(rows: readonly PartialCount[]): WindowTable {
  const table = new WindowTable(settings);
  for (const row of rows) table.add(row);
  return table;
}

describe('WindowTable', () => {
  it('closes windows that end at or before the watermark, oldest first', () => {
    const table = tableOf([0, 9999, 10_000, 20_000].map((paneStartAtMs) => aPartialCount({ paneStartAtMs })));
    const closed = table.closeUntil(20_000, gap);
    expect(closed.map(({ startAtMs, endAtMs, rows }) => [startAtMs, endAtMs, rows[0]?.requestCount])).toEqual([
      [0, 10_000, 2],
      [10_000, 20_000, 1],
    ]);
    expect(table.openCount).toBe(1);
  });

  it('closes nothing before the end of the first window', () => {
    expect(tableOf([aPartialCount()]).closeUntil(9999, gap)).toEqual([]);
  });

  it('calls rows of closed windows late and does not count them', () => {
    const table = tableOf([aPartialCount()]);
    table.closeUntil(10_000, gap);
    expect(table.add(aPartialCount({ paneStartAtMs: 9000 }))).toBe('late');
    expect(table.add(aPartialCount({ paneStartAtMs: 10_000 }))).toBe('counted');
    expect(table.closeUntil(20_000, gap)).toMatchObject([{ startAtMs: 10_000, rows: [{ requestCount: 1 }] }]);
  });

  it('closes windows without traffic too: zeros are data', () => {
    const table = tableOf([aPartialCount()]);
    expect(table.closeUntil(30_000, gap).map((window) => window.rows.length)).toEqual([1, 0, 0]);
    expect(table.closeUntil(40_000, gap)).toMatchObject([{ startAtMs: 30_000, rows: [] }]);
  });

  it('closes only the newest empty windows after a gap', () => {
    const table = tableOf([aPartialCount(), aPartialCount({ paneStartAtMs: 86_400_000 })]);
    const closed = table.closeUntil(86_410_000, 3);
    expect(closed.map((window) => window.startAtMs)).toEqual([0, 86_370_000, 86_380_000, 86_390_000, 86_400_000]);
  });

  it('folds edges beyond the cap into “other”, keeping the destination, and says how many', () => {
    const table = new WindowTable({ windowMs: 10_000, maxEdges: 1 });
    for (const version of ['v1', 'v2', 'v3']) {
      table.add(aPartialCount({ edge: anEdge({ destination_version: version }) }));
    }
    expect(table.takeOverflowCount()).toBe(2);
    const rows = table.closeUntil(10_000, gap)[0]?.rows ?? [];
    expect(rows.map((row) => [row.edge.destination_service, row.edge.destination_version, row.requestCount])).toEqual(
      expect.arrayContaining([
        ['payments', 'v1', 1],
        ['payments', 'other', 2],
      ]),
    );
  });

  it('gives the same windows for any order of the same rows, and every line is in one', () => {
    fc.assert(
      fc.property(fc.array(partialCounts(60_000), { maxLength: 40 }), fc.infiniteStream(fc.nat()), (rows, random) => {
        const shuffled = rows
          .map((row) => ({ row, at: random.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ row }) => row);
        const windows = tableOf(rows).closeAll(gap);
        expect(tableOf(shuffled).closeAll(gap)).toEqual(windows);
        const lines = windows.flatMap((window) => window.rows).reduce((sum, row) => sum + row.requestCount, 0);
        expect(lines).toBe(rows.reduce((sum, row) => sum + row.requestCount, 0));
      }),
    );
  });

  it('goes on from a snapshot as if it had never stopped', () => {
    fc.assert(
      fc.property(
        fc.array(partialCounts(60_000), { maxLength: 30 }),
        fc.array(partialCounts(60_000), { maxLength: 30 }),
        fc.nat({ max: 60_000 }),
        (before, after, watermarkAtMs) => {
          const table = tableOf(before);
          table.closeUntil(watermarkAtMs, gap);
          const restored = WindowTable.restore(settings, JSON.parse(JSON.stringify(table.snapshot())));
          const results = after.map((row) => [table.add(row), restored.add(row)]);
          expect(results.every(([a, b]) => a === b)).toBe(true);
          expect(restored.closeAll(gap)).toEqual(table.closeAll(gap));
        },
      ),
    );
  });

  it('keeps edges apart whatever their names', () => {
    const a = anEdge({ source_service: 'a', source_namespace: 'b\u001fc' });
    const b = anEdge({ source_service: 'a\u001fb', source_namespace: 'c' });
    expect(edgeKey(a)).not.toBe(edgeKey(b));
  });
});
