import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { type DurationSketch, durationBucket, durationBuckets, toSketch } from '#core/count/duration-sketch.ts';
import { normal, poisson, seeded } from '../../../test/support/chance-series.ts';
import type { LatencySettings } from './condition.ts';
import type { ObservedWindow } from './detector.ts';
import { LatencyDetector } from './latency.ts';
import { countSlow, isCertain } from './slow-evidence.ts';
import type { Verdict } from './verdict.ts';

const settings: LatencySettings = {
  quantile: 0.95,
  z: 4,
  minRise: 0.5,
  minRiseMs: 20,
  minRequests: 30,
  aboveMs: null,
  baselineWindows: 360,
  minBaselineWindows: 30,
};
const windowMs = 10_000;
const seoul = localTimeOf('Asia/Seoul');

function sketchOf(durationsMs: Iterable<number>): DurationSketch {
  const counts = new Uint32Array(durationBuckets);
  for (const durationMs of durationsMs) {
    const bucket = durationBucket(Math.floor(durationMs));
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return toSketch(counts);
}

/** A detector with a driver: windows of 10 s in order, durations in milliseconds. */
class Run {
  detector: LatencyDetector;
  #startAtMs = 0;

  constructor(own: Partial<LatencySettings> = {}) {
    this.detector = new LatencyDetector({ ...settings, ...own }, seoul);
  }

  window(durationsMs: readonly number[]): ObservedWindow {
    const startAtMs = this.#startAtMs;
    this.#startAtMs += windowMs;
    const requestCount = durationsMs.length;
    const durations = sketchOf(durationsMs);
    return { startAtMs, endAtMs: startAtMs + windowMs, count: requestCount, requestCount, durations, isComplete: true };
  }

  judge(durationsMs: readonly number[]): Verdict {
    return this.detector.judge(this.window(durationsMs));
  }

  repeat(times: number, durationsMs: readonly number[]): Verdict[] {
    return Array.from({ length: times }, () => this.judge(durationsMs));
  }
}

/** Durations between 0.8 and 1.2 times `ms`. */
const around = (ms: number, count = 100) => Array.from({ length: count }, (_, i) => ms * (0.8 + (0.4 * i) / count));
const kindsOf = (verdicts: readonly Verdict[]) => [...new Set(verdicts.map(({ kind }) => kind))];

describe('LatencyDetector', () => {
  it('says its numbers so that they can be checked by hand', () => {
    const run = new Run();
    run.repeat(100, around(100));
    const verdict = run.judge(around(500));
    expect(verdict).toMatchObject({ kind: 'anomaly', unit: 'ms', requestCount: 100 });
    expect(verdict.reason).toBe(
      'p95 of 100 requests in 10s was 565.1 ms, usual is 111.8 ms, this is 5.05 times as much: z = ln(5.05) / 0.1 = 16.2 (threshold 4)',
    );
    expect(verdict.z).toBeCloseTo(Math.log(verdict.value / (verdict.baseline ?? 0)) / 0.1, 6);
    expect(verdict.scale).toBeCloseTo((verdict.baseline ?? 0) * (Math.exp(0.1) - 1), 6);
  });

  it('learns first', () => {
    const verdicts = new Run().repeat(30, around(100));
    expect(kindsOf(verdicts)).toEqual(['learning']);
    expect(verdicts[4]?.reason).toMatch(/; learning what is usual: 5 of 30 windows with enough requests seen$/);
    expect(verdicts[4]).toMatchObject({ baseline: null, scale: null, z: null });
  });

  it('takes small rises for no incident, as a share or in milliseconds', () => {
    const run = new Run();
    run.repeat(100, around(100));
    expect(kindsOf(run.repeat(20, around(130)))).toEqual(['normal']);
    const fast = new Run();
    fast.repeat(100, around(4));
    const verdicts = fast.repeat(20, around(12));
    expect(kindsOf(verdicts)).toEqual(['normal']);
    expect(verdicts[0]?.reason).toMatch(/but less than 20 ms more is no incident$/);
  });

  it('does not take a single slow request of few for a slow p99', () => {
    const run = new Run({ quantile: 0.99 });
    run.repeat(100, around(100, 50));
    const verdicts = Array.from({ length: 50 }, (_, i) => run.judge([...around(100, 49), i % 3 === 0 ? 3000 : 100]));
    expect(kindsOf(verdicts)).toEqual(['normal']);
  });

  it('adds up what single windows do not prove', () => {
    const run = new Run({ quantile: 0.5 });
    run.repeat(100, around(100, 30));
    const verdicts = run.repeat(8, [...around(100, 9), ...around(300, 21)]);
    expect(verdicts[0]?.kind).toBe('normal');
    expect(verdicts.at(-1)?.kind).toBe('anomaly');
  });

  it('waits for enough requests, and says how long that took', () => {
    const run = new Run();
    run.repeat(150, around(100, 10));
    const verdicts = run.repeat(9, around(1000, 10));
    expect(verdicts.map(({ kind }) => kind).filter((kind) => kind === 'anomaly').length).toBeGreaterThan(1);
    expect(verdicts.at(-1)?.reason).toMatch(/^p95 of 30 requests in 30s was /);
    expect(verdicts[0]?.reason).toBe('10 requests in 10s: fewer than 30 say nothing about a quantile');
    // Within an incident nothing is said until there are enough again.
    expect(run.judge(around(1000, 10)).kind).toBe('held');
  });

  it('keeps an incident out of its past, ends it well below what began it, and where nothing more is heard', () => {
    const run = new Run();
    run.repeat(100, around(100));
    expect(kindsOf(run.repeat(500, around(400)))).toEqual(['anomaly']);
    expect(run.judge(around(400)).baseline).toBeCloseTo(111.8, 0);
    expect(run.judge(around(180)).kind).toBe('anomaly');
    expect(run.judge(around(105)).kind).toBe('normal');
    run.repeat(2, around(400));
    const quiet = run.repeat(360, []);
    expect(kindsOf(quiet.slice(0, -1))).toEqual(['held']);
    expect(quiet.at(-1)?.kind).toBe('normal');
    expect(quiet.at(-1)?.reason).toMatch(/taken as over$/);
    expect(run.detector.isSilent).toBe(true);
  });

  it('accepts a level that stays for a day, where the baseline is an hour', () => {
    const run = new Run({ baselineWindows: 60 });
    run.repeat(100, around(100));
    const verdicts = run.repeat(24 * 60, around(400));
    expect(verdicts.at(-1)?.reason).toMatch(/and that for 4h or longer: accepted as the new usual level$/);
    expect(kindsOf(run.repeat(20, around(400)))).toEqual(['normal']);
  });

  it('knows a fixed limit too, without learning', () => {
    const run = new Run({ aboveMs: 300 });
    expect(kindsOf(run.repeat(5, around(200)))).toEqual(['normal']);
    const [first, second] = run.repeat(2, around(500));
    expect(first?.reason).toMatch(/the limit is 300 ms, but that is one window only$/);
    expect(second?.kind).toBe('anomaly');
    expect(run.judge(around(320)).kind).toBe('anomaly');
    expect(run.judge(around(200)).reason).toMatch(/the limit is 300 ms: it is over$/);
    const few = run.judge([...around(200, 94), ...around(500, 6)]);
    expect(few.reason).toMatch(/but so few slow ones can be chance$/);
  });

  it.each([
    [0.5, 20],
    [0.95, 100],
    [0.99, 100],
  ])('chance, rhythm and rare slow requests are no incident: p%f of about %i requests', (quantile, about) => {
    const random = seeded(about);
    const run = new Run({ quantile });
    for (let i = 0; i < 8640; i += 1) {
      const rhythm = Math.sin((2 * Math.PI * i) / 8640);
      const durations = Array.from({ length: poisson(random, about * (0.6 + 0.4 * rhythm)) }, () => {
        const usual = 40 * (1 + 0.3 * rhythm) * Math.exp(0.6 * normal(random));
        return random() < 0.005 ? 8 * usual : usual;
      });
      const kind = run.detector.passOver(run.window(durations));
      expect(kind === null ? run.detector.judge(run.window(durations)).kind : kind).not.toBe('anomaly');
    }
    expect(JSON.stringify(run.detector.snapshot()).length).toBeLessThan(2048);
  });
});

describe('laws of latency', () => {
  const stretch = fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 0, max: 60 }), fc.nat({ max: 30 }));
  const windows = fc
    .array(stretch, { maxLength: 10 })
    .map((list) => list.flatMap(([ms, count, times]) => Array.from({ length: times }, () => around(ms, count))));
  const limits = fc.constantFrom(null, 300);

  it('a constant series is never an anomaly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 60 }), (ms, count) => {
        const verdicts = new Run().repeat(100, around(ms, count));
        expect(verdicts.some(({ kind }) => kind === 'anomaly')).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('gives the same kinds whether windows are passed over or judged', () => {
    fc.assert(
      fc.property(windows, limits, (list, aboveMs) => {
        const judged = new Run({ aboveMs });
        const passed = new Run({ aboveMs });
        for (const durations of list) {
          const window = passed.window(durations);
          const { kind } = judged.judge(durations);
          expect(passed.detector.passOver(window) ?? passed.detector.judge(window).kind).toBe(kind);
        }
        expect(passed.detector.snapshot()).toEqual(judged.detector.snapshot());
      }),
    );
  });

  it('never looks ahead, and goes on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(windows, limits, fc.nat({ max: 200 }), (list, aboveMs, at) => {
        const judge = (run: Run, part: typeof list) => part.map((durations) => run.judge(durations));
        const whole = judge(new Run({ aboveMs }), list);
        const run = new Run({ aboveMs });
        const before = judge(run, list.slice(0, at));
        const snapshot = JSON.parse(JSON.stringify(run.detector.snapshot()));
        run.detector = LatencyDetector.restore({ ...settings, aboveMs }, seoul, snapshot);
        expect([...before, ...judge(run, list.slice(at))]).toEqual(whole);
      }),
    );
  });
});

describe('slow evidence', () => {
  it('counts what is certainly slower, and asks the binomial', () => {
    const durations = sketchOf([10, 10, 99, 100, 120, 500, 501]);
    expect(countSlow(durations, 110)).toEqual({ slowCount: 3, requestCount: 7 });
    expect(countSlow([], 110)).toEqual({ slowCount: 0, requestCount: 0 });
    // 0.5^20 is 9.5e-7, 0.5^19 is 1.9e-6.
    expect(isCertain({ slowCount: 20, requestCount: 20 }, 0.5)).toBe(true);
    expect(isCertain({ slowCount: 19, requestCount: 19 }, 0.5)).toBe(false);
    expect(isCertain({ slowCount: 0, requestCount: 0 }, 0.99)).toBe(false);
  });
});
