import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawn, seeded } from '../../../test/support/chance-series.ts';
import { SequentialEvidence } from './sequential-evidence.ts';

const logRatios = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 2 });

describe('SequentialEvidence', () => {
  it('is one in the beginning, and stays so while nothing is said', () => {
    const evidence = new SequentialEvidence(2, 5);
    expect(evidence.value).toBe(1);
    for (let i = 0; i < 8; i += 1) {
      evidence.take([]);
      expect(evidence.value).toBeCloseTo(1, 12);
      expect(evidence.isComplete).toBe(i >= 4);
    }
  });

  it('is the mean over alternatives and over the windows in which it may begin', () => {
    const evidence = new SequentialEvidence(2, 3);
    evidence.take([Math.log(4), Math.log(2)]);
    evidence.take([Math.log(8), Math.log(2)]);
    // Half from the first window on, a quarter from the second, a quarter is not placed yet.
    const [first, second] = [(4 * 8 + 2 * 2) / 2, (8 + 2) / 2];
    expect(evidence.value).toBeCloseTo(0.5 * first + 0.25 * second + 0.25, 10);
  });

  it('never says that it is more than a million times likelier, and is not lost for ever', () => {
    const evidence = new SequentialEvidence(1, 10);
    for (let i = 0; i < 100; i += 1) evidence.take([50]);
    expect(evidence.value).toBeLessThanOrEqual(1e6 * (1 + 1e-9));
    evidence.take([-14]);
    expect(evidence.value).toBeLessThan(1);
  });

  it('keeps nothing of what is forgotten, but may begin anew', () => {
    const evidence = new SequentialEvidence(1, 100);
    evidence.take([10]);
    evidence.forget();
    expect(evidence.value).toBeCloseTo(0.5, 12);
    for (let i = 0; i < 10; i += 1) evidence.take([3]);
    expect(evidence.value).toBeGreaterThan(1000);
  });

  it('reaches 1 / a with probability a at most, however often one looks', () => {
    // Fair coins, looked at 200 times: likelihood ratios of 0.6 and 0.8 against 0.5.
    const random = seeded(3);
    const runs = 2000;
    const reached = { twenty: 0, hundred: 0 };
    for (let run = 0; run < runs; run += 1) {
      const evidence = new SequentialEvidence(2, 200);
      let greatest = 0;
      for (let i = 0; i < 200; i += 1) {
        const isHead = drawn(random, 1, 0.5) === 1;
        evidence.take([0.6, 0.8].map((p) => Math.log((isHead ? p : 1 - p) / 0.5)));
        greatest = Math.max(greatest, evidence.value);
      }
      if (greatest >= 20) reached.twenty += 1;
      if (greatest >= 100) reached.hundred += 1;
    }
    expect(reached.twenty / runs).toBeLessThan(0.05);
    expect(reached.hundred / runs).toBeLessThan(0.01);
    expect(reached.twenty).toBeGreaterThan(0);
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(logRatios), fc.array(logRatios), fc.boolean(), (before, after, forgets) => {
        const evidence = new SequentialEvidence(2, 12);
        for (const window of before) evidence.take(window);
        if (forgets) evidence.forget();
        const restored = SequentialEvidence.restore(12, JSON.parse(JSON.stringify(evidence.snapshot())));
        for (const window of after) {
          evidence.take(window);
          restored.take(window);
        }
        expect(restored.value).toBe(evidence.value);
      }),
    );
  });
});
