import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { normal, poisson, seeded } from '../../../test/support/chance-series.ts';
import type { DipSettings } from './condition.ts';
import { DipDetector } from './dip.ts';
import type { Verdict } from './verdict.ts';

const settings: DipSettings = { z: 4, minDrop: 0.5, minUsual: 10, baselineWindows: 360, minBaselineWindows: 60 };
const windowMs = 10_000;
const utc = localTimeOf('UTC');
/** Windows that are judged together at most. */
const longest = 18;

/** A detector with a driver: windows of 10 s in order. */
class Run {
  detector: DipDetector;
  #startAtMs = 0;

  constructor(own: DipSettings = settings) {
    this.detector = new DipDetector(own, utc);
  }

  judge(requestCount: number): Verdict {
    const startAtMs = this.#startAtMs;
    this.#startAtMs += windowMs;
    const endAtMs = startAtMs + windowMs;
    return this.detector.judge({ startAtMs, endAtMs, count: 0, requestCount, durations: [], isComplete: true });
  }

  all(counts: Iterable<number>): Verdict[] {
    return Array.from(counts, (count) => this.judge(count));
  }
}

/** Requests that come in clumps of a Gamma's size: `clump` of about 3 spreads them twice as far as chance alone. */
function bursty(random: () => number, level: number, clump = 3): number {
  // By Wilson and Hilferty: the cube root of a Gamma is nearly normal.
  const shape = level / clump;
  const share = Math.max(0, 1 - 1 / (9 * shape) + normal(random) / (3 * Math.sqrt(shape))) ** 3;
  return poisson(random, level * share);
}

const many = (times: number, next: () => number) => Array.from({ length: times }, next);

describe('an incident is not its own baseline', () => {
  const never: DipSettings = { ...settings, z: 1000 };
  const counts = fc.array(fc.nat({ max: 200 }), { minLength: longest, maxLength: longest });

  /** All that verdicts are worked out from. */
  const learned = (list: readonly number[]) => {
    const run = new Run(never);
    run.all(list);
    const { usual, recent, noise, poolNoise } = run.detector.snapshot().usual;
    return { level: usual.level, rest: usual.rest, recent, noise, poolNoise };
  };

  it('learns nothing of the windows that are still judged, neither their level nor how uneven they are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 80, max: 200 }), counts, counts, (seed, times, one, other) => {
        const random = seeded(seed);
        const past = many(times, () => bursty(random, 50));
        expect(learned([...past, ...one])).toEqual(learned([...past, ...other]));
      }),
    );
  });

  it('learns them when they have been judged and were none', () => {
    const random = seeded(1);
    const past = many(200, () => bursty(random, 50));
    const scaleOf = (list: readonly number[]) => Math.sqrt(learned(list).poolNoise[2]);
    const before = scaleOf(past);
    expect(scaleOf([...past, ...many(2 * longest + 6, () => 10)])).toBeGreaterThan(1.5 * before);
  });

  it('forgets what was noted when a dip begins', () => {
    const run = new Run();
    run.all(many(200, () => 100));
    expect(run.detector.snapshot().usual.waiting).toBeDefined();
    expect(run.judge(0).kind).toBe('anomaly');
    expect(run.detector.snapshot().usual.waiting).toBeUndefined();
  });

  it('reads a snapshot that notes nothing yet', () => {
    const run = new Run();
    run.all(many(200, () => 100));
    const { usual, ...others } = run.detector.snapshot();
    const { waiting: _, ...before } = usual;
    run.detector = DipDetector.restore(settings, utc, { ...others, usual: before });
    expect(run.judge(100).kind).toBe('normal');
    expect(run.judge(0).kind).toBe('anomaly');
  });
});

describe('bursty traffic', () => {
  it('is found missing where 40 % are left of five requests a second in clumps', () => {
    const delays = many(20, () => 0).map((_, seed) => {
      const random = seeded(seed + 1);
      const run = new Run();
      const quiet = run.all(many(1000, () => bursty(random, 50)));
      expect(quiet.some(({ kind }) => kind === 'anomaly')).toBe(false);
      const fallen = run.all(many(42, () => poisson(random, 0.4 * bursty(random, 50))));
      return fallen.findIndex(({ kind }) => kind === 'anomaly');
    });
    expect(delays.filter((delay) => delay >= 0).length).toBeGreaterThanOrEqual(18);
    expect(Math.max(...delays)).toBeLessThan(2 * longest);
  });

  it('says which sum came nearest to a dip, and what it lacks', () => {
    const run = new Run({ ...settings, minUsual: 4 });
    run.all(many(200, () => 4));
    const reasons = run.all(many(5, () => 0)).map(({ reason }) => reason);
    // 182 windows of 4 are learned: the chance of none in three more is (182 / 185) ^ 728.5.
    expect(reasons[2]).toBe(
      '0 requests in 10s, usual are 4 (scale 2): 100% are missing, z = -2; nearest to a dip: 0 requests in 30s, ' +
        'usual are 12 (scale 3.46): 100% are missing, z = -3.46, the threshold is -4; by chance 0.000007, less than 1e-8 is needed',
    );
    expect(reasons[0]).toMatch(/z = -2, the threshold is -5; by chance 0.02, less than 1e-8 is needed$/);
    expect(reasons[3]).toMatch(/z = -4, the threshold is -4; by chance 1e-7, less than 1e-8 is needed$/);
    expect(reasons[4]).toMatch(/^0 requests in 50s, usual are 20 .* \(threshold -4, by chance less often than 1e-8\)$/);
  });
});
