// An API with a board that shows two services' rules and alerts, and silences in memory: what requests are tried on.
import { createApi } from '#app/api/api.ts';
import { MemoryBoard } from '#app/api/memory-board.ts';
import type { Peers } from '#app/api/peers.ts';
import type { VersionComparison } from '#core/detect/verdict.ts';
import type { AlertRecord } from '#core/evaluate/alert-record.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleView } from '#core/evaluate/rule-view.ts';
import type { Silence } from '#core/notify/silence.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { DetectView } from '#ports/detect-board.ts';
import { silentLogger } from '#ports/logger.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import { StandingClock } from './loop-harness.ts';
import { NamedRules } from './rule-sets.ts';

const aRule = (own: Partial<AlertRule>): AlertRule => ({
  alert: 'NewVersion',
  group: 'deploys',
  origin: 'rules/new-version.yaml:4',
  select: {
    counted: 'failed',
    faults: [],
    flags: [],
    matchers: [{ label: 'destination_service', operator: '!=', value: 'stock' }],
  },
  by: ['destination_service', 'destination_namespace'],
  condition: { kind: 'new_version', settings: {} as never },
  isShadow: false,
  forMs: 0,
  keepFiringForMs: 30_000,
  labels: { severity: 'critical' },
  annotations: { summary: '{{ $value }}' },
  ...own,
});
const newVersion = aRule({});
const spike = aRule({
  alert: 'Spike',
  group: 'flags',
  select: { counted: 'flags', faults: [], flags: [], matchers: [] },
  condition: {
    kind: 'spike',
    settings: { z: 6, minCount: 5, minRatio: 0.05, baselineWindows: 60, minBaselineWindows: 10 },
  },
});

const verdict = {
  kind: 'anomaly',
  windowStartAtMs: 1_790_000_000_000,
  windowEndAtMs: 1_790_000_010_000,
  value: 7,
  unit: 'requests',
  requestCount: 31,
  baseline: 0,
  scale: 1,
  z: 7,
  reason: '7 of 31 requests failed',
} as const;

const comparison = (changes: Partial<VersionComparison>): VersionComparison => ({
  verdict: 'fine',
  newVersion: 'v2',
  newDeployId: 'd-2',
  oldVersion: 'v1',
  newCount: 7,
  newRequestCount: 31,
  oldCount: 0,
  oldRequestCount: 500,
  certainty: 0.2,
  ...changes,
});

const verdictsOf = (service: string, ...comparisons: Partial<VersionComparison>[]) => ({
  labels: { destination_service: service, destination_namespace: 'shop' },
  verdicts: comparisons.map((changes) => ({ ...verdict, comparison: comparison(changes) })),
});

const alert = (name: string, status: 'pending' | 'firing'): AlertRecord => ({
  active: { status, sinceAtMs: verdict.windowStartAtMs, lastAnomalyAtMs: verdict.windowEndAtMs },
  alert: name,
  isShadow: false,
  fingerprint: `f-${name}-${status}`,
  labels: { destination_service: 'payments', severity: 'critical' },
  annotations: { summary: 'it fails' },
  verdict,
  peak: verdict,
  totalCount: 7,
  totalRequestCount: 31,
  examples: [
    { atMs: 1, requestId: 'r-1' },
    { atMs: 2, requestId: 'r-1' },
  ],
});

const view = (rule: AlertRule, own: Partial<RuleView> = {}): RuleView => ({
  rule,
  seriesCount: 2,
  missingWindows: 0,
  alerts: [],
  versions: [],
  ...own,
});

/** Where partition 0 of 1 shows these rules; payments v2 fails, orders v2 does not. */
export const aView: DetectView = {
  origin: { cluster: 'dc1', topic: 'flagwatch.partial-counts', partition: 0 },
  partitionCount: 1,
  shownAtMs: 1_790_000_020_000,
  watermarkAtMs: 1_790_000_010_000,
  ruleSet: '0123456789abcdef',
  rules: [
    view(newVersion, {
      alerts: [alert('NewVersion', 'pending'), alert('NewVersion', 'firing')],
      versions: [verdictsOf('payments', {}, { verdict: 'only_new', certainty: 0.999 }), verdictsOf('orders', {})],
    }),
    view(spike, { missingWindows: 3 }),
  ],
  ownAlerts: [alert('RulesNotLoaded', 'firing')],
};

/** Silences in memory, which fail when they are told to. */
class MemorySilences implements SilenceStore {
  readonly known = new Map<string, Silence>();
  isAway = false;

  put(silence: Silence): Promise<void> {
    if (this.isAway) return this.#away();
    this.known.set(silence.id, silence);
    return Promise.resolve();
  }

  list(): Promise<readonly Silence[]> {
    return this.isAway ? this.#away() : Promise.resolve([...this.known.values()]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #away(): Promise<never> {
    return Promise.reject(new AdapterError('KAFKA_UNAVAILABLE', 'kafka-1:9092 does not answer', { retryable: true }));
  }
}

/** Nobody else to ask. */
const noPeers: Peers = { areThere: false, ask: () => Promise.resolve([]) };

/** What an API answers from beside what is in it anyway. */
interface ApiChanges {
  readonly views?: readonly DetectView[];
  readonly peers?: Peers;
  readonly clusters?: readonly string[];
  readonly processId?: string;
}

/** An API with its parts. */
export function anApi({ views = [aView], peers = noPeers, clusters = ['dc1'], processId = 'me' }: ApiChanges = {}) {
  const board = new MemoryBoard();
  for (const one of views) board.show(one);
  const ruleSource = new NamedRules({ all: [newVersion, spike] }, 'all');
  const silences = new MemorySilences();
  const clock = new StandingClock(1_790_000_100_000);
  const handle = createApi({
    board,
    peers,
    clusters,
    processId,
    ruleSource,
    silences: [silences],
    clock,
    logger: silentLogger,
  });
  return { board, ruleSource, silences, clock, handle };
}
