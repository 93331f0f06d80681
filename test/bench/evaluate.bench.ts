// CPU of closing one window: many series under one rule, and many rules over the same edges.
import { localTimeOf } from '#core/clock/local-time.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import type { Condition } from '#core/detect/condition.ts';
import { Evaluator } from '#core/evaluate/evaluator.ts';
import type { AlertRule, Selection } from '#core/evaluate/rule.ts';
import { anAlertRule, anEdge } from '../support/builders.ts';
import { median } from './median.ts';

const windowMs = 10_000;
const warmWindows = 60;
const rounds = 20;
const baseline = { baselineWindows: 360, minBaselineWindows: 30 };
const spike: Condition = { kind: 'spike', settings: { z: 5, minCount: 5, minRatio: 0.02, ...baseline } };
const latency: Condition = {
  kind: 'latency',
  settings: { quantile: 0.95, z: 5, minRise: 1, minRiseMs: 100, minRequests: 20, aboveMs: null, ...baseline },
};
const dip: Condition = { kind: 'dip', settings: { z: 5, minDrop: 0.6, minUsual: 10, ...baseline } };

function aRule(name: string, condition: Condition, select: Partial<Selection>): AlertRule {
  return anAlertRule({
    alert: name,
    select: { counted: 'flags', flags: [], faults: [], matchers: [], ...select },
    by: ['source_service', 'destination_service', 'destination_version'],
    condition,
  });
}

/** Edges with some requests each; one in ten has a flagged line in a window, each in its turn. */
function rowsOf(edges: readonly Edge[], window: number): readonly CountRow[] {
  return edges.map((edge, i) => ({
    ...noCounts,
    edge,
    requestCount: 40 + ((i * 7 + window) % 20),
    durations: [20, 30, 40, 10 + ((i + window) % 5)],
    ...((i + window) % 10 === 0 ? { failedCount: 1, flagCounts: { UC: 1 } } : {}),
  }));
}

function edgesOf(count: number): readonly Edge[] {
  return Array.from({ length: count }, (_, i) =>
    anEdge({ source_service: `s${i % 100}`, destination_service: `d${Math.floor(i / 100)}` }),
  );
}

function measure(name: string, rules: readonly AlertRule[], edges: readonly Edge[]): string {
  const evaluator = new Evaluator(rules, { windowMs, maxSeries: 10_000_000, localTime: localTimeOf('UTC') });
  const times: number[] = [];
  for (let window = 0; window < warmWindows + rounds; window += 1) {
    const rows = rowsOf(edges, window);
    const before = process.cpuUsage();
    evaluator.closeWindow({ startAtMs: window * windowMs, endAtMs: (window + 1) * windowMs, rows });
    const { user, system } = process.cpuUsage(before);
    if (window >= warmWindows) times.push((user + system) / 1000);
  }
  const [least, middle] = [Math.min(...times), median(times)];
  const series = evaluator.seriesCount;
  return `${name.padEnd(44)} ${String(series).padStart(8)} ${least.toFixed(0).padStart(8)} ${middle.toFixed(0).padStart(8)}`;
}

/** Runs the benchmark; resolves to a table. */
export function benchEvaluate(): Promise<string> {
  const many = edgesOf(50_000);
  const some = edgesOf(10_000);
  const flags = ['UC', 'UF', 'UH', 'UO', 'UT', 'DC', 'NR', 'URX'];
  const rules = Array.from({ length: 200 }, (_, i) => {
    const flag = flags[i % flags.length] ?? 'UC';
    const matchers = [{ label: 'reporter', operator: '=', value: i % 2 === 0 ? 'source' : 'destination' } as const];
    return aRule(`rule-${i}`, spike, { flags: [flag], matchers });
  });
  return Promise.resolve(
    [
      'milliseconds of CPU for one window of 10 s, after an hour’s tenth of learning',
      `${''.padEnd(44)} ${'series'.padStart(8)} ${'min'.padStart(8)} ${'median'.padStart(8)}`,
      measure('two spike rules over 50,000 edges', [aRule('a', spike, {}), aRule('b', spike, { flags: ['UC'] })], many),
      measure('one latency rule over 50,000 edges', [aRule('latency', latency, { counted: 'requests' })], many),
      measure('one dip rule over 50,000 edges', [aRule('dip', dip, { counted: 'requests' })], many),
      measure('200 spike rules over 10,000 edges', rules, some),
    ].join('\n'),
  );
}
