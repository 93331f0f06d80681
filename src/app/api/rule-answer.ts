// One rule as the HTTP API shows it: of one partition, and of several together.
import type { RuleAnswer } from '#config/api-schema.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleView } from '#core/evaluate/rule-view.ts';
import { toInstant } from './instant.ts';

/** How far a rule has come, and why its file cannot be loaded again. */
export interface RuleProgress {
  /** `null`: no partition shows it. */
  readonly view: RuleView | null;
  /** Event time up to which it has judged, epoch milliseconds. */
  readonly watermarkAtMs: number | null;
  readonly problem: string | null;
}

/** A rule of one partition. */
export function toRuleAnswer(rule: AlertRule, { view, watermarkAtMs, problem }: RuleProgress): RuleAnswer {
  const alerts = view?.alerts ?? [];
  const firing = alerts.filter(({ active }) => active.status === 'firing').length;
  const pending = alerts.length - firing;
  const missingWindows = view?.missingWindows ?? 0;
  return {
    name: rule.alert,
    type: 'alerting',
    kind: rule.condition.kind,
    state: toState(firing, pending),
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
    series: view?.seriesCount ?? 0,
    pending,
    firing,
  };
}

/** The same rule of several partitions: figures summed, texts of the first. */
export function mergeRuleAnswers(first: RuleAnswer, others: readonly RuleAnswer[]): RuleAnswer {
  const of = [first, ...others];
  const sum = (count: (rule: RuleAnswer) => number): number => of.reduce((total, rule) => total + count(rule), 0);
  const [firing, pending] = [sum((rule) => rule.firing), sum((rule) => rule.pending)];
  const times = of.flatMap(({ lastEvaluation }) => (lastEvaluation === null ? [] : [Date.parse(lastEvaluation)]));
  const missingWindows = Math.max(...of.map((rule) => rule.missingWindows));
  return {
    ...first,
    state: toState(firing, pending),
    health: times.length === 0 ? 'unknown' : 'ok',
    lastError: of.find(({ lastError }) => lastError !== null)?.lastError ?? null,
    // The partition that is furthest behind: up to there all are judged.
    lastEvaluation: times.length === 0 ? null : toInstant(Math.min(...times)),
    learning: missingWindows > 0,
    missingWindows,
    series: sum((rule) => rule.series),
    pending,
    firing,
  };
}

function toState(firing: number, pending: number): RuleAnswer['state'] {
  if (firing > 0) return 'firing';
  return pending > 0 ? 'pending' : 'inactive';
}
