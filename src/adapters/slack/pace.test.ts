import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('Pace', () => {
  it('spaces calls out, and lets a burst through after a quiet time', () => {
    const pace = new Pace({ intervalMs: 1000, burst: 3 });
    expect([0, 0, 0, 0, 0].map((nowMs) => pace.reserve(nowMs))).toEqual([0, 0, 0, 1000, 2000]);
    expect([60_000, 60_000, 60_000, 60_000].map((nowMs) => pace.reserve(nowMs))).toEqual([0, 0, 0, 1000]);
  });

  it('with a burst of one keeps the interval exactly', () => {
    const pace = new Pace({ intervalMs: 1000, burst: 1 });
    expect([0, 0, 300, 5000].map((nowMs) => pace.reserve(nowMs))).toEqual([0, 1000, 1700, 0]);
  });

  it('holds everybody back, and spaces them out afterwards', () => {
    const pace = new Pace({ intervalMs: 1000, burst: 1 });
    pace.hold(30_000);
    expect([0, 10_000, 31_000].map((nowMs) => pace.reserve(nowMs))).toEqual([30_000, 21_000, 1000]);
  });

  it('never lets more through than burst + elapsed / interval, whenever calls come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3000)), fc.integer({ min: 1, max: 5 }), (gaps, burst) => {
        const pace = new Pace({ intervalMs: 1000, burst });
        let nowMs = 0;
        const turns = gaps.map((gapMs) => {
          nowMs += gapMs;
          return nowMs + pace.reserve(nowMs);
        });
        turns.forEach((from, i) => {
          turns.slice(i).forEach((to, count) => {
            expect(count + 1).toBeLessThanOrEqual(burst + (to - from) / 1000 + 1e-9);
          });
        });
      }),
    );
  });
});
