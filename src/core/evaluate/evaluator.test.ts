import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeLabels } from '#core/count/edge.ts';
import { anAlertRule } from '../../../test/support/builders.ts';
import { type EvaluatedWindow, Evaluator } from './evaluator.ts';
import type { AlertRule } from './rule.ts';

const windowMs = 10_000;
const settings = { windowMs, maxSeries: 100, localTime: localTimeOf('UTC') };

const aRule = (own: Partial<AlertRule> = {}): AlertRule =>
  anAlertRule({
    alert: 'ConnectionsCut',
    select: {
      counted: 'flags',
      faults: [],
      flags: ['UC'],
      matchers: [{ label: 'reporter', operator: '=', value: 'destination' }],
    },
    by: ['destination_service', 'destination_version'],
    condition: {
      kind: 'spike',
      settings: { z: 4, minCount: 5, minRatio: 0.01, baselineWindows: 20, minBaselineWindows: 10 },
    },
    labels: { severity: 'page' },
    annotations: { summary: '{{ $labels.destination_version }} of {{ $labels.destination_service }}: {{ $ratio }}' },
    ...own,
  });

const anEdge = (own: Partial<Edge> = {}): Edge =>
  ({
    ...Object.fromEntries(edgeLabels.map((label) => [label, 'unknown'])),
    reporter: 'destination',
    source_service: 'cart',
    destination_service: 'payments',
    destination_version: 'v1',
    ...own,
  }) as Edge;

const aRow = (requestCount: number, flagCounts: Record<string, number> = {}, edge: Partial<Edge> = {}): CountRow => ({
  ...noCounts,
  edge: anEdge(edge),
  requestCount,
  flagCounts,
  examples: Object.fromEntries(
    Object.keys(flagCounts).map((flag) => [flag, [{ atMs: 1, requestId: `${flag}-${edge.destination_version}` }]]),
  ),
});

/** Drives an evaluator through windows of 10 s from 0 on. */
class Run {
  evaluator: Evaluator;
  atMs = 0;

  constructor(rules: readonly AlertRule[], own = settings) {
    this.evaluator = new Evaluator(rules, own);
  }

  close(...rows: readonly CountRow[]): EvaluatedWindow {
    const startAtMs = this.atMs;
    this.atMs += windowMs;
    return this.evaluator.closeWindow({ startAtMs, endAtMs: this.atMs, rows });
  }

  learn(windows = 20): this {
    for (let i = 0; i < windows; i += 1) this.close(aRow(300));
    return this;
  }

  restart(rules: readonly AlertRule[], own = settings): this {
    this.evaluator = Evaluator.restore(rules, own, JSON.parse(JSON.stringify(this.evaluator.snapshot())));
    return this;
  }
}

const steps = ({ transitions }: EvaluatedWindow) =>
  transitions.map(({ status, labels }) => `${status} ${labels['destination_version']}`);

