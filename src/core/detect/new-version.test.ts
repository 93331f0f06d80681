import { describe, expect, it } from 'vitest';
import { linesOf, newVersionSettings as settings, VersionRun } from '../../../test/support/version-run.ts';
import { maxVersionsPerEdge } from './new-version.ts';
import type { Verdict } from './verdict.ts';

const saidOf = (verdicts: readonly Verdict[]) => verdicts.map(({ comparison }) => comparison?.verdict);

/** Ten minutes of v1, one in a thousand of 500 failing. */
function afterV1(own = settings): VersionRun {
  const run = new VersionRun(own);
  for (let i = 0; i < 60; i += 1) expect(run.judge(linesOf('v1', i % 2, 500))).toEqual([]);
  return run;
}

describe('NewVersionTracker', () => {
  it('says that only the new version fails, with all numbers', () => {
    const run = afterV1();
    run.judge(linesOf('v1', 1, 490), linesOf('v2', 0, 5));
    run.judge(linesOf('v1', 0, 495), linesOf('v2', 3, 6));
    const [verdict] = run.judge(linesOf('v1', 1, 500), linesOf('v2', 4, 7));
    expect(verdict).toMatchObject({
      kind: 'anomaly',
      windowStartAtMs: 600_000,
      windowEndAtMs: 630_000,
      value: 7,
      unit: 'lines',
      requestCount: 18,
      scale: 1,
      comparison: {
        verdict: 'only_new',
        newVersion: 'v2',
        newDeployId: 'd-v2',
        oldVersion: 'v1',
        newCount: 7,
        newRequestCount: 18,
        oldCount: 2,
        oldRequestCount: 1485,
      },
    });
    expect(verdict?.baseline).toBeCloseTo((18 * 2) / 1485, 10);
    expect(verdict?.comparison?.certainty).toBeGreaterThan(0.9999);
    expect(verdict?.reason).toBe(
      'v2 (deploy d-v2): 7 of 18 requests failed in 30s; v1, which it replaces: 2 of 1,485 in the same 30s; ' +
        'only the new version fails (certainty 0.9999)',
    );
  });

  it('counts the first failure, in the window of its first line', () => {
    const run = afterV1();
    expect(run.judge(linesOf('v1', 0, 500), linesOf('v2', 4, 5))[0]).toMatchObject({
      kind: 'normal',
      comparison: { verdict: 'suspect', newCount: 4 },
      reason: expect.stringMatching(
        /the new version fails more \(certainty 0.999\d*\), but fewer than 5 are no incident$/,
      ),
    });
    expect(run.judge(linesOf('v1', 0, 500), linesOf('v2', 1, 5))[0]?.kind).toBe('anomaly');
  });

  it('takes what fails in one window alone for no incident: pods start', () => {
    const run = afterV1();
    expect(saidOf(run.judge(linesOf('v1', 0, 500), linesOf('v2', 8, 8)))).toEqual(['suspect']);
    for (let i = 0; i < 40; i += 1)
      expect(saidOf(run.judge(linesOf('v1', 0, 500), linesOf('v2', 0, 8)))).not.toContain('only_new');
  });

  it('says when both fail, and does not blame the deploy', () => {
    const run = afterV1();
    run.repeat(12, linesOf('v1', 1, 490), linesOf('v2', 0, 10));
    const [verdict] = run.judge(linesOf('v1', 245, 490), linesOf('v2', 6, 10));
    expect(verdict).toMatchObject({ kind: 'normal', comparison: { verdict: 'both', oldCount: 257, newCount: 6 } });
    expect(verdict?.reason).toMatch(/; both fail more than v1 did before \(now 4.03%\), so it is not the deploy$/);
  });

  it('compares with the past where the old version left at once', () => {
    const run = afterV1();
    run.judge(linesOf('v2', 100, 500));
    const [verdict] = run.judge(linesOf('v2', 110, 500));
    expect(verdict).toMatchObject({
      kind: 'anomaly',
      comparison: { verdict: 'only_new', oldVersion: 'v1', oldCount: 30, oldRequestCount: 30_000 },
    });
    expect(verdict?.reason).toContain('v1, which it replaces: 30 of 30,000 in its past; only the new version fails');
  });

  it('does not blame a deploy for what begins long after the old version left', () => {
    const run = afterV1();
    run.repeat(60, linesOf('v2', 1, 500));
    for (let i = 0; i < 20; i += 1) expect(run.judge(linesOf('v2', 250, 500))[0]?.kind).toBe('normal');
  });

  it('says fine, and not enough data, and that there is no version before', () => {
    const run = afterV1();
    expect(saidOf(run.judge(linesOf('v1', 0, 500), linesOf('v2', 0, 9)))).toEqual(['not_enough_data']);
    expect(saidOf(run.repeat(3, linesOf('v1', 0, 500), linesOf('v2', 0, 9)))).toEqual(['fine']);
    const alone = new VersionRun();
    alone.judge();
    const [verdict] = alone.judge(linesOf('v1', 9, 9));
    expect(verdict).toMatchObject({
      kind: 'normal',
      baseline: null,
      z: null,
      comparison: { verdict: 'not_enough_data', oldVersion: null },
    });
    expect(verdict?.reason).toMatch(/; no version before it is known, so there is nothing to compare it with$/);
  });

  it('ends when the new version is mended, or rolled back, and begins anew by failing anew', () => {
    const mended = afterV1();
    const bad = [linesOf('v1', 1, 480), linesOf('v2', 10, 20)];
    expect(saidOf(mended.repeat(10, ...bad))).toEqual(['only_new']);
    expect(saidOf(mended.judge(linesOf('v1', 1, 480), linesOf('v2', 0, 20)))).not.toContain('only_new');
    expect(saidOf(mended.repeat(30, linesOf('v1', 1, 480), linesOf('v2', 0, 20)))).toEqual(['fine']);
    expect(saidOf(mended.repeat(3, ...bad))).toEqual(['only_new']);
    const back = afterV1();
    back.repeat(10, ...bad);
    expect(saidOf(back.judge(linesOf('v1', 1, 500)))).toEqual(['only_new']);
    expect(saidOf(back.judge(linesOf('v1', 1, 500)))).toEqual(['not_enough_data']);
  });

  it('does not take a version for gone while our own input stalls', () => {
    const run = afterV1();
    run.repeat(10, linesOf('v1', 1, 480), linesOf('v2', 10, 20));
    run.isComplete = false;
    expect(saidOf(run.repeat(5, linesOf('v1', 1, 500)))).toEqual(['only_new']);
    run.isComplete = true;
    expect(saidOf(run.repeat(2, linesOf('v1', 1, 500)))).toEqual(['not_enough_data']);
  });

  it('a version is new for its time, and for as long as it fails', () => {
    const short = { ...settings, newForWindows: 20 };
    const run = afterV1(short);
    for (let i = 0; i < 20; i += 1) expect(run.judge(linesOf('v1', 0, 500), linesOf('v2', 0, 9))).toHaveLength(1);
    expect(run.judge(linesOf('v1', 0, 500), linesOf('v2', 9, 9))).toEqual([]);
    const failing = afterV1(short);
    for (let i = 0; i < 60; i += 1) {
      expect(saidOf(failing.judge(linesOf('v1', 0, 500), linesOf('v2', 9, 9)))).toEqual([
        i === 0 ? 'suspect' : 'only_new',
      ]);
    }
  });

  it('compares with the version that has the most requests, and each new one by itself', () => {
    const run = new VersionRun();
    run.repeat(30, linesOf('v0', 0, 20), linesOf('v1', 1, 480));
    run.judge(linesOf('v1', 1, 480), linesOf('v2', 0, 20));
    const verdicts = run.repeat(4, linesOf('v1', 1, 480), linesOf('v2', 0, 20), linesOf('v3', 10, 20));
    expect(
      verdicts.map(({ comparison }) => [comparison?.newVersion, comparison?.oldVersion, comparison?.verdict]),
    ).toEqual([
      ['v2', 'v1', 'fine'],
      ['v3', 'v1', 'only_new'],
    ]);
  });

  it('the same version under another deploy id is new; a deploy id that becomes known is not', () => {
    const again = afterV1();
    const [verdict] = again.repeat(2, linesOf('v1', 0, 500), linesOf('v1', 5, 9, 'd-1041'));
    expect(verdict?.comparison).toMatchObject({ verdict: 'only_new', newVersion: 'v1', newDeployId: 'd-1041' });
    expect(verdict?.reason).toContain('v1 (deploy d-1041): 10 of 18');
    const known = new VersionRun();
    known.judge(linesOf('v1', 0, 500, 'unknown'));
    expect(known.judge(linesOf('v1', 0, 500, 'd-7'))).toEqual([]);
    expect(known.judge(linesOf('v1', 0, 500, 'unknown'))).toEqual([]);
  });

  it('the deploys are compared where nobody names versions', () => {
    const run = new VersionRun();
    run.repeat(60, linesOf('unknown', 1, 500, 'd-1'));
    const [verdict] = run.repeat(2, linesOf('unknown', 0, 500, 'd-1'), linesOf('unknown', 5, 9, 'd-2'));
    expect(verdict).toMatchObject({ kind: 'anomaly', comparison: { newVersion: 'unknown', newDeployId: 'd-2' } });
    expect(verdict?.reason).toMatch(/^deploy d-2: 10 of 18 requests failed .*; the deploy before, which it replaces: /);
    // A version that becomes known is that of its deploy.
    expect(run.judge(linesOf('v2', 0, 100, 'd-2'), linesOf('unknown', 0, 500, 'd-1'))).toHaveLength(1);
  });

  it('does not say that all is well where it fails far more than the old version did, and it is not known since when', () => {
    const run = afterV1();
    run.repeat(60, linesOf('v2', 1, 500));
    const [verdict] = run.repeat(20, linesOf('v2', 250, 500));
    expect(verdict).toMatchObject({ kind: 'normal', comparison: { verdict: 'suspect' } });
    expect(verdict?.reason).toMatch(
      /; it fails more than v1 did, but not surely since it came \(certainty 0\): that may be anything$/,
    );
  });

  it('lines without a version say nothing about versions', () => {
    const run = afterV1();
    for (let i = 0; i < 5; i += 1)
      expect(run.judge(linesOf('v1', 0, 500), linesOf('unknown', 50, 50, 'unknown'))).toEqual([]);
  });

  it('remembers so many versions and tells what it leaves out', () => {
    const run = new VersionRun();
    const pods = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => linesOf(`pod-${from + i}`, 0, 10));
    run.judge(...pods(0, maxVersionsPerEdge + 3));
    expect(run.tracker.leftOutRequestCount).toBe(30);
    run.judge(...pods(0, 1));
    // Those not seen in this window make room.
    run.judge(...pods(0, 1), ...pods(50, 2));
    expect(run.tracker.leftOutRequestCount).toBe(0);
    expect(run.tracker.snapshot().tracks).toHaveLength(maxVersionsPerEdge);
  });

  it('forgets versions, and is silent when there is none left', () => {
    const run = afterV1();
    run.repeat(359);
    expect(run.tracker.isSilent).toBe(false);
    run.judge();
    expect(run.tracker.isSilent).toBe(true);
  });
});
