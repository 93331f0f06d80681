import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { normal, poisson, seeded } from '../../../test/support/chance-series.ts';
import type { DipSettings } from './condition.ts';
import type { ObservedWindow } from './detector.ts';
import { DipDetector } from './dip.ts';
import type { Verdict } from './verdict.ts';

const settings: DipSettings = { z: 4, minDrop: 0.5, minUsual: 3, baselineWindows: 360, minBaselineWindows: 60 };
const windowMs = 10_000;
const hourMs = 3_600_000;
const dayWindows = 8640;
const seoul = localTimeOf('Asia/Seoul');

/** A detector with a driver: windows of 10 s in order. */
class Run {
  detector: DipDetector;
  #startAtMs = 0;

  constructor(own: DipSettings = settings) {
    this.detector = new DipDetector(own, seoul);
  }

  window(requestCount: number, isComplete = true): ObservedWindow {
    const startAtMs = this.#startAtMs;
    this.#startAtMs += windowMs;
    const endAtMs = startAtMs + windowMs;
    return { startAtMs, endAtMs, count: requestCount, requestCount, durations: [], isComplete };
  }

  judge(requestCount: number, isComplete = true): Verdict {
    return this.detector.judge(this.window(requestCount, isComplete));
  }

  all(counts: Iterable<number>): Verdict[] {
    return Array.from(counts, (count) => this.judge(count));
  }
}

const same = (times: number, count: number) => Array.from({ length: times }, () => count);
/** Uneven as chance would have it, without chance. */
const calm = (times: number, level: number) =>
  Array.from({ length: times }, (_, i) => Math.round(level + Math.sqrt(level) * Math.sin(i * 2.4)));
const kindsOf = (verdicts: readonly Verdict[]) => [...new Set(verdicts.map(({ kind }) => kind))];
const anomaliesOf = (verdicts: readonly Verdict[]) => verdicts.filter(({ kind }) => kind === 'anomaly');

describe('DipDetector', () => {
  it('says its numbers so that they can be checked by hand', () => {
    const run = new Run();
    run.all(same(100, 100));
    const verdict = run.judge(10);
    expect(verdict).toMatchObject({ kind: 'anomaly', value: 10, unit: 'requests', requestCount: 10, baseline: 100 });
    expect(verdict).toMatchObject({ scale: 10, z: -9 });
    expect(verdict.reason).toBe(
      '10 requests in 10s, usual are 100 (scale 10): 90% are missing, z = -9 (threshold -4, by chance less often than 1e-8)',
    );
    expect(run.judge(60).reason).toMatch(/40% are missing, z = -4 \(over when less than 25% are missing\)$/);
    expect(run.judge(90).reason).toMatch(/z = -1: the dip is over$/);
    expect(run.judge(70).reason).toMatch(/z = -3, less than 50% missing is no dip$/);
  });

  it('learns first, and says when it will be ready', () => {
    const verdicts = new Run().all(same(60, 50));
    expect(kindsOf(verdicts)).toEqual(['learning']);
    expect(verdicts[0]).toMatchObject({ baseline: null, scale: null, z: null });
    expect(verdicts[9]?.reason).toBe(
      '50 requests in 10s; learning what is usual: 10 of 60 windows seen, first verdict at 1970-01-01T00:10:10Z or later',
    );
  });

  it.each([
    [1000, 1],
    [30, 2],
    [3, 8],
  ])('is certain of a total loss of usually %i requests a window within %i windows', (level, windows) => {
    const run = new Run({ ...settings, minUsual: 2 });
    run.all(calm(400, level));
    const lost = run.all(same(windows, 0));
    expect(lost.at(-1)?.kind).toBe('anomaly');
    expect(lost.at(-1)?.value).toBe(0);
    // What so little traffic shows in one window is nothing.
    if (level === 3) expect(lost[0]?.kind).toBe('normal');
    // And it lasts until traffic is back.
    expect(kindsOf(run.all(same(30, 0)))).toEqual(['anomaly']);
    expect(run.all(calm(20, level)).at(-1)?.kind).toBe('normal');
  });

  it('finds the loss of two thirds, and says nothing of usual traffic below the least', () => {
    const run = new Run();
    run.all(calm(400, 60));
    expect(anomaliesOf(run.all(calm(10, 20))).length).toBeGreaterThan(5);
    const small = new Run({ ...settings, minUsual: 10 });
    small.all(calm(400, 8));
    const lost = small.all(same(60, 0));
    expect(kindsOf(lost)).toEqual(['normal']);
    expect(lost[0]?.reason).toContain('but fewer than 10 a window come and go');
  });

  it('holds while the input is not complete: nothing is learned, and a dip stays as it is', () => {
    const run = new Run();
    run.all(same(100, 100));
    const before = JSON.stringify(run.detector.snapshot());
    const held = Array.from({ length: 50 }, () => run.judge(0, false));
    expect(kindsOf(held)).toEqual(['held']);
    expect(held[0]?.reason).toBe(
      '0 requests in 10s so far: the input is not complete, so nothing is said of what is missing',
    );
    expect(JSON.stringify(run.detector.snapshot())).toBe(before);
    expect(run.judge(0).kind).toBe('anomaly');
    expect(run.judge(100, false).kind).toBe('held');
    expect(run.judge(0).kind).toBe('anomaly');
  });

  it('keeps a dip out of its baseline, and accepts a level that stays after six baselines', () => {
    const run = new Run();
    run.all(same(200, 100));
    const verdicts = run.all(same(6 * 360, 0));
    expect(kindsOf(verdicts.slice(0, -1))).toEqual(['anomaly']);
    expect(verdicts.at(-2)?.baseline).toBe(100);
    expect(run.detector.isSilent).toBe(false);
    expect(verdicts.at(-1)?.kind).toBe('normal');
    expect(verdicts.at(-1)?.reason).toMatch(/and that for 6h: accepted as the new usual level$/);
    expect(kindsOf(run.all(same(dayWindows, 0)))).toEqual(['normal']);
    expect(run.detector.isSilent).toBe(true);
  });

  it('does not fire when a burst or a ramp ends', () => {
    const ramp = Array.from({ length: 100 }, (_, i) => 3 - (2 * i) / 100);
    const shape = [...same(400, 1), ...same(30, 3), ...same(200, 1), ...same(200, 3), ...ramp, ...same(300, 1)];
    const random = seeded(5);
    const run = new Run();
    expect(anomaliesOf(run.all(shape.map((share) => poisson(random, 200 * share))))).toEqual([]);
  });

  it.each([3, 20, 200])('lets jobs come and go (%i requests a window, three minutes an hour)', (level) => {
    const random = seeded(level);
    for (const phase of [0, 9, 20, 200]) {
      const counts = Array.from({ length: dayWindows / 2 }, (_, i) =>
        poisson(random, (i + phase) % 360 < 18 ? 20 * level : 0),
      );
      expect(anomaliesOf(new Run().all(counts))).toEqual([]);
    }
  });

  it('hears of traffic that goes on and off two or three times only', () => {
    const random = seeded(8);
    const counts = Array.from({ length: dayWindows }, (_, i) => poisson(random, i % 240 < 120 ? 50 : 0));
    const kinds = new Run().all(counts).map(({ kind }) => kind);
    const begun = kinds.filter((kind, i) => kind === 'anomaly' && kinds[i - 1] !== 'anomaly');
    expect(begun.length).toBeLessThanOrEqual(3);
  });
});

