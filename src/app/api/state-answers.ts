// Rules and alerts as the HTTP API shows them, out of what the partitions of this process show.
import type { AlertAnswer, AlertsAnswer, PartitionAnswer, RuleAnswer, RulesAnswer } from '#config/api-schema.ts';
import type { AlertRecord } from '#core/evaluate/alert-record.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleView } from '#core/evaluate/rule-view.ts';
import type { DetectView } from '#ports/detect-board.ts';
import type { RuleSource } from '#ports/rule-source.ts';

/** Alerts in one answer: some 2 KB each. More than a hundred are one outage, and nobody reads them one by one. */
const maxAlerts = 5000;

/** Epoch milliseconds as the API writes instants. */
export function toInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** What this process holds, and whether that is all. */
export function toReach(views: readonly DetectView[]): {
  readonly partitions: PartitionAnswer[];
  readonly complete: boolean;
} {
  const byCluster = Map.groupBy(views, ({ origin }) => origin.cluster);
  const complete = views.length > 0 && [...byCluster.values()].every((of) => of.length === of[0]?.partitionCount);
  const partitions = views.map(({ origin, partitionCount, ruleSet, watermarkAtMs, shownAtMs }) => ({
    cluster: origin.cluster,
    partition: origin.partition,
    partitionCount,
    ruleSet,
    watermark: watermarkAtMs === null ? null : toInstant(watermarkAtMs),
    shownAt: toInstant(shownAtMs),
  }));
  return { partitions, complete };
}

/** The rules of the partitions, their figures summed; those of the files where no partition has shown any. */
export function toRulesAnswer(views: readonly DetectView[], { current, problem }: RuleSource): RulesAnswer {
  const shown = views.flatMap(({ rules, watermarkAtMs }) => rules.map((view) => ({ view, watermarkAtMs })));
  const byRule = Map.groupBy(shown, ({ view: { rule } }) => JSON.stringify([rule.group, rule.alert]));
  const unseen = current.rules.filter(({ group, alert }) => !byRule.has(JSON.stringify([group, alert])));
  const rules = [
    ...[...byRule.values()].map((of) => toRule(of, problem)),
    ...unseen.map((rule) => [rule.group, toRuleAnswer(rule, { views: [], watermarkAtMs: null, problem })] as const),
  ];
  const groups = [...Map.groupBy(rules, ([group]) => group)].map(([name, of]) => {
    return { name, rules: of.map(([, answer]) => answer) };
  });
  const loaded = { ruleSet: current.hash, loadedAt: toInstant(current.loadedAtMs), problem };
  return { ...loaded, groups, ...toReach(views) };
}

interface Shown {
  readonly view: RuleView;
  readonly watermarkAtMs: number | null;
}

function toRule(of: readonly Shown[], problem: string | null): readonly [group: string, RuleAnswer] {
  const [first] = of;
  if (first === undefined) throw new Error('a group of rules is never empty');
  const times = of.map(({ watermarkAtMs }) => watermarkAtMs).filter((atMs) => atMs !== null);
  // Of several partitions the one that is furthest behind: up to there all are judged.
  const watermarkAtMs = times.length === 0 ? null : Math.min(...times);
  const { rule } = first.view;
  return [rule.group, toRuleAnswer(rule, { views: of.map(({ view }) => view), watermarkAtMs, problem })];
}

function toRuleAnswer(
  rule: AlertRule,
  state: {
    readonly views: readonly RuleView[];
    readonly watermarkAtMs: number | null;
    readonly problem: string | null;
  },
): RuleAnswer {
  const { views, watermarkAtMs, problem } = state;
  const alerts = views.flatMap((view) => view.alerts);
  const firing = alerts.filter(({ active }) => active.status === 'firing').length;
  const pending = alerts.length - firing;
  const missingWindows = Math.max(0, ...views.map((view) => view.missingWindows));
  return {
    name: rule.alert,
    type: 'alerting',
    kind: rule.condition.kind,
    state: firing > 0 ? 'firing' : pending > 0 ? 'pending' : 'inactive',
    health: watermarkAtMs === null ? 'unknown' : 'ok',
    lastError: problem,
    lastEvaluation: watermarkAtMs === null ? null : toInstant(watermarkAtMs),
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    labels: { ...rule.labels },
    annotations: { ...rule.annotations },
    origin: rule.origin,
    by: [...rule.by],
    shadow: rule.isShadow,
    learning: missingWindows > 0,
    missingWindows,
    series: views.reduce((sum, { seriesCount }) => sum + seriesCount, 0),
    pending,
    firing,
  };
}

/** The alerts of the partitions, those that fire first, the oldest first. */
export function toAlertsAnswer(views: readonly DetectView[]): AlertsAnswer {
  const all = views.flatMap(({ rules, ownAlerts }) => [...ownAlerts, ...rules.flatMap(({ alerts }) => alerts)]);
  const sorted = [...all].sort(
    (a, b) =>
      Number(b.active.status === 'firing') - Number(a.active.status === 'firing') ||
      a.active.sinceAtMs - b.active.sinceAtMs ||
      (a.fingerprint < b.fingerprint ? -1 : 1),
  );
  const alerts = sorted.slice(0, maxAlerts).map(toAlert);
  return { alerts, truncated: all.length > maxAlerts, ...toReach(views) };
}

function toAlert(record: AlertRecord): AlertAnswer {
  const { active, verdict } = record;
  const requestIds = new Set(record.examples.map(({ requestId }) => requestId));
  return {
    fingerprint: record.fingerprint,
    state: active.status,
    labels: { ...record.labels, alertname: record.alert },
    annotations: { ...record.annotations },
    activeAt: toInstant(active.sinceAtMs),
    value: verdict.value,
    unit: verdict.unit,
    requestCount: verdict.requestCount,
    baseline: verdict.baseline,
    z: verdict.z,
    reason: verdict.reason,
    shadow: record.isShadow,
    requestIds: [...requestIds].slice(0, 3),
  };
}
