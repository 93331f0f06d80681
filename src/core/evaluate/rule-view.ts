// A rule at work as others look at it: the HTTP API shows these. What it remembers stays its own.
import type { Verdict } from '#core/detect/verdict.ts';
import type { Labels } from '#core/labels.ts';
import type { AlertRecord } from './alert-record.ts';
import type { AlertRule } from './rule.ts';
import type { RunningRule } from './running-rule.ts';
import { VersionRule } from './version-rule.ts';

/** The verdicts of a rule on new versions of one group of edges, in the window closed last. */
export interface VersionVerdicts {
  readonly labels: Labels;
  readonly verdicts: readonly Verdict[];
}

/** One rule with its figures. */
export interface RuleView {
  readonly rule: AlertRule;
  readonly seriesCount: number;
  /** Windows still to be seen before its first verdict; 0 when it has learned enough. */
  readonly missingWindows: number;
  /** Pending and firing ones. */
  readonly alerts: readonly AlertRecord[];
  /** Of `new_version` rules alone. */
  readonly versions: readonly VersionVerdicts[];
}

/** How a running rule looks from outside. */
export function viewOf(running: RunningRule): RuleView {
  const { rule, seriesCount, missingWindows } = running;
  const last = running instanceof VersionRule ? [...running.lastVerdicts] : [];
  const versions = last.map(([labels, verdicts]) => ({ labels: JSON.parse(labels) as Labels, verdicts }));
  return { rule, seriesCount, missingWindows, alerts: running.activeAlerts(), versions };
}