describe('dips in days of windows', () => {
  const dayShape = (hour: number) => 0.2 + 0.8 * Math.sin((Math.PI * hour) / 24) ** 2;

  it.each([4, 400])(
    'no rhythm, chance or wandering is a dip, from the first day on (%i requests a window)',
    (level) => {
      const random = seeded(level);
      const run = new Run();
      let wander = 0;
      for (let i = 0; i < 2 * dayWindows; i += 1) {
        const hour = ((i * windowMs) / hourMs) % 24;
        wander = 0.995 * wander + 0.006 * normal(random);
        const mean = level * dayShape(hour) * Math.exp(wander + 0.12 * normal(random));
        const kind = run.detector.passOver(run.window(poisson(random, mean)));
        expect(kind === 'normal' || kind === 'learning').toBe(true);
      }
      expect(JSON.stringify(run.detector.snapshot()).length).toBeLessThan(2048);
    },
  );

  it('learns that traffic stops each evening', () => {
    const random = seeded(3);
    const run = new Run();
    const dipDays = new Set<number>();
    for (let i = 0; i < 5 * dayWindows; i += 1) {
      const hour = Math.floor((i * windowMs) / hourMs) % 24;
      const isOpen = hour >= 8 && hour < 18;
      if (run.judge(isOpen ? poisson(random, 60) : 0).kind === 'anomaly') dipDays.add(Math.floor(i / dayWindows));
    }
    expect([...dipDays].every((day) => day < 3)).toBe(true);
    expect(run.detector.isSilent).toBe(false);
  });
});

describe('laws of dips', () => {
  const small: DipSettings = { ...settings, baselineWindows: 40, minBaselineWindows: 20 };
  const stretch = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 40 }));
  const windows = fc
    .array(stretch, { maxLength: 12 })
    .map((list) => list.flatMap(([level, times]) => calm(times, level)));

  it('a constant series is never a dip', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), (level) => {
        expect(anomaliesOf(new Run(small).all(same(120, level)))).toEqual([]);
      }),
    );
  });

  it('gives the same kinds whether windows are passed over or judged', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const judged = new Run(small);
        const passed = new Run(small);
        for (const [i, count] of list.entries()) {
          const window = passed.window(count, i % 17 !== 5);
          const { kind } = judged.judge(count, i % 17 !== 5);
          expect(passed.detector.passOver(window) ?? passed.detector.judge(window).kind).toBe(kind);
        }
        expect(passed.detector.snapshot()).toEqual(judged.detector.snapshot());
      }),
    );
  });

  it('never looks ahead, and goes on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(windows, fc.nat({ max: 300 }), (list, at) => {
        const whole = new Run(small).all(list);
        const run = new Run(small);
        const before = run.all(list.slice(0, at));
        run.detector = DipDetector.restore(small, seoul, JSON.parse(JSON.stringify(run.detector.snapshot())));
        expect([...before, ...run.all(list.slice(at))]).toEqual(whole);
      }),
    );
  });
});
