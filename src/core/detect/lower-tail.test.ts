import fc from 'fast-check';
import { poissonDistribution } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { lowerTail } from './lower-tail.ts';

describe('lowerTail', () => {
  it('is the Poisson tail where the baseline is long', () => {
    for (const [lambda, count] of [
      [10, 3],
      [30, 12],
      [5, 0],
    ] as const) {
      const poisson = (poissonDistribution(lambda) ?? []).slice(0, count + 1);
      const expected = poisson.reduce((sum, value) => sum + value, 0);
      const windows = 1e7;
      const tail = lowerTail({ baselineCount: lambda * windows, baselineWindows: windows, count, windows: 1 });
      expect(tail / expected).toBeCloseTo(1, 4);
    }
    // Pearson and Hartley, Biometrika Tables for Statisticians, table 7: P(X <= 3) at a mean of 10 is 0.01034.
    const table = lowerTail({ baselineCount: 1e8, baselineWindows: 1e7, count: 3, windows: 1 });
    expect(table).toBeCloseTo(0.01034, 5);
  });

  it('is the geometric distribution of a single event, in closed form', () => {
    // Shape 1 (half an event and the prior), one window before and one now: P(X = k) = 2^-(k+1). A mean of 1.
    expect(lowerTail({ baselineCount: 0.5, baselineWindows: 1, count: 0, windows: 1 })).toBeCloseTo(0.5, 12);
    // Shape 3, q = 1/4: P(0) = (3/4)^3, P(1) = 3 * (1/4) * (3/4)^3; the mean is 1.
    expect(lowerTail({ baselineCount: 2.5, baselineWindows: 3, count: 0, windows: 1 })).toBeCloseTo(27 / 64, 12);
    // Shape 12, q = 1/4: mean 4.
    const p0 = 0.75 ** 12;
    expect(lowerTail({ baselineCount: 11.5, baselineWindows: 3, count: 1, windows: 1 })).toBeCloseTo(p0 * 4, 12);
  });

  it('knows that the loss of thirty is certain and that of three is not', () => {
    const loss = (usual: number, windows: number) =>
      lowerTail({ baselineCount: 35 * usual, baselineWindows: 35, count: 0, windows });
    expect(loss(30, 1)).toBeCloseTo(1.4e-13, 14);
    expect(loss(3, 1)).toBeGreaterThan(0.01);
    expect(loss(3, 7)).toBeLessThan(1e-8);
  });

  it('grows with the count, and falls with what was usual', () => {
    const size = fc.double({ min: 1, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(size, fc.nat({ max: 500 }), fc.nat({ max: 500 }), (baselineCount, a, b) => {
        const tail = (count: number, baseline = baselineCount) =>
          lowerTail({ baselineCount: baseline, baselineWindows: 35, count, windows: 2 });
        expect(tail(a)).toBeGreaterThanOrEqual(0);
        expect(tail(a)).toBeLessThanOrEqual(1);
        expect(tail(a + b)).toBeGreaterThanOrEqual(tail(a) * (1 - 1e-6));
        expect(tail(a, baselineCount * 2)).toBeLessThanOrEqual(tail(a) * (1 + 1e-6));
      }),
    );
  });
});
