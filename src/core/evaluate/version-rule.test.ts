// A rule on new versions, through the evaluator: whose alert it is, when it ends, and that a restart changes nothing.
import { expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { anAlertRule, anEdge } from '../../../test/support/builders.ts';
import { changeRules } from './change-rules.ts';
import { Evaluator } from './evaluator.ts';

const rule = anAlertRule({
  alert: 'NewVersionFails',
  select: { counted: 'failed', flags: [], faults: [], matchers: [] },
  condition: {
    kind: 'new_version',
    settings: { newForWindows: 360, overWindows: 60, minCount: 3, certainty: 0.999, minFactor: 3 },
  },
  labels: { severity: 'critical' },
});
const settings = { windowMs: 10_000, maxSeries: 100, localTime: localTimeOf('UTC') };

const aRow = (version: string, requestCount: number, failedCount: number): CountRow => ({
  ...noCounts,
  edge: anEdge({ destination_version: version, destination_deploy_id: `d-${version}` }),
  requestCount,
  failedCount,
  examples: failedCount > 0 ? { failed: [{ atMs: 1, requestId: `r-${version}` }] } : {},
});

const old = aRow('v1', 500, 1);
const windowsOf = (rows: readonly (readonly CountRow[])[]) =>
  rows.map((of, i) => ({ startAtMs: i * 10_000, endAtMs: (i + 1) * 10_000, rows: of }));
const deploy = windowsOf([
  ...Array.from({ length: 30 }, () => [old]),
  ...Array.from({ length: 12 }, () => [old, aRow('v2', 5, 3)]),
  ...Array.from({ length: 80 }, () => [old]),
]);

it('names the new version, its deploy and the one that it replaces, and ends', () => {
  const evaluator = new Evaluator([rule], settings);
  const steps = deploy.flatMap((window) => evaluator.closeWindow(window).transitions);
  expect(steps.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  const [fired] = steps;
  expect(fired?.labels).toMatchObject({
    destination_service: 'payments',
    destination_version: 'v2',
    destination_deploy_id: 'd-v2',
    severity: 'critical',
  });
  expect(fired?.verdict.comparison).toMatchObject({ verdict: 'only_new', oldVersion: 'v1', newDeployId: 'd-v2' });
  expect(fired?.examples).toEqual([{ atMs: 1, requestId: 'r-v2' }]);
  expect((fired?.atMs ?? 0) - 300_000).toBeLessThanOrEqual(60_000);
  expect(steps[1]?.totalCount).toBe(36);
  expect(steps[1]?.totalRequestCount).toBe(60);
});

it('says nothing of a version that is as good as the old one', () => {
  const evaluator = new Evaluator([rule], settings);
  const innocent = windowsOf([
    ...Array.from({ length: 30 }, () => [old]),
    ...Array.from({ length: 60 }, (_, i) => [old, aRow('v2', 50, i % 9 === 0 ? 1 : 0)]),
  ]);
  expect(innocent.flatMap((window) => evaluator.closeWindow(window).transitions)).toEqual([]);
});

it('goes on from a snapshot anywhere', () => {
  const whole = new Evaluator([rule], settings);
  const expected = deploy.flatMap((window) => whole.closeWindow(window).transitions);
  for (const cut of [1, 29, 30, 33, 40, 45]) {
    const first = new Evaluator([rule], settings);
    const told = deploy.slice(0, cut).flatMap((window) => first.closeWindow(window).transitions);
    const second = Evaluator.restore([rule], settings, JSON.parse(JSON.stringify(first.snapshot())));
    const rest = deploy.slice(cut).flatMap((window) => second.closeWindow(window).transitions);
    expect([...told, ...rest]).toEqual(expected);
  }
});

it('ends its alerts when the rule is gone', () => {
  const evaluator = new Evaluator([rule], settings);
  for (const window of deploy.slice(0, 40)) evaluator.closeWindow(window);
  expect(evaluator.firingCount).toBe(1);
  const after = Evaluator.restore([], settings, JSON.parse(JSON.stringify(evaluator.snapshot())));
  const [window] = deploy.slice(40);
  const [ended] = window === undefined ? [] : after.closeWindow(window).transitions;
  expect(ended).toMatchObject({ status: 'resolved', labels: { destination_version: 'v2' } });
});

it('knows its last verdicts after a restart and after a change of rules, which canary judges may ask for', () => {
  const before = new Evaluator([rule], settings);
  for (const window of deploy.slice(0, 33)) before.closeWindow(window);
  const verdictsOf = (evaluator: Evaluator) => evaluator.views().flatMap(({ versions }) => versions);
  const [asked] = verdictsOf(before);
  expect(asked).toMatchObject({ labels: { destination_service: 'payments' }, verdicts: [{ comparison: {} }] });
  const restored = Evaluator.restore([rule], settings, JSON.parse(JSON.stringify(before.snapshot())));
  expect(verdictsOf(restored)).toEqual([asked]);
  const relabelled = { ...rule, labels: { severity: 'warning' } };
  expect(verdictsOf(changeRules(before, [relabelled], settings, 330_000).evaluator)).toEqual([asked]);
});

it('counts an edge where every pod calls itself a version as left out', () => {
  const evaluator = new Evaluator([rule], settings);
  const rows = Array.from({ length: 9 }, (_, i) => aRow(`pod-${i}`, 10 + i, 0));
  const [few, many] = windowsOf([rows.slice(1), rows]).map((window) => evaluator.closeWindow(window).overflowCount);
  expect([few, many]).toEqual([0, 1]);
});
