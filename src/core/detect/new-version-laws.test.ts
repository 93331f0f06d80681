import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../test/support/chance-series.ts';
import type { Flow, Scene } from '../../../test/support/version-run.ts';
import { linesOf, playScene, newVersionSettings as settings, VersionRun } from '../../../test/support/version-run.ts';
import { NewVersionTracker } from './new-version.ts';

const flow = (requestCount: number, rate: number) => (): Flow => ({ requestCount, rate });

/** Seconds from the new version's first line to the first `only_new`, in the middle of so many runs. */
function medianDelay(scene: Scene, runs = 60): number {
  const random = seeded(17);
  const delays = Array.from({ length: runs }, () => {
    const at = playScene(scene, random).indexOf('only_new');
    return at < 0 ? Number.POSITIVE_INFINITY : 10 * (at + 1);
  });
  return delays.sort((a, b) => a - b)[runs / 2] ?? Number.POSITIVE_INFINITY;
}

/** In how many of so many hours it was `only_new` at any of 360 looks. */
function blamed(scene: Omit<Scene, 'warm' | 'windows'>, runs: number, own = settings): number {
  const random = seeded(23);
  let count = 0;
  for (let run = 0; run < runs; run += 1) {
    if (playScene({ warm: 30, windows: 360, ...scene }, random, own).includes('only_new')) count += 1;
  }
  return count;
}

// Simulated hours take seconds where the machine is busy.
const timeoutMs = 60_000;

/** Pods are replaced within a minute: the old version's share of so many requests a window, and that of the new one. */
const leaving = (all: number, i: number) => all * Math.max(0, 1 - Math.max(0, i + 1) / 6.5);
const coming = (all: number, i: number) => all - leaving(all, i);

describe('bad versions', { timeout: timeoutMs }, () => {
  it.each([
    ['a canary of 1 % of 50 requests a second, half of its requests failing', 500, 0.001, 5, 0.5, 30],
    ['the same, a fifth failing', 500, 0.001, 5, 0.2, 60],
    ['a canary of 5 %, a tenth failing instead of a hundredth', 500, 0.01, 25, 0.1, 60],
    ['a canary of 1 % of five requests a second, nine of ten failing', 50, 0.005, 0.5, 0.9, 120],
    ['half of half a request a second each', 2.5, 0.01, 2.5, 0.5, 120],
  ])('%s', (_, ofOld, oldRate, ofNew, newRate, withinSeconds) => {
    const scene = { warm: 60, windows: 60, old: flow(ofOld, oldRate), fresh: flow(ofNew, newRate) };
    expect(medianDelay(scene)).toBeLessThanOrEqual(withinSeconds);
  });

  it('found as well when it begins to fail twenty minutes later, or has replaced all at once', () => {
    const late = (i: number): Flow => ({ requestCount: 5, rate: i < 120 ? 0.001 : 0.5 });
    const scene = { warm: 30, windows: 140, old: flow(500, 0.001), fresh: late };
    expect(medianDelay(scene, 30) - 1200).toBeLessThanOrEqual(30);
    const left = (i: number): Flow => ({ requestCount: i < 0 ? 500 : 0, rate: 0.001 });
    expect(medianDelay({ warm: 60, windows: 30, old: left, fresh: flow(500, 0.2) })).toBeLessThanOrEqual(20);
  });
});

describe('bad versions that replace all pods within a minute', { timeout: timeoutMs }, () => {
  const fresh = (all: number, rate: number) => (i: number) => ({ requestCount: coming(all, i), rate });

  it.each([
    ['half a request a second, a third failing', 5, 0.33, 150],
    ['two a second, a third failing', 20, 0.33, 80],
    ['eight a second, a tenth failing', 80, 0.1, 80],
  ])('%s', (_, all, rate, withinSeconds) => {
    const old = (i: number) => ({ requestCount: leaving(all, i), rate: 0.001 });
    expect(medianDelay({ warm: 150, windows: 36, old, fresh: fresh(all, rate) })).toBeLessThanOrEqual(withinSeconds);
  });

  it('are found although a request breaks here and there as the old pods are shut down', () => {
    // One of some ten requests, in two of the six windows.
    const old = (i: number) => ({ requestCount: leaving(20, i), rate: i === 2 || i === 4 ? 0.1 : 0.001 });
    expect(medianDelay({ warm: 150, windows: 36, old, fresh: fresh(20, 0.33) })).toBeLessThanOrEqual(120);
  });
});

