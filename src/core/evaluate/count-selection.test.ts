// The exposure of what is counted: no share may be of fewer requests than failed, in any condition.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeLabels } from '#core/count/edge.ts';
import type { Condition } from '#core/detect/condition.ts';
import { anAlertRule } from '../../../test/support/builders.ts';
import { CountSelection } from './count-selection.ts';
import { EdgeGroups } from './edge-groups.ts';
import { Evaluator } from './evaluator.ts';

const rule = anAlertRule({
  select: { counted: 'faults', flags: [], faults: ['app_error', 'app_down'], matchers: [] },
  by: ['fault', 'destination_service'],
});
const nobody = Object.fromEntries(edgeLabels.map((label) => [label, 'unknown'])) as Edge;

const lines = (reporter: 'source' | 'destination', requestCount: number): CountRow => ({
  ...noCounts,
  edge: { ...nobody, reporter, destination_service: 'payments' },
  requestCount,
});
const failed = (faultCounts: Record<string, number>): CountRow => ({ ...lines('source', 0), faultCounts });

/** The exposure and the hits of the one group that the rows make. */
function look(rows: readonly CountRow[]) {
  const groups = new EdgeGroups();
  const view = groups.viewOf(rule);
  groups.take(rows);
  const selection = new CountSelection(rule);
  const [group = null] = view.active;
  return { exposure: selection.exposureOf(group), hits: group === null ? [] : selection.hitsOf(group) };
}

describe('the exposure of faults', () => {
  it.each([
    ['the callers’ lines', [lines('source', 100), lines('destination', 300), failed({ app_error: 7 })], 100],
    ['the callees’ where no caller has a sidecar', [lines('destination', 60), failed({ app_error: 7 })], 60],
    [
      'the callees’ where few callers have one',
      [lines('source', 2), lines('destination', 60), failed({ app_error: 7 })],
      60,
    ],
    ['what failed, where its lines are in the window before', [failed({ app_error: 7, app_down: 2 })], 9],
    ['what failed of those that count', [lines('source', 3), failed({ app_error: 5, timeout: 9 })], 5],
  ])('is %s', (_name, rows, expected) => {
    expect(look(rows).exposure).toBe(expected);
  });

  it('is never less than what failed', () => {
    const count = fc.nat({ max: 50 });
    fc.assert(
      fc.property(count, count, count, count, (source, destination, errors, down) => {
        const { exposure, hits } = look([
          lines('source', source),
          lines('destination', destination),
          failed({ app_error: errors, app_down: down, timeout: 3 }),
        ]);
        expect(hits.reduce((sum, hit) => sum + hit.count, 0)).toBeLessThanOrEqual(exposure);
        if (errors + down <= source) expect(exposure).toBe(source === 0 ? destination : source);
      }),
    );
  });
});

describe('a callee of which hardly any caller has a sidecar', () => {
  const baseline = { baselineWindows: 30, minBaselineWindows: 10 };
  const conditions: readonly (readonly [string, Condition])[] = [
    ['spike', { kind: 'spike', settings: { z: 4, minCount: 5, minRatio: 0.05, ...baseline } }],
    ['ratio', { kind: 'ratio', settings: { above: 0.2, minCount: 10, overWindows: 6 } }],
    ['sustained', { kind: 'sustained', settings: { above: 0.2, minCount: 10, overWindows: 30, minWindows: 4 } }],
  ];

  /** The alerts of 40 windows with 6 failures of 100 requests, then 20 with `failures` of 300; two requests have a caller's line. */
  function alertsOf(condition: Condition, failures: number): readonly string[] {
    const own = { windowMs: 10_000, maxSeries: 10, localTime: localTimeOf('UTC') };
    const evaluator = new Evaluator([{ ...rule, condition }], own);
    return Array.from({ length: 60 }, (_, i) => {
      const [requests, errors] = i < 40 ? [100, 6] : [300, failures];
      const rows = [lines('source', 2), lines('destination', requests), failed({ app_error: errors })];
      return evaluator.closeWindow({ startAtMs: i * 10_000, endAtMs: (i + 1) * 10_000, rows });
    }).flatMap(({ transitions }) => transitions.map(({ verdict }) => verdict.reason));
  }

  it.each(conditions)('is not alerted on for its usual few failures: %s', (_kind, condition) => {
    expect(alertsOf(condition, 18)).toEqual([]);
  });

  it.each(conditions)('is alerted on when half of its requests fail: %s', (_kind, condition) => {
    expect(alertsOf(condition, 150)[0]).toMatch(/^\d+ of \d{2,} requests failed by app_error/);
  });
});
