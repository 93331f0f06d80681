// Inhibition: one firing alert keeps others from being told, because it says what they would say.
import type { Labels } from '#core/labels.ts';
import type { AlertMatcher } from './alert-matcher.ts';
import { compileAlertMatchers, labelOf } from './alert-matcher.ts';

/** An inhibition as it is configured. */
export interface InhibitRule {
  readonly sourceMatchers: readonly AlertMatcher[];
  readonly targetMatchers: readonly AlertMatcher[];
  /** Labels that both must have alike; missing in both counts as alike. */
  readonly equal: readonly string[];
}

/** A firing alert, as inhibition sees it. */
export interface FiringAlert {
  readonly fingerprint: string;
  /** `alertname` among them. */
  readonly labels: Labels;
}

/** The firing alert that keeps `target` from being told, or `null`. */
export type Inhibition = (target: FiringAlert, firing: Iterable<FiringAlert>) => FiringAlert | null;

/**
 * Compiles the rules. An alert never inhibits itself, and of two that are both source and target of a rule neither inhibits the
 * other. Throws `PatternError` on a pattern that is none.
 */
export function compileInhibition(rules: readonly InhibitRule[]): Inhibition {
  const compiled = rules.map(({ sourceMatchers, targetMatchers, equal }) => ({
    isSource: compileAlertMatchers(sourceMatchers),
    isTarget: compileAlertMatchers(targetMatchers),
    equal,
  }));
  return (target, firing) => {
    const about = compiled.filter(({ isTarget }) => isTarget(target.labels));
    if (about.length === 0) return null;
    for (const source of firing) {
      if (source.fingerprint === target.fingerprint) continue;
      const inhibits = about.some(
        ({ isSource, isTarget, equal }) =>
          isSource(source.labels) &&
          equal.every((name) => labelOf(source.labels, name) === labelOf(target.labels, name)) &&
          !(isSource(target.labels) && isTarget(source.labels)),
      );
      if (inhibits) return source;
    }
    return null;
  };
}