describe('Evaluator', () => {
  it('tells of the first failures of a new version, and of their end', () => {
    const run = new Run([aRule()]).learn();
    const failing = run.close(aRow(300), aRow(40, { UC: 30 }, { destination_version: 'v2' }));
    expect(failing.transitions).toHaveLength(1);
    const [fired] = failing.transitions;
    expect(fired).toMatchObject({
      alert: 'ConnectionsCut',
      status: 'firing',
      atMs: 210_000,
      sinceAtMs: 200_000,
      labels: { destination_service: 'payments', destination_version: 'v2', severity: 'page' },
      annotations: { summary: 'v2 of payments: 75%' },
      verdict: { kind: 'anomaly', value: 30, requestCount: 40, baseline: 0, scale: 1, z: 30 },
      totalCount: 30,
      totalRequestCount: 40,
      examples: [{ atMs: 1, requestId: 'UC-v2' }],
    });
    expect(fired?.id).toBe(`${fired?.fingerprint}-firing-210000`);
    expect(fired?.verdict.reason).toContain('30 of 40 requests ended with UC in 10s; usual is 0');
    expect(run.evaluator.firingCount).toBe(1);
    expect(run.close(aRow(300), aRow(40, { UC: 35 }, { destination_version: 'v2' })).transitions).toEqual([]);
    const [resolved] = run.close(aRow(300)).transitions;
    expect(resolved).toMatchObject({
      status: 'resolved',
      sinceAtMs: 200_000,
      fingerprint: fired?.fingerprint,
      verdict: { kind: 'normal', value: 0 },
      peak: { z: 35, value: 35 },
      totalCount: 65,
      totalRequestCount: 80,
    });
    expect(run.evaluator.firingCount).toBe(0);
  });

  it('says learning until enough windows with input were seen; a stray line does not start the clock', () => {
    const run = new Run([aRule()]);
    run.close(aRow(1, { UC: 1 }));
    for (let i = 0; i < 100; i += 1)
      expect(run.close().verdictCounts).toEqual({ learning: 1, held: 0, normal: 0, anomaly: 0 });
    expect(run.evaluator.learningWindows).toBe(9);
    for (let i = 0; i < 9; i += 1) expect(run.close(aRow(300, { UC: 200 })).transitions).toEqual([]);
    expect(run.evaluator.learningWindows).toBe(0);
    expect(run.close(aRow(300)).verdictCounts).toEqual({ learning: 0, held: 0, normal: 1, anomaly: 0 });
  });

  it('lays the edges of a group together: failures of one, exposure of all', () => {
    const run = new Run([aRule({ by: ['destination_service'] })]).learn();
    const rows = [aRow(20, { UC: 6 }), aRow(500, {}, { source_service: 'web' }), aRow(900, {}, { reporter: 'source' })];
    const [fired] = run.close(...rows).transitions;
    expect(fired?.verdict).toMatchObject({ value: 6, requestCount: 520 });
    expect(fired?.labels).toEqual({ destination_service: 'payments', severity: 'page' });
  });

  it('counts lines with several of its flags by the most frequent, or each flag for itself', () => {
    const select = { counted: 'flags' as const, faults: [], flags: ['UF', 'URX'], matchers: [] };
    const together = new Run([aRule({ select })]).learn().close(aRow(100, { UF: 30, URX: 20, DC: 90 }));
    expect(together.transitions.map(({ verdict }) => verdict.value)).toEqual([30]);
    expect(together.transitions[0]?.verdict.reason).toContain('ended with the more frequent of UF, URX');
    const apart = new Run([aRule({ select, by: ['destination_service', 'flag'] })]).learn();
    const window = apart.close(aRow(100, { UF: 30, URX: 20, DC: 90 }));
    expect(window.transitions.map(({ labels, verdict }) => [labels['flag'], verdict.value])).toEqual([
      ['UF', 30],
      ['URX', 20],
    ]);
  });

  it('takes any flag where a rule names none, those of extensions too', () => {
    const select = {
      counted: 'flags' as const,
      faults: [],
      flags: [],
      matchers: [{ label: 'flag', operator: '!~', value: 'DC|DR' } as const],
    };
    const run = new Run([aRule({ select, by: ['destination_service', 'flag'] })]).learn();
    const window = run.close(aRow(100, { DC: 50, MY_FLAG: 40, constructor: 30 }));
    expect(window.transitions.map(({ labels }) => labels['flag'])).toEqual(['MY_FLAG', 'constructor']);
  });

  it('holds for `for` and `keep_firing_for`', () => {
    const run = new Run([aRule({ forMs: 20_000, keepFiringForMs: 20_000 })]).learn();
    const windows = [50, 50, 0, 50, 0, 0, 50, 0].map((count) => steps(run.close(aRow(300, { UC: count }))));
    expect(windows).toEqual([
      ['pending v1'],
      ['firing v1'],
      [],
      [],
      [],
      ['resolved v1'],
      ['pending v1'],
      ['inactive v1'],
    ]);
  });

  it('forgets a series that was silent for a whole baseline', () => {
    const run = new Run([aRule()]).learn();
    run.close(aRow(300, { UC: 1 }));
    for (let i = 0; i < 19; i += 1) run.close(aRow(300));
    expect(run.evaluator.seriesCount).toBe(1);
    run.close(aRow(300));
    expect(run.evaluator.seriesCount).toBe(0);
  });

  it('keeps the cap on series, counts what it left out, and takes those with most lines', () => {
    const run = new Run([aRule()], { ...settings, maxSeries: 2 }).learn();
    const rows = [7, 9, 8].map((count, i) => aRow(20, { UC: count }, { destination_version: `v${i}` }));
    const window = run.close(...rows);
    expect(steps(window)).toEqual(['firing v1', 'firing v2']);
    expect(window.overflowCount).toBe(1);
    expect(run.evaluator.seriesCount).toBe(2);
  });

  it('refuses windows out of order', () => {
    const run = new Run([aRule()]).learn();
    run.atMs -= windowMs;
    expect(() => run.close()).toThrow('comes after');
  });

  it('shares the work of rules that look at the same edges, and still keeps them apart', () => {
    const rules = ['UC', 'DC', 'UH'].map((flag) =>
      aRule({ alert: flag, select: { counted: 'flags', faults: [], flags: [flag], matchers: [] } }),
    );
    const window = new Run(rules).learn().close(aRow(100, { UC: 20, UH: 30 }));
    expect(window.transitions.map(({ alert, verdict }) => [alert, verdict.value])).toEqual([
      ['UC', 20],
      ['UH', 30],
    ]);
  });
});

