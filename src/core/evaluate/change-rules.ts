// From one set of rules to another while windows are being judged. Called by detect, between two windows.
import type { AlertRecord } from './alert-record.ts';
import { endTransition, toTransition } from './alert-record.ts';
import type { EvaluatorSettings } from './evaluator.ts';
import { Evaluator } from './evaluator.ts';
import type { AlertRule } from './rule.ts';
import type { AlertTransition } from './transition.ts';

/** The evaluator that goes on, and what the change itself has to tell. */
export interface ChangedRules {
  readonly evaluator: Evaluator;
  readonly transitions: readonly AlertTransition[];
}

/**
 * Goes over to other rules at the event time `atMs`. Rules with the same meaning keep their state; new ones begin to learn; alerts of
 * those that are gone, or mean something else, end here. An alert that fires while its rule leaves the shadow is told, and one
 * whose rule goes into it ends for those who were told. `before` is not to be used any more.
 */
export function changeRules(
  before: Evaluator,
  rules: readonly AlertRule[],
  settings: EvaluatorSettings,
  atMs: number,
): ChangedRules {
  const snapshot = before.snapshot();
  const firing = before.views().flatMap(({ alerts }) => alerts.filter(({ active }) => active.status === 'firing'));
  const evaluator = Evaluator.restore(rules, settings, snapshot);
  const ended = evaluator.endOrphans(atMs, snapshot.orphans.length);
  const after = new Map(evaluator.views().flatMap(({ alerts }) => alerts.map((alert) => [alert.fingerprint, alert])));
  const shown = firing.flatMap((alert) => outOrIntoShadow(alert, after.get(alert.fingerprint) ?? null, atMs));
  return { evaluator, transitions: [...ended, ...shown] };
}

function outOrIntoShadow(alert: AlertRecord, after: AlertRecord | null, atMs: number): readonly AlertTransition[] {
  if (after === null || alert.isShadow === after.isShadow) return [];
  if (!after.isShadow) return [toTransition(after, 'firing', atMs)];
  return [endTransition(alert, atMs, 'the rule runs in the shadow: what it says is recorded, and sent to nobody')];
}
