import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pastEvidence, sameWindowEvidence } from './version-comparison.ts';

const numbers = (count: number, requestCount: number) => ({ count, requestCount });
const ratioOf = (x: number, n: number, y: number, m: number, oddsRatio: number) =>
  Math.exp(sameWindowEvidence({ ofNew: numbers(x, n), ofOld: numbers(y, m) }, oddsRatio));

/** Binomial coefficient by products of whole numbers. */
function choose(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i += 1) value = (value * (n - k + i)) / i;
  return value;
}

describe('evidence from the same window', () => {
  it('rests on the published distribution of Fisher’s exact test', () => {
    // The lady tasting tea (R. A. Fisher, The Design of Experiments, 1935; A. Agresti, Categorical Data Analysis, section 3.5): of 4 and 4
    // cups, 4 called milk first; 0 to 4 of them rightly with probabilities 1/70, 16/70, 36/70, 16/70, 1/70.
    const published = [1, 16, 36, 16, 1].map((p) => p / 70);
    const mean = published.reduce((sum, p, x) => sum + p * 2 ** x, 0);
    published.forEach((_, x) => {
      expect(ratioOf(x, 4, 4 - x, 4, 2)).toBeCloseTo(2 ** x / mean, 10);
    });
    expect(ratioOf(3, 4, 1, 4, 2)).toBeCloseTo(8 / (321 / 70), 10);
    // With an endless odds ratio, all failures on the new version weigh the inverse of that table's probability: 1 in 8,008 here.
    expect(ratioOf(10, 10, 0, 6, 1e12)).toBeCloseTo(8008, 4);
  });

  it('is the ratio of two probabilities, term by term', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat({ max: 40 }),
        fc.nat({ max: 40 }),
        fc.constantFrom(1, 2, 5, 20, 100, 1000),
        (n, m, a, b, oddsRatio) => {
          const [x, y] = [Math.min(a, n), Math.min(b, m)];
          let mean = 0;
          for (let j = Math.max(0, x + y - m); j <= Math.min(n, x + y); j += 1) {
            mean += ((choose(n, j) * choose(m, x + y - j)) / choose(n + m, x + y)) * oddsRatio ** j;
          }
          expect(sameWindowEvidence({ ofNew: numbers(x, n), ofOld: numbers(y, m) }, oddsRatio)).toBeCloseTo(
            x * Math.log(oddsRatio) - Math.log(mean),
            8,
          );
        },
      ),
    );
  });

  it('says nothing where there is nothing to compare', () => {
    expect(ratioOf(0, 50, 0, 500, 20)).toBe(1);
    expect(ratioOf(7, 50, 0, 0, 20)).toBe(1);
    expect(ratioOf(0, 0, 7, 500, 20)).toBe(1);
    expect(ratioOf(50, 50, 500, 500, 20)).toBe(1);
    expect(ratioOf(7, 50, 3, 500, 1)).toBeCloseTo(1, 9);
  });

  it('3 of 5 and 3 of 50,000 are different things; what both do cancels out', () => {
    expect(ratioOf(3, 5, 1, 500, 100)).toBeGreaterThan(10_000);
    expect(ratioOf(3, 50_000, 1, 500, 100)).toBeLessThan(1);
    expect(ratioOf(25, 50, 250, 500, 5)).toBeLessThan(0.1);
  });

  it('grows with every further failure of the new version, and shrinks with those of the old', () => {
    const sizes = fc.integer({ min: 2, max: 100_000 });
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), fc.nat(), fc.constantFrom(2, 20, 1000), (n, m, a, b, oddsRatio) => {
        const [x, y] = [a % n, b % m];
        const at = (ofNew: number, ofOld: number) =>
          sameWindowEvidence({ ofNew: numbers(ofNew, n), ofOld: numbers(ofOld, m) }, oddsRatio);
        expect(at(x + 1, y)).toBeGreaterThanOrEqual(at(x, y) - 1e-5);
        expect(at(x, y + 1)).toBeLessThanOrEqual(at(x, y) + 1e-5);
      }),
    );
  });
});

describe('evidence from the past', () => {
  it('has the value worked out by hand', () => {
    // 0 of 3,000 before, 3 of 10, a hundred times the rate: 100^3 * 0.7525^3.5.
    expect(Math.exp(pastEvidence(numbers(0, 3000), numbers(3, 10), 100)) / 1e5).toBeCloseTo(3.696, 3);
    expect(pastEvidence(numbers(0, 0), numbers(3, 10), 100)).toBe(0);
    expect(pastEvidence(numbers(4, 500), numbers(0, 0), 100)).toBe(0);
  });

  it('has an expectation of one when nothing has changed', () => {
    // Over the predictive distribution that it divides by: negative binomial with shape 4.5 and q = 200 / 1200.
    const [past, requestCount] = [numbers(4, 1000), 200];
    let probability = (1000 / 1200) ** 4.5;
    let mean = 0;
    for (let count = 0; count < 400; count += 1) {
      mean += probability * Math.exp(pastEvidence(past, numbers(count, requestCount), 2));
      probability *= ((count + 4.5) / (count + 1)) * (200 / 1200);
    }
    expect(mean).toBeCloseTo(1, 9);
  });

  it('of windows one after the other is that of all of them together', () => {
    const window = fc.record({ count: fc.nat({ max: 50 }), requestCount: fc.integer({ min: 1, max: 500 }) });
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 20 }), fc.constantFrom(2, 20, 1000), (windows, ratio) => {
        const past = numbers(3, 800);
        let [sum, weighed] = [0, numbers(0, 0)];
        for (const { count, requestCount } of windows) {
          sum += pastEvidence(past, numbers(count, requestCount), ratio, weighed);
          weighed = numbers(weighed.count + count, weighed.requestCount + requestCount);
        }
        expect(sum).toBeCloseTo(pastEvidence(past, weighed, ratio), 6);
      }),
    );
  });

  it('is weak where the past is short, and grows with every further failure', () => {
    const long = pastEvidence(numbers(0, 10_000), numbers(3, 10), 100);
    const short = pastEvidence(numbers(0, 10), numbers(3, 10), 100);
    expect(long).toBeGreaterThan(10);
    expect(short).toBeLessThan(1);
    const counts = fc.nat({ max: 1000 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 1e6 }), counts, (before, requests, count) => {
        const at = (failed: number) => pastEvidence(numbers(before, requests), numbers(failed, 1000), 20);
        expect(at(count + 1)).toBeGreaterThanOrEqual(at(count));
      }),
    );
  });
});
