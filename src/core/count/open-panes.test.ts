// Panes of open windows: each once, in order, whatever the order of rows and the pace of the watermark.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partialCounts } from '../../../test/support/count-arbitraries.ts';
import { OpenPanes } from './open-panes.ts';

const settings = { paneMs: 1_000, windowMs: 10_000, maxRowsPerWindow: 100 };

it('hands each pane on once with all its rows, but for the last of a window, however the watermark comes', () => {
  fc.assert(
    fc.property(
      fc.array(partialCounts(30_000), { maxLength: 30 }),
      fc.array(fc.nat(30_000), { maxLength: 10 }),
      (rows, stops) => {
        const panes = new OpenPanes(settings);
        for (const row of rows) panes.add(row);
        const taken = [...stops.sort((a, b) => a - b), 30_000].flatMap((until) => panes.takeUntil(until));
        const starts = taken.map(({ startAtMs }) => startAtMs);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
        const early = rows.filter(({ paneStartAtMs }) => paneStartAtMs % 10_000 < 9_000);
        expect(taken.flatMap((pane) => pane.rows)).toHaveLength(early.length);
        for (const { startAtMs, endAtMs, windowStartAtMs, windowEndAtMs } of taken) {
          expect(windowStartAtMs <= startAtMs && startAtMs < endAtMs && endAtMs < windowEndAtMs).toBe(true);
        }
      },
    ),
  );
});

it('goes on from a snapshot, and knows what the open window has had', () => {
  fc.assert(
    fc.property(fc.array(partialCounts(30_000), { maxLength: 30 }), fc.nat(30_000), (rows, until) => {
      const whole = new OpenPanes(settings);
      for (const row of rows) whole.add(row);
      const before = whole.takeUntil(until);
      const restored = OpenPanes.restore(settings, JSON.parse(JSON.stringify(whole.snapshot())));
      expect(restored.takenRows()).toEqual(whole.takenRows());
      expect(restored.openWindowStartAtMs).toBe(whole.openWindowStartAtMs);
      const open = before.filter(({ windowEndAtMs }) => windowEndAtMs > until).flatMap((pane) => pane.rows);
      expect(restored.takenRows()).toHaveLength(open.length);
      expect(restored.takeUntil(30_000).map(({ startAtMs }) => startAtMs)).toEqual(
        whole.takeUntil(30_000).map(({ startAtMs }) => startAtMs),
      );
    }),
  );
});

it('says nothing early of a window that holds more than it may, and nothing of a row whose pane was taken', () => {
  const panes = new OpenPanes({ ...settings, maxRowsPerWindow: 2 });
  const [row] = fc.sample(partialCounts(1_000), 1);
  if (row === undefined) throw new Error('no row');
  panes.add(row);
  expect(panes.takeUntil(1_000)).toHaveLength(1);
  panes.add(row);
  expect(panes.takeUntil(5_000)).toEqual([]);
  for (let i = 0; i < 3; i += 1) panes.add({ ...row, paneStartAtMs: 12_000 });
  expect(panes.takeUntil(15_000)).toEqual([]);
});
