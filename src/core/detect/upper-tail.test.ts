import fc from 'fast-check';
import { poissonDistribution } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { binomialLowerTail } from './binomial-tail.ts';
import { upperTail } from './upper-tail.ts';

/** The same distribution by its recurrence from 0 upwards: P(X >= k) = 1 - P(X < k). */
function tailByRecurrence(shape: number, q: number, count: number): number {
  let term = (1 - q) ** shape;
  let below = 0;
  for (let k = 0; k < count; k += 1) {
    below += term;
    term *= ((k + shape) / (k + 1)) * q;
  }
  return 1 - below;
}

describe('upperTail', () => {
  it('is the Poisson tail at the baseline’s rate when the baseline is long', () => {
    // 1 % of 100 million requests, so 4 expected of 400: the rate is as good as known.
    const question = { baselineCount: 1e6, baselineRequestCount: 1e8, requestCount: 400 };
    const pmf = poissonDistribution(4) ?? [];
    for (let count = 5; count < 12; count += 1) {
      const expected = 1 - pmf.slice(0, count).reduce((sum, p) => sum + p, 0);
      expect(upperTail({ ...question, count })).toBeCloseTo(expected, 4);
    }
  });

  it('has the published value of the negative binomial distribution', () => {
    // https://en.wikipedia.org/wiki/Negative_binomial_distribution, selling candy: five bars, sold with probability 0.4 at each house; not
    // all are sold after 30 houses, so 26 refusals or more: 1 - I_0.4(5, 26) = 0.0015. Half an event of the shape is the prior.
    const question = { baselineCount: 4.5, baselineRequestCount: 40, requestCount: 60 };
    expect(upperTail({ ...question, count: 26 })).toBeCloseTo(0.0015, 4);
    expect(upperTail({ ...question, count: 26 })).toBeCloseTo(binomialLowerTail(4, 30, 0.4), 12);
  });

  it('agrees with the distribution summed from the other end', () => {
    const arbitrary = fc.record({
      baselineCount: fc.nat({ max: 30 }),
      baselineRequestCount: fc.integer({ min: 100, max: 10_000 }),
      count: fc.integer({ min: 1, max: 60 }),
      requestCount: fc.integer({ min: 60, max: 3000 }),
    });
    fc.assert(
      fc.property(arbitrary, (question) => {
        const shape = question.baselineCount + 0.5;
        const mean = (shape * question.requestCount) / question.baselineRequestCount;
        fc.pre(question.count > mean);
        const q = question.requestCount / (question.baselineRequestCount + question.requestCount);
        expect(upperTail(question)).toBeCloseTo(tailByRecurrence(shape, q, question.count), 8);
      }),
    );
  });

  it('is wider the less is known', () => {
    const question = { baselineCount: 0, count: 5, requestCount: 100 };
    const known = upperTail({ ...question, baselineRequestCount: 100_000 });
    const barely = upperTail({ ...question, baselineRequestCount: 200 });
    expect(known).toBeLessThan(1e-12);
    expect(barely).toBeGreaterThan(1e-4);
    expect(upperTail({ ...question, baselineRequestCount: 3000 })).toBeCloseTo(9e-9, 9);
  });

  it('falls with every further line and stays a probability', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 5000 }),
        fc.integer({ min: 1, max: 1e7 }),
        fc.integer({ min: 1, max: 1e6 }),
        (a, b, r) => {
          let before = 1;
          for (const count of [0, 1, 5, 50, 500, 5000]) {
            const tail = upperTail({ baselineCount: a, baselineRequestCount: b, count, requestCount: r });
            expect(tail).toBeGreaterThanOrEqual(0);
            expect(tail).toBeLessThanOrEqual(before * (1 + 1e-9));
            before = tail;
          }
        },
      ),
    );
  });
});
