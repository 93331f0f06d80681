// What a change of rules changed: each firing on one side, the other, or both.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffFirings, renderDiff } from './diff.ts';
import type { Firing } from './firings.ts';

const verdict = {
  kind: 'anomaly',
  windowStartAtMs: 0,
  windowEndAtMs: 10_000,
  value: 8,
  unit: 'lines',
  requestCount: 20,
  baseline: 0,
  scale: 1,
  z: 8,
  reason: '8 of 20 requests ended with UC',
} as const;

function firing(alert: string, version: string, firedAtMs: number, changes: Partial<Firing> = {}): Firing {
  const labels = { destination_service: 'payments', destination_version: version, severity: 'critical' };
  const times = { sinceAtMs: firedAtMs - 10_000, firedAtMs, resolvedAtMs: firedAtMs + 60_000 };
  const own = {
    alert,
    labels,
    fingerprint: `${alert}-${version}`,
    isShadow: false,
    verdict,
    peak: verdict,
    summary: '',
  };
  return { ...own, ...times, ...changes };
}

describe('diffFirings', () => {
  it('tells gained, lost, earlier, later and the same apart', () => {
    const before = [
      firing('A', 'v1', 100_000),
      firing('B', 'v1', 200_000),
      firing('C', 'v1', 300_000),
      firing('D', 'v1', 400_000),
    ];
    const after = [
      firing('A', 'v1', 100_000),
      firing('B', 'v1', 190_000),
      firing('C', 'v1', 320_000),
      firing('A', 'v2', 100_000),
    ];
    const changes = diffFirings(before, after);
    expect(changes.map((change) => [change.kind, 'byMs' in change ? change.byMs : null])).toEqual([
      ['same', 0],
      ['gained', null],
      ['earlier', -10_000],
      ['later', 20_000],
      ['lost', null],
    ]);
    const text = renderDiff({ past: { fromMs: 0, toMs: 500_000, windows: 50, notes: [] }, changes });
    expect(text).toContain('firings: 1 gained, 1 lost, 1 earlier, 1 later, 1 same');
    expect(text).toContain('+ 1970-01-01T00:01:40Z A payments v2');
    expect(text).toContain('~ 1970-01-01T00:03:20Z B payments v1: 10s earlier');
  });

  it('knows an alert again whose rule has another severity, and two incidents far apart as two', () => {
    const labels = { destination_service: 'payments', destination_version: 'v1', severity: 'warning' };
    const relabelled = firing('A', 'v1', 100_000, { labels, fingerprint: 'other' });
    expect(diffFirings([firing('A', 'v1', 100_000)], [relabelled])).toMatchObject([
      { kind: 'same', isRelabelled: true },
    ]);
    const later = firing('A', 'v1', 100_000 + 3_600_000);
    expect(diffFirings([firing('A', 'v1', 100_000)], [later]).map(({ kind }) => kind)).toEqual(['lost', 'gained']);
  });

  it('puts every firing of both sides into one change, and finds nothing between equals', () => {
    const one = fc
      .tuple(fc.constantFrom('A', 'B'), fc.constantFrom('v1', 'v2'), fc.nat(1000))
      .map(([alert, version, at]) => firing(alert, version, at * 10_000));
    fc.assert(
      fc.property(fc.array(one), fc.array(one), (before, after) => {
        const changes = diffFirings(before, after);
        expect(changes.filter(({ kind }) => kind !== 'gained')).toHaveLength(before.length);
        expect(changes.filter(({ kind }) => kind !== 'lost')).toHaveLength(after.length);
        for (const { kind } of diffFirings(before, before)) expect(kind).toBe('same');
      }),
    );
  });
});