describe('innocent versions', { timeout: timeoutMs }, () => {
  it.each([0.001, 0.005, 0.02])('fail as often as the old one (%d) and are not blamed in an hour of looks', (rate) => {
    expect(blamed({ old: flow(500, rate), fresh: flow(5, rate) }, 120)).toBe(0);
    expect(blamed({ old: flow(250, rate), fresh: flow(250, rate) }, 60)).toBe(0);
    const left = (i: number): Flow => ({ requestCount: i < 0 ? 500 : 0, rate });
    expect(blamed({ old: left, fresh: flow(500, rate) }, 60)).toBe(0);
  });

  it('are blamed less often than the certainty allows, where nothing but the certainty protects them', () => {
    const bare = { ...settings, certainty: 0.9, minCount: 1, minFactor: 1 };
    const runs = 200;
    expect(blamed({ old: flow(500, 0.02), fresh: flow(5, 0.02) }, runs, bare)).toBeLessThan(0.1 * runs);
    expect(blamed({ old: flow(50, 0.02), fresh: flow(50, 0.02) }, runs, bare)).toBeLessThan(0.1 * runs);
  });

  it('are not blamed when both fail, whatever share they have', () => {
    const outage = (requestCount: number) => (i: number) => ({ requestCount, rate: i >= 10 && i < 40 ? 0.5 : 0.002 });
    for (const [ofOld, ofNew] of [
      [500, 5],
      [250, 250],
      [50, 450],
    ] as const) {
      const random = seeded(ofNew);
      for (let run = 0; run < 20; run += 1) {
        const said = playScene({ warm: 60, windows: 60, old: outage(ofOld), fresh: outage(ofNew) }, random);
        expect(said).not.toContain('only_new');
        expect(said).toContain('both');
      }
    }
  });

  it('are not blamed when all fail from the middle of a rollout on, also long after the old version has left', () => {
    for (const all of [20, 80]) {
      const failing = (i: number) => (i >= 2 ? 0.5 : 0.001);
      const old = (i: number) => ({ requestCount: leaving(all, i), rate: failing(i) });
      const fresh = (i: number) => ({ requestCount: coming(all, i), rate: failing(i) });
      const random = seeded(all);
      const said = Array.from({ length: 40 }, () => playScene({ warm: 150, windows: 60, old, fresh }, random));
      expect(said.filter((verdicts) => verdicts.includes('only_new')).length).toBeLessThanOrEqual(2);
      expect(said.every((verdicts) => verdicts.includes('both'))).toBe(true);
    }
  });

  it('are not blamed for failures that come in clumps', () => {
    const chance = seeded(31);
    const clumps = (requestCount: number) => () => ({
      requestCount,
      rate: chance() < 0.0005 * requestCount ? Math.min(1, 5 / requestCount) : 0,
    });
    expect(blamed({ old: clumps(500), fresh: clumps(5) }, 60)).toBe(0);
  });

  it('are not blamed for an outage that was there before them', () => {
    const old = (i: number): Flow => ({ requestCount: i < 0 ? 500 : 0, rate: i >= -12 ? 0.5 : 0.002 });
    const random = seeded(41);
    for (let run = 0; run < 20; run += 1) {
      expect(playScene({ warm: 60, windows: 30, old, fresh: flow(500, 0.5) }, random)).not.toContain('only_new');
    }
  });
});

const small = { newForWindows: 12, overWindows: 6, minCount: 2, certainty: 0.99, minFactor: 2 };
const row = fc.record({
  version: fc.constantFrom('v1', 'v2', 'v3', 'unknown', '__proto__'),
  deployId: fc.constantFrom('d-1', 'd-2', 'unknown'),
  count: fc.nat({ max: 30 }),
  requestCount: fc.nat({ max: 60 }),
});
const windows = fc.array(fc.array(row, { maxLength: 6 }), { maxLength: 40 });

describe('laws of new versions', () => {
  it('goes on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(windows, windows, (before, after) => {
        const [run, restored] = [new VersionRun(small), new VersionRun(small)];
        for (const rows of before) {
          run.judge(...rows);
          restored.judge();
        }
        restored.tracker = NewVersionTracker.restore(small, JSON.parse(JSON.stringify(run.tracker.snapshot())));
        for (const rows of after) expect(restored.judge(...rows)).toEqual(run.judge(...rows));
        expect(restored.tracker.snapshot()).toEqual(run.tracker.snapshot());
      }),
    );
  });

  it('the order of rows, and how they are split, change nothing', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const [run, other] = [new VersionRun(small), new VersionRun(small)];
        for (const rows of list) expect(other.judge(...[...rows].reverse())).toEqual(run.judge(...rows));
      }),
    );
  });

  it('certainty, counts and z are numbers; an anomaly is only_new and nothing else', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const run = new VersionRun(small);
        for (const rows of list) {
          for (const { kind, comparison, z } of run.judge(...rows)) {
            expect(kind === 'anomaly').toBe(comparison?.verdict === 'only_new');
            expect(comparison?.certainty).toBeGreaterThanOrEqual(0);
            expect(comparison?.certainty).toBeLessThan(1);
            if (z !== null) expect(Number.isFinite(z)).toBe(true);
          }
        }
      }),
    );
  });

  it('more failures of the new version never make it less certain', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.nat({ max: 50 }), fc.nat(), fc.nat(), (ofOld, failed, a, b) => {
        const ofNew = 50;
        const certaintyOf = (count: number) => {
          const run = new VersionRun();
          run.repeat(30, linesOf('v1', Math.min(failed, ofOld), ofOld));
          const [verdict] = run.judge(linesOf('v1', Math.min(failed, ofOld), ofOld), linesOf('v2', count, ofNew));
          return verdict?.comparison?.certainty ?? 0;
        };
        const less = a % ofNew;
        const more = less + (b % (ofNew - less + 1));
        expect(certaintyOf(more)).toBeGreaterThanOrEqual(certaintyOf(less) - 1e-9);
      }),
    );
  });
});
