import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../test/support/chance-series.ts';
import { SpikeDetector } from './spike.ts';
import type { SpikeSettings } from './spike-settings.ts';
import type { Verdict } from './verdict.ts';

const settings: SpikeSettings = { z: 4, minCount: 5, minRatio: 0.01, baselineWindows: 60, minBaselineWindows: 10 };
const windowMs = 10_000;

/** A detector with a driver: windows of 10 s in order. */
class Run {
  readonly detector: SpikeDetector;
  #startAtMs = 0;

  constructor(past = { pastWindows: 60, requestCount: 300 }, own: SpikeSettings = settings) {
    this.detector = new SpikeDetector(own, past);
  }

  judge(count: number, requestCount: number): Verdict {
    const startAtMs = this.#startAtMs;
    this.#startAtMs += windowMs;
    return this.detector.judge({ startAtMs, endAtMs: startAtMs + windowMs, count, requestCount }, 'ended with UC');
  }

  repeat(times: number, count: number, requestCount: number): Verdict[] {
    return Array.from({ length: times }, () => this.judge(count, requestCount));
  }
}

const kinds = (verdicts: readonly Verdict[]) => [...new Set(verdicts.map(({ kind }) => kind))];

describe('SpikeDetector', () => {
  it('says its numbers so that they can be checked by hand', () => {
    const run = new Run({ pastWindows: 0, requestCount: 0 });
    run.repeat(60, 1, 310);
    const verdict = run.judge(42, 310);
    expect(verdict).toMatchObject({ kind: 'anomaly', value: 42, requestCount: 310, scale: 1, z: 41 });
    expect(verdict.baseline).toBeCloseTo(1);
    expect(verdict.reason).toBe(
      '42 of 310 requests ended with UC in 10s; usual is 1 (baseline of 60 windows, scale 1): z = 41 (threshold 4)',
    );
  });

  it('learns first, and says when it will be ready', () => {
    const run = new Run({ pastWindows: 0, requestCount: 0 });
    const learning = run.repeat(10, 200, 300);
    expect(kinds(learning)).toEqual(['learning']);
    expect(learning[0]).toMatchObject({ baseline: null, scale: null, z: null });
    expect(learning[2]?.reason).toBe(
      '200 of 300 requests ended with UC in 10s; learning what is usual: 3 of 10 windows seen, ' +
        'first verdict at 1970-01-01T00:01:50Z or later',
    );
    // The eleventh window, which ends at 1:50.
    expect(run.judge(200, 300)).toMatchObject({ kind: 'normal', windowEndAtMs: 110_000 });
  });

  it('counts the first failures of a series that was never seen', () => {
    expect(new Run().judge(5, 310).kind).toBe('anomaly');
    expect(new Run({ pastWindows: 30, requestCount: 20 }).judge(5, 20).kind).toBe('anomaly');
  });

  it('takes one error on a quiet edge for no incident', () => {
    const verdict = new Run({ pastWindows: 60, requestCount: 1 }).judge(1, 1);
    expect(verdict.kind).toBe('normal');
    expect(verdict.reason).toContain('z = 1, below the threshold of 4');
    const two = new Run({ pastWindows: 60, requestCount: 1 }, { ...settings, z: 0.5 }).judge(2, 2);
    expect(two.reason).toContain('but fewer than 5 are no incident');
  });

  it('takes a small share of much traffic for no incident', () => {
    const verdict = new Run({ pastWindows: 60, requestCount: 100_000 }).judge(400, 100_000);
    expect(verdict.kind).toBe('normal');
    expect(verdict.reason).toContain('but less than 1% of the requests is no incident');
  });

  it('does not believe z alone', () => {
    // 10 windows without a failure on few requests: the rate may well be what the busy window shows.
    const verdict = new Run({ pastWindows: 10, requestCount: 20 }).judge(5, 300);
    expect(verdict.z).toBe(5);
    expect(verdict.kind).toBe('normal');
    expect(verdict.reason).toContain('but so few can be chance');
  });

  it('keeps an incident out of its baseline, however long', () => {
    const run = new Run();
    expect(kinds(run.repeat(500, 150, 300))).toEqual(['anomaly']);
    expect(run.judge(150, 300).baseline).toBe(0);
    expect(run.judge(0, 300).kind).toBe('normal');
    expect(run.judge(150, 300).kind).toBe('anomaly');
  });

  it('accepts a level that stays for a day’s worth of windows, and says so', () => {
    const run = new Run();
    const verdicts = run.repeat(24 * 60, 150, 300);
    expect(kinds(verdicts.slice(0, -1))).toEqual(['anomaly']);
    expect(verdicts.at(-1)?.kind).toBe('normal');
    expect(verdicts.at(-1)?.reason).toContain('and that for 4h: accepted as the new usual level');
    expect(run.judge(150, 300)).toMatchObject({ kind: 'normal', baseline: 150 });
    expect(run.judge(290, 300).kind).toBe('anomaly');
  });

  it('ends below half of what began it, not at the first better window', () => {
    const run = new Run();
    run.judge(40, 300);
    const better = run.judge(3, 300);
    expect(better).toMatchObject({ kind: 'anomaly', z: 3 });
    expect(better.reason).toContain('(begun at 4, over below 2)');
    expect(run.judge(2, 300).kind).toBe('normal');
    expect(run.judge(3, 300).kind).toBe('normal');
  });

  it('asks for more of a series that alerts often, and says so', () => {
    const run = new Run();
    const bursts = Array.from({ length: 200 }, () => {
      run.repeat(49, 0, 300);
      return run.judge(7, 300);
    });
    const anomalies = bursts.filter(({ kind }) => kind === 'anomaly');
    expect(anomalies.length).toBeGreaterThan(1);
    expect(anomalies.length).toBeLessThan(30);
    expect(bursts[3]?.reason).toMatch(/z = 6.95, below the threshold of 8.21$/);
    const broken = run.judge(150, 300);
    expect(broken.kind).toBe('anomaly');
    expect(broken.reason).toMatch(/\(threshold [\d.]+, raised from 4 by incidents before\)$/);
  });

  it('takes windows without traffic as data', () => {
    const run = new Run({ pastWindows: 0, requestCount: 0 });
    run.repeat(30, 0, 0);
    expect(run.judge(0, 0)).toMatchObject({ kind: 'normal', baseline: 0, z: 0 });
  });
});

