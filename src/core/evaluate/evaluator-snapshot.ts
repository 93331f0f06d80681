// The evaluator's state as plain JSON, version 1, and how a rule is recognised in it.
import { createHash } from 'node:crypto';
import type { SpikeSnapshot } from '#core/detect/spike.ts';
import type { AlertRecord } from './alert-record.ts';
import type { AlertRule } from './rule.ts';

/** One series of a rule: the key of its group, its flag where the rule groups by it, its baseline and its alert. */
export interface SeriesSnapshot {
  readonly group: string;
  readonly flag?: string;
  readonly spike: SpikeSnapshot;
  readonly alert?: AlertRecord;
}

/** State of one rule. */
export interface RuleSnapshot {
  readonly identity: string;
  readonly alert: string;
  readonly seenWindows: number;
  readonly series: readonly SeriesSnapshot[];
}

/** An alert whose rule is gone and that has not been ended yet. */
export interface OrphanedAlert {
  readonly record: AlertRecord;
  readonly reason: string;
}

/** State of an evaluator. */
export interface EvaluatorSnapshot {
  readonly v: 1;
  readonly closedUntilMs: number | null;
  readonly rules: readonly RuleSnapshot[];
  readonly orphans: readonly OrphanedAlert[];
}

/** Whether a value is a snapshot that this build can go on from. */
export function isEvaluatorSnapshot(value: unknown): value is EvaluatorSnapshot {
  if (typeof value !== 'object' || value === null) return false;
  const { v, rules, orphans } = value as Record<string, unknown>;
  return v === 1 && Array.isArray(rules) && Array.isArray(orphans);
}

/**
 * What makes a rule the same rule after a restart: its name and all that its state depends on. Labels, annotations, the group and
 * the place in a file may change.
 */
export function ruleIdentity(rule: AlertRule, windowMs: number): string {
  const { select, by, spike } = rule;
  const meaning = [
    rule.alert,
    windowMs,
    [...select.flags].sort(),
    select.matchers.map(({ label, operator, value }) => JSON.stringify([label, operator, value])).sort(),
    [...by].sort(),
    [spike.z, spike.minCount, spike.minRatio, spike.baselineWindows, spike.minBaselineWindows],
    rule.forMs,
    rule.keepFiringForMs,
  ];
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, 16);
}
