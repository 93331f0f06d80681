// Two chains over one topic: rules on lines by collect's watermark, rules on faults by both; and the rules on the input itself.
import { expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { PartialCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { anEdge } from '../../test/support/builders.ts';
import { DetectState } from './detect-state.ts';

const spike = {
  kind: 'spike',
  settings: { z: 5, minCount: 5, minRatio: 0.05, baselineWindows: 60, minBaselineWindows: 10 },
} as const;
const onFlags: AlertRule = {
  alert: 'Flags',
  group: 'g',
  origin: 'rules/a.yaml:1',
  select: { counted: 'flags', flags: ['UT'], faults: [], matchers: [] },
  by: ['destination_service'],
  condition: spike,
  isShadow: false,
  forMs: 0,
  keepFiringForMs: 0,
  labels: {},
  annotations: {},
};
const onFaults: AlertRule = {
  ...onFlags,
  alert: 'Faults',
  select: { counted: 'faults', flags: [], faults: ['timeout'], matchers: [] },
  by: ['destination_service', 'fault', 'party'],
};
const settings = {
  rules: [onFlags, onFaults],
  sourceTopics: ['dc1/logs'],
  faultTopic: 'dc1/failed',
  windowMs: 10_000,
  paneMs: 1_000,
  idleLeaseMs: 10_000,
  maxEdges: 100,
  maxSeries: 100,
  localTime: localTimeOf('UTC'),
  maxGapWindows: 60,
};
const broken = 30;

const counts = (topic: string, row: Partial<PartialCount>): CollectRecord => ({
  kind: 'counts',
  source: ['dc1', topic, 0],
  rows: [{ ...noCounts, edge: anEdge(), paneStartAtMs: 0, ...row }],
});

const mark = (topic: string, atMs: number): CollectRecord => ({
  kind: 'watermark',
  source: ['dc1', topic, 0],
  mark: { partitionCount: 1, streamAtMs: atMs, watermarkAtMs: atMs, isIdle: false, writtenAtMs: 0 },
});

/** Lines of a window as collect hands them over: 100 at the source, 100 at the destination. */
function lines(window: number): CollectRecord[] {
  const flagCounts: Record<string, number> = window === broken ? { UT: 40 } : {};
  const row = { paneStartAtMs: window * 10_000, requestCount: 100 };
  return [
    counts('logs', { ...row, flagCounts }),
    counts('logs', { ...row, edge: anEdge({ reporter: 'destination' }) }),
    mark('logs', (window + 1) * 10_000),
  ];
}

/** What correlate makes of it, a window later. */
function faults(window: number): CollectRecord[] {
  const row = {
    paneStartAtMs: window * 10_000,
    faultCounts: { timeout: 40 },
    examples: { timeout: [{ atMs: window * 10_000, requestId: 'r-1' }] },
  };
  return [...(window === broken ? [counts('failed', row)] : []), mark('failed', (window + 1) * 10_000)];
}

function run(state: DetectState, records: readonly CollectRecord[]) {
  return records.flatMap((record) => state.take(record).transitions);
}

const before = Array.from({ length: broken }, (_, i) => [...lines(i), ...faults(i)]).flat();

it('rules on flags do not wait for correlate, rules on faults do; requests seen from both sides count once', () => {
  const state = new DetectState(settings);
  expect(run(state, before)).toEqual([]);
  expect(run(state, lines(broken)).map(({ alert }) => alert)).toEqual(['Flags']);
  const [told, ...others] = run(state, faults(broken));
  expect(others).toEqual([]);
  expect(told).toMatchObject({
    alert: 'Faults',
    labels: { destination_service: 'payments', fault: 'timeout', party: 'callee' },
    verdict: { value: 40, requestCount: 100 },
    examples: [{ requestId: 'r-1' }],
  });
  expect(told?.verdict.reason).toContain('40 of 100 requests failed by timeout');
});

it('goes on from a snapshot in both chains', () => {
  const state = new DetectState(settings);
  run(state, [...before, ...lines(broken)]);
  const restored = DetectState.restore(settings, JSON.parse(JSON.stringify(state.snapshot())));
  expect(run(restored as DetectState, faults(broken))).toEqual(run(state, faults(broken)));
});

it('ends the alerts of the last rule on faults when that is gone', () => {
  const state = new DetectState(settings);
  run(state, [...before, ...lines(broken), ...faults(broken)]);
  const after = DetectState.restore({ ...settings, rules: [onFlags] }, JSON.parse(JSON.stringify(state.snapshot())));
  const ended = run(after as DetectState, [...lines(broken + 1), ...faults(broken + 1)]);
  expect(ended.map(({ alert, status }) => [alert, status])).toContainEqual(['Faults', 'resolved']);
});

it('counts faults that come behind both watermarks as late', () => {
  const state = new DetectState(settings);
  run(state, before);
  expect(state.take(counts('failed', { paneStartAtMs: 0, faultCounts: { timeout: 3 } })).lateFaults).toBe(3);
});

it('takes no notice of marks that are nobody’s', () => {
  const state = new DetectState(settings);
  run(state, before);
  expect(state.take(mark('elsewhere', 9_000_000))).toMatchObject({ windows: [], transitions: [] });
});

/** Ten panes of a window with so many requests each, from `from` on with so many failures each. */
function panes(window: number, requests: number, failures: number, from: number): readonly PartialCount[] {
  return Array.from({ length: 10 }, (_, pane) => ({
    ...noCounts,
    edge: anEdge(),
    paneStartAtMs: window * 10_000 + pane * 1_000,
    requestCount: requests,
    flagCounts: pane >= from ? { UT: failures } : {},
  }));
}

const rowsOf = (rows: readonly PartialCount[]): CollectRecord => ({ kind: 'counts', source: ['dc1', 'logs', 0], rows });
const onlyFlags = { ...settings, rules: [onFlags], faultTopic: null };
const quiet = Array.from({ length: 30 }, (_, i) => [rowsOf(panes(i, 10, 0, 0)), mark('logs', (i + 1) * 10_000)]).flat();

it('tells a big break before its window closes, counts its lines once, and stands by it', () => {
  const state = new DetectState(onlyFlags);
  expect(run(state, quiet)).toEqual([]);
  const [told, ...more] = run(state, [rowsOf(panes(30, 10, 8, 3)), mark('logs', 307_000)]);
  expect(more).toEqual([]);
  expect(told).toMatchObject({ status: 'firing', atMs: 304_000, sinceAtMs: 300_000 });
  expect(told?.verdict.reason).toContain('8 of 40 requests ended with UT in 4s');
  expect(run(state, [mark('logs', 310_000)])).toEqual([]);
  const [ended] = run(state, [rowsOf(panes(31, 10, 0, 0)), mark('logs', 320_000)]);
  expect(ended).toMatchObject({ status: 'resolved', totalCount: 56, totalRequestCount: 200 });
});

it('keeps late lines until a window closes, through a restart too, and tells what they change', () => {
  const first = new DetectState(onlyFlags);
  expect(run(first, [...quiet, rowsOf(panes(28, 1, 3, 3))])).toEqual([]);
  const state = DetectState.restore(onlyFlags, JSON.parse(JSON.stringify(first.snapshot()))) as DetectState;
  expect(run(state, [mark('logs', 305_000)])).toEqual([]);
  const [told, ...more] = run(state, [mark('logs', 310_000)]);
  expect(more.map(({ status }) => status)).toEqual(['resolved']);
  expect(told).toMatchObject({ status: 'firing', atMs: 310_000, sinceAtMs: 280_000 });
  expect(told?.verdict.reason).toContain('; 21 of them came after the window was closed');
});

it('does not watch an input that ends', () => {
  const stalled: AlertRule = {
    ...onFlags,
    alert: 'Stalled',
    condition: { kind: 'pipeline', settings: { watch: 'lag', aboveMs: 60_000 } },
  };
  const watch = (ends: boolean) => {
    const state = new DetectState({ ...onlyFlags, rules: [stalled], isFinite: ends });
    run(state, quiet);
    return state.watch(1_000_000).map(({ alert }) => alert);
  };
  expect(watch(false)).toEqual(['Stalled']);
  expect(watch(true)).toEqual([]);
});

it('does not tell early what more traffic explains', () => {
  const state = new DetectState(onlyFlags);
  const busy = [rowsOf(panes(30, 100, 9, 0)), mark('logs', 309_000), mark('logs', 310_000)];
  const always = Array.from({ length: 30 }, (_, i) => [rowsOf(panes(i, 10, 1, 0)), mark('logs', (i + 1) * 10_000)]);
  run(state, always.flat());
  expect(run(state, busy)).toEqual([]);
});

it('tells the same whether the watermark comes in steps or at once, and after a restart in the middle of a window', () => {
  const rows = [...panes(30, 10, 6, 3), ...panes(31, 10, 0, 0)];
  const stepwise = new DetectState(onlyFlags);
  run(stepwise, quiet);
  const steps = Array.from({ length: 20 }, (_, i) => mark('logs', 301_000 + i * 1_000));
  const expected = run(stepwise, [rowsOf(rows), ...steps]);
  expect(expected.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  const atOnce = new DetectState(onlyFlags);
  run(atOnce, quiet);
  expect(run(atOnce, [rowsOf(rows.toReversed()), mark('logs', 320_000)])).toEqual(expected);
  for (let cut = 0; cut < steps.length; cut += 1) {
    const first = new DetectState(onlyFlags);
    const told = run(first, [...quiet, rowsOf(rows), ...steps.slice(0, cut)]);
    const second = DetectState.restore(onlyFlags, JSON.parse(JSON.stringify(first.snapshot()))) as DetectState;
    expect([...told, ...run(second, steps.slice(cut))]).toEqual(expected);
  }
});