describe('Evaluator after a change of rules', () => {
  const firing = () => {
    const run = new Run([aRule()]).learn();
    const [fired] = run.close(aRow(300, { UC: 50 })).transitions;
    return { run, fired };
  };

  it('keeps the state of a rule that means the same, and its labels as they were told', () => {
    const { run, fired } = firing();
    run.restart([
      aRule({ alert: 'Other' }),
      aRule({ labels: { severity: 'ticket' }, annotations: { summary: 'new' } }),
    ]);
    expect(run.evaluator.firingCount).toBe(1);
    expect(run.close(aRow(300, { UC: 50 })).transitions).toEqual([]);
    const [resolved] = run.close(aRow(300)).transitions;
    expect(resolved).toMatchObject({ status: 'resolved', fingerprint: fired?.fingerprint, labels: fired?.labels });
    expect(resolved?.annotations).toEqual({ summary: 'new' });
  });

  it('resolves the alerts of a rule that is gone, once', () => {
    const { run, fired } = firing();
    run.restart([]).restart([aRule({ alert: 'Other' })]);
    const window = run.close(aRow(300, { UC: 50 }));
    expect(window.transitions).toHaveLength(1);
    expect(window.transitions[0]).toMatchObject({
      status: 'resolved',
      fingerprint: fired?.fingerprint,
      verdict: { reason: 'rule removed' },
    });
    expect(run.close(aRow(300)).transitions).toEqual([]);
  });

  it('begins anew with a rule that means something else', () => {
    const { run } = firing();
    run.restart([aRule({ forMs: 10_000 })]);
    expect(run.evaluator.learningWindows).toBe(10);
    const [resolved] = run.close(aRow(300, { UC: 50 })).transitions;
    expect(resolved?.verdict.reason).toBe('rule changed: it learns anew what is usual');
  });

  it('tells two rules of one meaning apart', () => {
    const rules = [aRule({ labels: { team: 'a' } }), aRule({ labels: { team: 'b' } })];
    const run = new Run(rules).learn();
    expect(run.close(aRow(300, { UC: 50 })).transitions.map(({ labels }) => labels['team'])).toEqual(['a', 'b']);
    run.restart(rules);
    expect(run.close(aRow(300)).transitions.map(({ labels }) => labels['team'])).toEqual(['a', 'b']);
  });

  it('refuses what is no snapshot', () => {
    for (const value of [null, 5, {}, { v: 1, rules: [], orphans: [] }]) {
      expect(() => Evaluator.restore([], settings, value)).toThrow('not a snapshot');
    }
  });
});
