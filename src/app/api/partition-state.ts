// What the partitions of this process show of what is asked, in the form in which processes tell it to each other: answers are made of this,
// whether it is one's own or a peer's.
import { partitionOf } from '#adapters/memory/partition-of.ts';
import type { AlertAnswer, ComparisonAnswer, PartitionState, PartitionsQuery } from '#config/api-schema.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import type { AlertRecord } from '#core/evaluate/alert-record.ts';
import { compileMatcher } from '#core/evaluate/matcher.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleView, VersionVerdicts } from '#core/evaluate/rule-view.ts';
import type { DetectView } from '#ports/detect-board.ts';
import { sortAlerts } from './alert-order.ts';
import { toInstant } from './instant.ts';
import { toRuleAnswer } from './rule-answer.ts';

/** `problem`: why the files of the rules cannot be loaded now. */
export function toPartitionStates(
  views: readonly DetectView[],
  query: PartitionsQuery,
  problem: string | null,
): readonly PartitionState[] {
  const states = views.map((view) => toState(view, query, problem));
  return query.show === 'alerts' ? boundAlerts(states) : states;
}

function toState(view: DetectView, query: PartitionsQuery, problem: string | null): PartitionState {
  const { origin, partitionCount, ruleSet, watermarkAtMs, shownAtMs, rules, ownAlerts } = view;
  const alerts = query.show === 'alerts' ? [...ownAlerts, ...rules.flatMap((rule) => rule.alerts)].map(toAlert) : [];
  return {
    cluster: origin.cluster,
    partition: origin.partition,
    partitionCount,
    ruleSet,
    watermark: watermarkAtMs === null ? null : toInstant(watermarkAtMs),
    shownAt: toInstant(shownAtMs),
    rules:
      query.show === 'rules'
        ? rules.map((of) => ({
            group: of.rule.group,
            rule: toRuleAnswer(of.rule, { view: of, watermarkAtMs, problem }),
          }))
        : [],
    alerts,
    truncated: false,
    ...judge(view, query),
  };
}

/** Alerts in one answer: some 2 KB each. More than a hundred are one outage, and nobody reads them one by one. */
export const maxAlerts = 5000;

/** The first alerts of all partitions together. */
function boundAlerts(states: readonly PartitionState[]): readonly PartitionState[] {
  const all = states.flatMap(({ alerts }) => alerts);
  if (all.length <= maxAlerts) return states;
  const shown = new Set(sortAlerts(all).slice(0, maxAlerts));
  return states.map((state) => {
    const alerts = state.alerts.filter((alert) => shown.has(alert));
    return { ...state, alerts, truncated: alerts.length < state.alerts.length };
  });
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

/** What the rules with `new_version` of the one partition that the service is in say of it. */
function judge(
  { origin, partitionCount, rules }: DetectView,
  query: PartitionsQuery,
): Pick<PartitionState, 'watched' | 'comparisons'> {
  const { show, service } = query;
  if (show !== 'verdict' || service === undefined || partitionOf(service, partitionCount) !== origin.partition) {
    return { watched: false, comparisons: [] };
  }
  const watching = rules.filter(({ rule }) => watches(rule, { ...query, service }));
  const comparisons = watching.flatMap((view) => comparisonsOf(view, { ...query, service }));
  return { watched: watching.length > 0, comparisons };
}

type AskedService = Pick<PartitionsQuery, 'version' | 'namespace'> & { readonly service: string };

function watches({ condition, select }: AlertRule, { service, namespace }: AskedService): boolean {
  if (condition.kind !== 'new_version') return false;
  return select.matchers.every((matcher) => {
    if (matcher.label === 'destination_service') return compileMatcher(matcher)(service);
    if (matcher.label === 'destination_namespace' && namespace !== undefined) return compileMatcher(matcher)(namespace);
    return true;
  });
}

function comparisonsOf({ rule, versions }: RuleView, asked: AskedService): readonly ComparisonAnswer[] {
  return versions
    .filter(({ labels }) => isAsked(labels, asked))
    .flatMap(({ labels, verdicts }: VersionVerdicts) => verdicts.flatMap((one) => toComparison(rule, labels, one)))
    .filter(({ newVersion }) => asked.version === undefined || newVersion === asked.version);
}

function isAsked(labels: VersionVerdicts['labels'], { service, namespace }: AskedService): boolean {
  if (labels['destination_service'] !== service) return false;
  // Where a rule does not group by it, all namespaces are in one.
  return namespace === undefined || (labels['destination_namespace'] ?? namespace) === namespace;
}

function toComparison(
  { alert }: AlertRule,
  labels: VersionVerdicts['labels'],
  { comparison, reason, windowEndAtMs }: Verdict,
): readonly ComparisonAnswer[] {
  if (comparison === undefined) return [];
  return [{ alert, labels: { ...labels }, ...comparison, reason, judgedUntil: toInstant(windowEndAtMs) }];
}
