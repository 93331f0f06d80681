// Matchers on the labels of alerts, in routes, inhibitions and silences: Alertmanager's meaning, on flagwatch's linear-time patterns.
import { compileMatcher } from '#core/evaluate/matcher.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Labels } from '#core/labels.ts';

/** One matcher on any label of an alert, `alertname` among them. `value` of `=~` and `!~` is anchored at both ends. */
export interface AlertMatcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Whether a set of labels is accepted. */
export type LabelsTest = (labels: Labels) => boolean;

/** All matchers must accept; a label that is missing is the empty text. Throws `PatternError` on a pattern that is none. */
export function compileAlertMatchers(matchers: readonly AlertMatcher[]): LabelsTest {
  const tests = matchers.map((matcher) => ({ label: matcher.label, accepts: compileMatcher(matcher) }));
  return (labels) => tests.every(({ label, accepts }) => accepts(labelOf(labels, label)));
}

/** A label's value; the empty text where it is missing. */
export function labelOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/** The labels that matchers see: those of the alert and `alertname`. */
export function alertLabels({ alert, labels }: Pick<AlertTransition, 'alert' | 'labels'>): Labels {
  return { ...labels, alertname: alert };
}

/** `severity="critical"`, as it is written in files. */
export function renderAlertMatcher({ label, operator, value }: AlertMatcher): string {
  return `${label}${operator}"${value.replace(/["\\]/g, '\\$&')}"`;
}
