import fc from 'fast-check';
import { mean, standardDeviation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { LevelDetector, type LevelVerdict } from './level.ts';
import { RunningLevels } from './running-levels.ts';
import { seriesSettings } from './series-settings.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const utc = localTimeOf('UTC');

function judgeAll(values: readonly number[], windowMs = minuteMs): LevelVerdict[] {
  const detector = new LevelDetector(seriesSettings, utc);
  return values.map((value, i) => detector.judge({ startAtMs: i * windowMs, endAtMs: (i + 1) * windowMs, value }));
}

const anomaliesOf = (verdicts: readonly LevelVerdict[]) =>
  verdicts.flatMap(({ kind }, i) => (kind === 'anomaly' ? [i] : []));
/** Uneven by a few parts in a hundred, without chance. */
const wave = (length: number, level: number) =>
  Array.from({ length }, (_, i) => level * (1 + 0.02 * Math.sin(i * 2.4)));

describe('LevelDetector', () => {
  it('learns for twenty windows, then says its numbers', () => {
    const verdicts = judgeAll(wave(40, 100));
    expect(verdicts[0]).toMatchObject({ kind: 'learning', centre: null, scale: null, z: 0, score: 0 });
    expect(verdicts.slice(0, 20).every(({ kind }) => kind === 'learning')).toBe(true);
    expect(verdicts[20]).toMatchObject({ kind: 'normal' });
    expect(verdicts[20]?.centre).toBeCloseTo(100, 0);
    expect(verdicts[20]?.scale).toBeCloseTo(12, 0);
  });

  it('finds rises and falls, one window of a great one, two of three of a smaller one', () => {
    const calm = wave(100, 100);
    expect(anomaliesOf(judgeAll([...calm, 250, 100]))).toEqual([100]);
    expect(anomaliesOf(judgeAll([...calm, 35, 35, 100]))).toEqual([101]);
    expect(anomaliesOf(judgeAll([...calm, 165, 100, 165, 100]))).toEqual([102]);
    expect(anomaliesOf(judgeAll([...calm, 165, 100, 100, 165]))).toEqual([]);
  });

  it('takes changes of less than half of a calm level for no news', () => {
    expect(anomaliesOf(judgeAll([...wave(200, 100), ...wave(50, 140)]))).toEqual([]);
  });

  it('keeps an incident out of its past, and accepts a level that stays', () => {
    const verdicts = judgeAll([...wave(100, 100), ...wave(600, 300)]);
    expect(verdicts[300]?.centre).toBeCloseTo(100, 0);
    expect(anomaliesOf(verdicts)).toEqual(Array.from({ length: 240 }, (_, i) => 100 + i));
    expect(verdicts[500]?.centre).toBeGreaterThan(280);
  });

  it('knows the hours of the day: what comes every day is ordinary', () => {
    const day = (peak: number) => Array.from({ length: 24 }, (_, hour) => (hour === 12 ? peak : 10));
    const days = Array.from({ length: 12 }, () => day(200)).flat();
    const late = anomaliesOf(judgeAll([...days, ...day(200)], hourMs)).filter((i) => i >= 24 * 4);
    expect(late).toEqual([]);
    const wrongHour = [...days, ...Array.from({ length: 5 }, () => 10), 400, 400];
    expect(anomaliesOf(judgeAll(wrongHour, hourMs))).toContain(24 * 12 + 6);
  });

  it('asks more of a series that bursts', () => {
    const bursts = Array.from({ length: 400 }, (_, i) => (i % 10 === 9 ? 60 : 0));
    const verdicts = judgeAll([...Array.from({ length: 30 }, () => 0), ...bursts, 3000]);
    expect(anomaliesOf(verdicts).filter((i) => i > 130 && i < 430).length).toBeLessThan(6);
    expect(verdicts.at(-1)?.kind).toBe('anomaly');
  });

  it('says of constant series that nothing is wrong', () => {
    const constant = fc.oneof(fc.integer(), fc.double({ min: -1e9, max: 1e9, noNaN: true }));
    fc.assert(
      fc.property(constant, (value) => {
        expect(anomaliesOf(judgeAll(Array(200).fill(value)))).toEqual([]);
      }),
    );
  });

  it('gives finite numbers and scores from 0 to 1 whatever comes, and never looks ahead', () => {
    const values = fc.array(fc.oneof(fc.nat({ max: 100 }), fc.double({ min: -1e12, max: 1e12, noNaN: true })), {
      minLength: 25,
      maxLength: 120,
    });
    fc.assert(
      fc.property(values, fc.nat({ max: 100 }), (list, at) => {
        const verdicts = judgeAll(list);
        for (const { score, z } of verdicts) {
          expect(score >= 0 && score <= 1).toBe(true);
          expect(Number.isFinite(z)).toBe(true);
        }
        expect(judgeAll(list.slice(0, at))).toEqual(verdicts.slice(0, at));
      }),
    );
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    // JSON knows no -0.
    const gauges = fc.double({ min: -1e3, max: 1e5, noNaN: true }).map((value) => value + 0);
    const values = fc.array(fc.oneof(fc.nat({ max: 100 }), gauges), { maxLength: 400 });
    // Windows of three hours: fifty days, so that the hours of the week come in.
    const windowMs = 3 * hourMs;
    const window = (value: number, i: number) => ({ startAtMs: i * windowMs, endAtMs: (i + 1) * windowMs, value });
    fc.assert(
      fc.property(values, values, (before, after) => {
        const detector = new LevelDetector(seriesSettings, utc);
        before.forEach((value, i) => {
          detector.judge(window(value, i));
        });
        const snapshot = JSON.parse(JSON.stringify(detector.snapshot()));
        const restored = new LevelDetector(seriesSettings, utc, snapshot);
        for (const [i, value] of after.entries()) {
          const next = window(value, before.length + i);
          expect(restored.judge(next)).toEqual(detector.judge(next));
        }
        expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(detector.snapshot()));
      }),
    );
  });

  it('is at most 2 KB as a snapshot, with all its seasons', () => {
    const detector = new LevelDetector(seriesSettings, utc);
    for (let i = 0; i < 60 * 24; i += 1) {
      const value = 1000 + 300 * Math.sin(i / 3.8) + 40 * Math.sin(i * 2.4) + 1 / 3;
      detector.judge({ startAtMs: i * hourMs, endAtMs: (i + 1) * hourMs, value });
    }
    expect(JSON.stringify(detector.snapshot()).length).toBeLessThan(2048);
  });

  it('does not depend on the unit of a gauge', () => {
    const gauge = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 30, maxLength: 80 });
    fc.assert(
      fc.property(gauge, fc.integer({ min: -6, max: 6 }), (list, power) => {
        const unit = 2 ** power;
        const values = list.map((value) => value + 0.03125 / 1024);
        const verdicts = judgeAll(values.map((value) => value * unit));
        expect(verdicts.map(({ kind }) => kind)).toEqual(judgeAll(values).map(({ kind }) => kind));
      }),
    );
  });
});

describe('RunningLevels', () => {
  it('are plain means while young, and scales near the standard deviation, each by itself', () => {
    const levels = new RunningLevels([720, 720]);
    const values = [4, 8, 6, 5, 3, 7, 6, 5];
    for (const value of values) {
      levels.add(0, value, 0);
      levels.add(1, 10 * value, 0);
    }
    expect(levels.mean(0)).toBeCloseTo(mean(values), 10);
    expect(levels.mean(1)).toBeCloseTo(10 * mean(values), 10);
    expect(Math.abs(levels.scale(0) / standardDeviation(values) - 1)).toBeLessThan(0.35);
  });

  it('clamp what lies far out', () => {
    const levels = new RunningLevels([720]);
    for (const value of wave(100, 100)) levels.add(0, value, 1);
    const [before, scale] = [levels.mean(0), levels.scale(0)];
    levels.add(0, 1e6, 1);
    expect(levels.mean(0) - before).toBeLessThan(scale);
    expect(levels.scale(0)).toBeLessThan(1.2 * scale);
  });
});