describe('spikes in a day of windows', () => {
  const dayWindows = 8640;
  const hour: SpikeSettings = { z: 4, minCount: 5, minRatio: 0.01, baselineWindows: 360, minBaselineWindows: 30 };

  /** Failures and requests as chance gives them: `ratio` of about `requestCount`, one by one. */
  function failures(random: () => number, requestCount: number, ratio: number): number {
    let count = 0;
    for (let i = 0; i < requestCount; i += 1) if (random() < ratio) count += 1;
    return count;
  }

  it.each([
    [300, 0.003],
    [300, 0.02],
    [60, 0.08],
    [4, 0.02],
  ])('chance alone is no incident: about %i requests, %d of them failing', (about, ratio) => {
    const random = seeded(4);
    const run = new Run({ pastWindows: 0, requestCount: 0 }, hour);
    for (let i = 0; i < dayWindows; i += 1) {
      // Traffic swings to a fifth and back within the day.
      const requestCount = Math.round(about * (0.6 + 0.4 * Math.sin((2 * Math.PI * i) / dayWindows)));
      expect(run.judge(failures(random, requestCount, ratio), requestCount).kind).not.toBe('anomaly');
    }
    expect(run.judge(Math.ceil(about / 2) + 4, about + 4).kind).toBe('anomaly');
  });
});

const level = fc.record({
  requestCount: fc.integer({ min: 50, max: 2000 }),
  ratio: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
});

describe('laws of spikes', () => {
  it('traffic times three with the same ratio is no incident, the same count of a third of the traffic is', () => {
    fc.assert(
      fc.property(level, ({ requestCount, ratio }) => {
        const count = Math.round(requestCount * ratio);
        const run = new Run({ pastWindows: 0, requestCount: 0 });
        run.repeat(60, count, requestCount);
        expect(run.judge(3 * count, 3 * requestCount).kind).toBe('normal');
      }),
    );
    const run = new Run({ pastWindows: 0, requestCount: 0 });
    run.repeat(60, 60, 1800);
    expect(run.judge(60, 600)).toMatchObject({ kind: 'anomaly', baseline: 20 });
  });

  it('more failures of the same requests never have a smaller z', () => {
    fc.assert(
      fc.property(level, fc.nat({ max: 50 }), fc.nat({ max: 50 }), ({ requestCount, ratio }, a, b) => {
        const zOf = (count: number) => {
          const run = new Run({ pastWindows: 0, requestCount: 0 });
          run.repeat(20, Math.round(requestCount * ratio), requestCount);
          return run.judge(count, requestCount).z ?? 0;
        };
        expect(zOf(a + b)).toBeGreaterThanOrEqual(zOf(a));
      }),
    );
  });

  const windows = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 60, max: 400 })), {
    maxLength: 60,
  });

  it('is never an anomaly below a gate without an open incident', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const run = new Run({ pastWindows: 10, requestCount: 100 });
        let isOpen = false;
        for (const [count, requestCount] of list) {
          const verdict = run.judge(count, requestCount);
          const isBelow = count < settings.minCount || count < settings.minRatio * requestCount;
          if (!isOpen && isBelow) expect(verdict.kind).toBe('normal');
          isOpen = verdict.kind === 'anomaly';
        }
      }),
    );
  });

  it('gives the same kinds whether quiet windows are passed over or judged', () => {
    fc.assert(
      fc.property(windows, fc.nat({ max: 20 }), (list, pastWindows) => {
        const judged = new Run({ pastWindows, requestCount: 100 });
        const passed = new Run({ pastWindows, requestCount: 100 });
        for (const [count, requestCount] of list) {
          const verdict = judged.judge(count, requestCount);
          const kind = passed.detector.passOver({ count, requestCount });
          expect(kind ?? passed.judge(count, requestCount).kind).toBe(verdict.kind);
        }
      }),
    );
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const small = { ...settings, baselineWindows: 12, minBaselineWindows: 4 };
    fc.assert(
      fc.property(windows, windows, (before, after) => {
        const run = new Run({ pastWindows: 3, requestCount: 100 }, small);
        for (const [count, requestCount] of before) run.judge(count, requestCount);
        const snapshot = JSON.parse(JSON.stringify(run.detector.snapshot()));
        const restored = SpikeDetector.restore(small, snapshot);
        after.forEach(([count, requestCount], i) => {
          const window = { startAtMs: i * windowMs, endAtMs: (i + 1) * windowMs, count, requestCount };
          expect(restored.judge(window, 'x')).toEqual(run.detector.judge(window, 'x'));
        });
      }),
    );
  });
});
