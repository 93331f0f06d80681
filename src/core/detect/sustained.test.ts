import { describe, expect, it } from 'vitest';
import { drawn, seeded } from '../../../test/support/chance-series.ts';
import { DetectorRun, kindsOf, noPast } from '../../../test/support/detector-run.ts';
import type { SustainedSettings } from './condition.ts';
import { SustainedDetector } from './sustained.ts';

const sustained: SustainedSettings = { above: 0.5, minCount: 10, overWindows: 30, minWindows: 6 };
const newSustained = (settings = sustained) => new DetectorRun(new SustainedDetector(settings, noPast));

describe('SustainedDetector', () => {
  /** Seconds from the onset at which it is found: half a request a second, after ten good minutes; `Infinity` after half an hour. */
  function delay(seed: number, rate: number, settings = sustained): number {
    const random = seeded(seed);
    const run = newSustained(settings);
    const requests = () => drawn(random, 50, 0.1);
    for (let i = 0; i < 60; i += 1) expect(run.judge(0, requests()).kind).toBe('normal');
    for (let i = 1; i <= 180; i += 1) {
      const requestCount = requests();
      if (run.judge(drawn(random, requestCount, rate), requestCount).kind === 'anomaly') return i * 10;
    }
    return Number.POSITIVE_INFINITY;
  }

  it('finds nine of ten of half a request a second in a minute or two', () => {
    const delays = Array.from({ length: 200 }, (_, seed) => delay(seed, 0.9)).sort((a, b) => a - b);
    expect(delays[100]).toBeLessThanOrEqual(70);
    expect(delays[195]).toBeLessThanOrEqual(120);
    expect(delays.at(-1)).toBeLessThanOrEqual(180);
  });

  it('says since when, and with what numbers', () => {
    const run = newSustained();
    run.repeat(30, 0, 5);
    const found = run.repeat(6, 5, 5).at(-1);
    expect(found).toMatchObject({ kind: 'anomaly', value: 30, requestCount: 30, windowStartAtMs: 300_000 });
    expect(found?.reason).toBe(
      '30 of 30 requests failed in 1m (100%): above 50%, and by chance so many come with probability 9.3e-10 at most',
    );
  });

  it('one stray error never is one, nor a single burst, nor a burst with strays behind it', () => {
    const stray = newSustained();
    for (let i = 0; i < 60; i += 1) {
      expect(stray.judge(1, 1).kind).toBe('normal');
      expect(kindsOf(stray.repeat(29, 0, i % 3))).toEqual(['normal']);
    }
    const burst = newSustained();
    burst.repeat(10, 0, 5);
    expect(burst.judge(1000, 1000).kind).toBe('normal');
    expect(kindsOf(burst.repeat(40, 0, 5))).toEqual(['normal']);
    expect(burst.judge(1000, 1000).kind).toBe('normal');
    expect(kindsOf(burst.repeat(40, 1, 5))).toEqual(['normal']);
  });

  it('is not ended by what went well before it began', () => {
    const run = newSustained({ ...sustained, above: 0.2, overWindows: 60 });
    run.repeat(60, 0, 20);
    const kinds = run.repeat(20, 7, 20).map(({ kind }) => kind);
    const from = kinds.indexOf('anomaly');
    expect(from).toBeGreaterThan(-1);
    expect(kinds.slice(from).every((kind) => kind === 'anomaly')).toBe(true);
    // With failures that have become fewer, and are still above the limit.
    expect(kindsOf(run.repeat(30, 5, 20))).toEqual(['anomaly']);
    expect(kindsOf(run.repeat(10, 0, 20))).toContain('normal');
  });

  it('ends when enough have gone well, and begins again only by failing anew', () => {
    const run = newSustained();
    run.repeat(30, 5, 5);
    expect(run.judge(0, 5).kind).toBe('anomaly');
    const ended = run.judge(0, 5);
    expect(ended).toMatchObject({ kind: 'normal', value: 0, requestCount: 10 });
    expect(ended.reason).toBe('0 of 10 requests failed in 20s (0%): over, no longer above 50%');
    expect(kindsOf(run.repeat(5, 5, 5))).toEqual(['normal']);
    expect(run.judge(5, 5).kind).toBe('anomaly');
  });

  it('goes on while nobody calls, and not for ever', () => {
    const run = newSustained();
    run.repeat(12, 5, 5);
    const silence = run.repeat(60, 0, 0).map(({ kind }) => kind);
    expect(silence).toEqual([...Array(29).fill('anomaly'), ...Array(31).fill('normal')]);
    expect(run.detector.isSilent).toBe(true);
  });

  it('does not end by our own stall', () => {
    const run = newSustained();
    run.repeat(12, 5, 5);
    run.isComplete = false;
    expect(run.judge(0, 0).reason).toBe(
      '0 of 0 requests failed in 10s: the input is not complete, so that says nothing',
    );
    expect(kindsOf(run.repeat(60, 0, 0))).toEqual(['held']);
    expect(kindsOf(run.repeat(3, 5, 5))).toEqual(['anomaly']);
  });

  it('does not flap while one request a minute fails, nor where the share is just above the limit', () => {
    const rare = newSustained();
    rare.repeat(12, 5, 5);
    for (let i = 0; i < 60; i += 1) expect(kindsOf([rare.judge(1, 1), ...rare.repeat(5, 0, 0)])).toEqual(['anomaly']);
    const random = seeded(11);
    const run = newSustained();
    let steps = 0;
    let before = 'normal';
    for (let i = 0; i < 8640; i += 1) {
      const { kind } = run.judge(drawn(random, 5, 0.6), 5);
      if (kind !== before) steps += 1;
      before = kind;
    }
    expect(steps).toBeLessThan(20);
  });

  it('a day with a third failing, the limit at a half, is quiet', () => {
    for (const perWindow of [1, 5, 40]) {
      const random = seeded(perWindow);
      const run = newSustained();
      for (let i = 0; i < 8640; i += 1) {
        expect(run.judge(drawn(random, perWindow, 0.33), perWindow).kind).toBe('normal');
      }
    }
  });
});
