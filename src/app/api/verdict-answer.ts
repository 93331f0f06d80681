// Whether a new version of a service fails, as canary judges ask: the worst of what the rules with `new_version` say of it.
import { partitionOf } from '#adapters/memory/partition-of.ts';
import type { ComparisonAnswer, VerdictAnswer, VerdictQuery } from '#config/api-schema.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import { compileMatcher } from '#core/evaluate/matcher.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleView, VersionVerdicts } from '#core/evaluate/rule-view.ts';
import type { DetectView } from '#ports/detect-board.ts';
import { toInstant, toReach } from './state-answers.ts';

/** The answer, or why there is none. */
export type AskedVerdict =
  | { readonly kind: 'ok'; readonly answer: VerdictAnswer }
  | { readonly kind: 'not-held' | 'not-watched'; readonly error: string };

/** From the worst on. */
const order = ['only_new', 'both', 'suspect', 'not_enough_data', 'fine'] as const;

/** Asks the partitions of this process. */
export function askVerdict(views: readonly DetectView[], query: VerdictQuery): AskedVerdict {
  const { service } = query;
  const held = views.filter(({ origin, partitionCount }) => partitionOf(service, partitionCount) === origin.partition);
  if (held.length === 0) return notHeld(views, service);
  const rules = held.flatMap((view) => view.rules);
  const watching = rules.filter(({ rule }) => watches(rule, query));
  if (watching.length === 0) {
    const error = `no rule with new_version watches the service ${service}: add one whose matchers accept it (rules/new-version.yaml ships one)`;
    return { kind: 'not-watched', error };
  }
  const comparisons = watching.flatMap((view) => comparisonsOf(view, query));
  return { kind: 'ok', answer: toAnswer(query, comparisons, views) };
}

function notHeld(views: readonly DetectView[], service: string): AskedVerdict {
  const counts = [...new Set(views.map(({ partitionCount }) => partitionCount))];
  const where = counts.map((partitions) => `partition ${partitionOf(service, partitions)} of ${partitions}`).join(', ');
  const error =
    views.length === 0
      ? 'this process runs no detect, or has not caught up yet: ask one that does (run --loops detect), or again in some seconds'
      : `the service is in ${where}, which another process holds: ask that one (GET /api/v1/rules lists what a process holds)`;
  return { kind: 'not-held', error };
}

function watches({ condition, select }: AlertRule, { service, namespace }: VerdictQuery): boolean {
  if (condition.kind !== 'new_version') return false;
  return select.matchers.every((matcher) => {
    if (matcher.label === 'destination_service') return compileMatcher(matcher)(service);
    if (matcher.label === 'destination_namespace' && namespace !== undefined) return compileMatcher(matcher)(namespace);
    return true;
  });
}

function comparisonsOf({ rule, versions }: RuleView, query: VerdictQuery): readonly ComparisonAnswer[] {
  return versions
    .filter(({ labels }) => isAsked(labels, query))
    .flatMap(({ labels, verdicts }: VersionVerdicts) => verdicts.flatMap((one) => toComparison(rule, labels, one)))
    .filter(({ newVersion }) => query.version === undefined || newVersion === query.version);
}

function isAsked(labels: VersionVerdicts['labels'], { service, namespace }: VerdictQuery): boolean {
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

function toAnswer(
  query: VerdictQuery,
  comparisons: readonly ComparisonAnswer[],
  views: readonly DetectView[],
): VerdictAnswer {
  const sorted = [...comparisons].sort(
    (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || b.certainty - a.certainty,
  );
  const [worst] = sorted;
  const version = query.version ?? null;
  const asked = { service: query.service, namespace: query.namespace ?? null, version };
  const reach = toReach(views);
  if (worst === undefined) {
    const reason = `no requests of ${version === null ? 'a new version' : 'that version as a new one'} were judged in the last window: it has none yet, or is not new any more`;
    return { ...asked, verdict: 'not_judged', fail: false, score: 0, reason, comparisons: [], ...reach };
  }
  const score = Math.max(...sorted.map(({ certainty }) => certainty));
  const { verdict, reason } = worst;
  return { ...asked, verdict, fail: verdict === 'only_new', score, reason, comparisons: sorted, ...reach };
}
