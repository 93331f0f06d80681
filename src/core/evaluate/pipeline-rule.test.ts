// Rules on the input itself: stalled partitions, readers that are behind, and what neither is.
import { expect, it } from 'vitest';
import type { PipelineSettings } from '#core/detect/condition.ts';
import { anAlertRule } from '../../../test/support/builders.ts';
import { PipelineRule, type SourceStatus } from './pipeline-rule.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const minuteMs = 60_000;

function aRule(watch: PipelineSettings['watch']): PipelineRule {
  const settings: PipelineSettings = { watch, aboveMs: minuteMs };
  const rule = anAlertRule({
    alert: 'InputStalled',
    select: { counted: 'requests', flags: [], faults: [], matchers: [] },
    by: [],
    condition: { kind: 'pipeline', settings },
    labels: { severity: 'critical' },
  });
  return new PipelineRule(rule, settings);
}

const aSource = (partition: number, behindMs: number | null, isIdle: boolean): SourceStatus => ({
  name: `dc1/logs/${partition}`,
  dataCenter: 'dc1',
  streamAtMs: behindMs === null ? null : nowMs - behindMs,
  isIdle,
});

it('tells a partition that was busy and brings nothing, once, and its return', () => {
  const rule = aRule('stalled');
  const sources = [aSource(0, 2_000, false), aSource(1, 90_000, true), aSource(2, null, true)];
  const [fired, ...others] = rule.judge(sources, nowMs);
  expect(others).toEqual([]);
  expect(fired).toMatchObject({ status: 'firing', labels: { data_center: 'dc1', severity: 'critical' } });
  expect(fired?.verdict).toMatchObject({ kind: 'anomaly', unit: 'age_ms', value: 90_000 });
  expect(fired?.verdict.reason).toContain('1 of 3 partitions of the input have brought no line');
  expect(fired?.verdict.reason).toContain('dc1/logs/1 (1m30s)');
  expect(rule.judge(sources, nowMs + 1_000)).toEqual([]);
  const [ended] = rule.judge([aSource(1, 0, false)], nowMs + 5_000);
  expect(ended).toMatchObject({ status: 'resolved', fingerprint: fired?.fingerprint });
});

it('takes neither a reader that is behind for a stall nor a stall for a reader that is behind', () => {
  const behind = [aSource(0, 90_000, false)];
  const idle = [aSource(0, 90_000, true)];
  expect(aRule('stalled').judge(behind, nowMs)).toEqual([]);
  expect(aRule('lag').judge(behind, nowMs)).toHaveLength(1);
  expect(aRule('lag').judge(idle, nowMs)).toEqual([]);
});

it('does not wait for a partition that has been quiet for hours', () => {
  expect(aRule('stalled').judge([aSource(0, 7_200_000, true)], nowMs)).toEqual([]);
});

it('goes on from a snapshot without telling twice', () => {
  const before = aRule('stalled');
  before.judge([aSource(0, 90_000, true)], nowMs);
  const after = aRule('stalled');
  after.restore(JSON.parse(JSON.stringify(before.snapshot())));
  expect(after.firingCount).toBe(1);
  expect(after.judge([aSource(0, 91_000, true)], nowMs + 1_000)).toEqual([]);
});
