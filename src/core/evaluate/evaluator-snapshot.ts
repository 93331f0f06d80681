// The evaluator's state as plain JSON, version 2, and how a rule is recognised in it.
import { createHash } from 'node:crypto';
import type { Verdict } from '#core/detect/verdict.ts';
import type { WindowNumbers } from '#core/detect/window-ring.ts';
import type { Labels } from '#core/labels.ts';
import type { AlertRecord } from './alert-record.ts';
import type { AlertRule } from './rule.ts';

/** One series of a rule: the key of its group, its flag or fault where the rule groups by it, its detector's state and its alert. */
export interface SeriesSnapshot {
  readonly group: string;
  readonly names?: Labels;
  readonly state: unknown;
  readonly alert?: AlertRecord;
  readonly early?: WindowNumbers;
  readonly toldUntilMs?: number;
}

/** State of one rule. */
export interface RuleSnapshot {
  readonly identity: string;
  readonly alert: string;
  readonly seenWindows: number;
  readonly series: readonly SeriesSnapshot[];
  /** Of rules that compare versions: their verdicts on the window closed last, which canary judges may ask for right after a restart. */
  readonly last?: readonly (readonly [labels: string, verdicts: readonly Verdict[]])[];
}

/** An alert whose rule is gone and that has not been ended yet. */
export interface OrphanedAlert {
  readonly record: AlertRecord;
  readonly reason: string;
}

/** State of an evaluator. */
export interface EvaluatorSnapshot {
  readonly v: 2;
  readonly closedUntilMs: number | null;
  readonly rules: readonly RuleSnapshot[];
  readonly orphans: readonly OrphanedAlert[];
}

/** Whether a value is a snapshot that this build can go on from. */
export function isEvaluatorSnapshot(value: unknown): value is EvaluatorSnapshot {
  if (typeof value !== 'object' || value === null) return false;
  const { v, rules, orphans } = value as Record<string, unknown>;
  return v === 2 && Array.isArray(rules) && Array.isArray(orphans);
}

/**
 * What makes a rule the same rule after a restart: its name and all that its state depends on. Labels, annotations, the group and
 * the place in a file may change.
 */
export function ruleIdentity(rule: AlertRule, windowMs: number): string {
  const { select, by, condition } = rule;
  const meaning = [
    rule.alert,
    windowMs,
    select.counted,
    [...select.flags].sort(),
    [...select.faults].sort(),
    select.matchers.map(({ label, operator, value }) => JSON.stringify([label, operator, value])).sort(),
    [...by].sort(),
    condition.kind,
    Object.entries(condition.settings).sort(([a], [b]) => (a < b ? -1 : 1)),
    rule.forMs,
    rule.keepFiringForMs,
  ];
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, 16);
}
