import fc from 'fast-check';
import { binomialDistribution } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { binomialLowerTail, binomialUpperTail } from './binomial-tail.ts';

describe('the tails of the binomial distribution', () => {
  it('has the published values', () => {
    // https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.binomtest.html: 3 of 15 at a rate of 0.1, `greater`; the
    // lower bound of the exact interval at 95 % is where the tail is 5 %.
    expect(binomialUpperTail(3, 15, 0.1)).toBeCloseTo(0.18406106910639114, 12);
    expect(binomialUpperTail(3, 15, 0.05684686759024681)).toBeCloseTo(0.05, 12);
    // https://en.wikipedia.org/wiki/Binomial_test: 51 sixes or more in 235 rolls.
    expect(binomialUpperTail(51, 235, 1 / 6)).toBeCloseTo(0.02654, 5);
    // Powers of two: 10 of 10, and 9 or more of 10.
    expect(binomialUpperTail(10, 10, 0.5)).toBeCloseTo(1 / 1024, 15);
    expect(binomialUpperTail(9, 10, 0.5)).toBeCloseTo(11 / 1024, 15);
  });

  it('agrees with simple-statistics', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        fc.nat({ max: 80 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (requestCount, drawn, rate) => {
          const count = Math.min(drawn, requestCount);
          const pmf = binomialDistribution(requestCount, rate) ?? [];
          // Its table ends where the rest is below 0.0001.
          const upper = pmf.slice(count).reduce((sum, p) => sum + p, 0);
          expect(Math.abs(binomialUpperTail(count, requestCount, rate) - upper)).toBeLessThan(2e-4);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is a probability whose two sides make one, and falls with every further selected request', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.nat({ max: 1_000_000 }),
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        (requestCount, drawn, rate) => {
          const count = drawn % requestCount;
          const upper = binomialUpperTail(count + 1, requestCount, rate);
          expect(upper).toBeGreaterThanOrEqual(0);
          expect(upper).toBeLessThanOrEqual(1);
          expect(upper + binomialLowerTail(count, requestCount, rate)).toBeCloseTo(1, 8);
          expect(upper).toBeLessThanOrEqual(binomialUpperTail(count, requestCount, rate) + 1e-12);
        },
      ),
    );
  });

  it('3 of 5 and 3 of 50,000 are different things', () => {
    expect(binomialUpperTail(3, 5, 0.001)).toBeLessThan(1e-7);
    expect(binomialUpperTail(3, 50_000, 0.001)).toBeGreaterThan(0.999999);
  });

  it('says what is certain where nothing is random', () => {
    expect(binomialUpperTail(0, 0, 0.5)).toBe(1);
    expect(binomialUpperTail(1, 0, 0.5)).toBe(0);
    expect(binomialUpperTail(1, 5, 0)).toBe(0);
    expect(binomialUpperTail(5, 5, 1)).toBe(1);
    expect(binomialLowerTail(5, 5, 0.5)).toBe(1);
    expect(binomialLowerTail(0, 5, 1)).toBe(0);
  });
});
