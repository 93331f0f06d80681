// The chart: as wide as it may be, each mark where its time is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '#adapters/console/display-width.ts';
import { renderChart } from './chart.ts';

const fromMs = Date.UTC(2026, 2, 2, 9);
const toMs = fromMs + 3_600_000;

describe('renderChart', () => {
  it('draws marks where they are, at least a column wide', () => {
    const minute = 60_000;
    const marks = [
      { fromMs: fromMs + 30 * minute, toMs: fromMs + 45 * minute, sign: '█' },
      { fromMs: fromMs, toMs: fromMs + 1, sign: '▒' },
    ];
    expect(renderChart([{ label: 'payments', marks }], { fromMs, toMs }, 69)).toEqual([
      `payments ▒${'·'.repeat(29)}${'█'.repeat(15)}${'·'.repeat(15)}`,
      `${' '.repeat(9)}09:00:00${' '.repeat(18)}09:30:00${' '.repeat(18)}10:00:00`,
    ]);
  });

  it('shows days where there are several', () => {
    expect(renderChart([], { fromMs, toMs: fromMs + 3 * 86_400_000 }, 80).at(-1)).toMatch(
      /03-02T09:00 .* 03-05T09:00$/,
    );
  });

  it('never runs over the width, whatever labels and times are', () => {
    const mark = fc.record({ fromMs: fc.integer(), toMs: fc.integer(), sign: fc.constantFrom('█', '▒') });
    const line = fc.record({ label: fc.string({ unit: 'grapheme' }), marks: fc.array(mark, { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), fc.integer({ min: 1, max: 300 }), (lines, columns) => {
        const chart = renderChart(lines, { fromMs, toMs }, columns);
        for (const text of chart) {
          expect(displayWidth(text)).toBeLessThanOrEqual(Math.max(50, Math.min(columns, 200)));
          expect(text).not.toMatch(/[\u0000-\u001f]/);
        }
      }),
    );
  });
});
