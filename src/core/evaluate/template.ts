// Fills the templates of annotations. Label values come from log lines: they are put in as plain text, never read as a template.

import type { ConditionKind } from '#core/detect/condition.ts';
import type { Verdict, VersionComparison } from '#core/detect/verdict.ts';
import { renderDuration } from '#core/duration.ts';
import type { Labels } from '#core/labels.ts';

/** What a template can name. */
export interface TemplateValues {
  readonly labels: Labels;
  readonly verdict: Verdict;
}

/** What the templates of a rule may name. */
export interface TemplateNames {
  /** Labels that the rule's alerts have. */
  readonly labels: readonly string[];
  readonly condition: ConditionKind;
}

/** Something in a template that cannot be filled in. */
export interface TemplateError {
  /** Index of the placeholder's first character in the text. */
  readonly at: number;
  /** The placeholder as it is written. */
  readonly placeholder: string;
  readonly message: string;
}

/** Longest label value in a text: a service's name has at most 63 characters, a hostile path has no end. */
const maxLabelChars = 200;
const noValue = '–';
const placeholders = /\{\{(.*?)(?:\}\}|$)/gs;
const labelName = /^\$labels\.([A-Za-z_][A-Za-z0-9_]*)$/;

const variables = {
  $value: ({ value, unit }) => withUnit(value, unit),
  $requests: ({ requestCount }) => String(requestCount),
  $ratio: ({ value, requestCount }) => share(value, requestCount),
  $z: ({ z }) => (z === null ? noValue : shortNumber(z)),
  $baseline: ({ baseline, unit }) => (baseline === null ? noValue : withUnit(baseline, unit)),
  $reason: ({ reason }) => reason,
  $old_version: compared(({ oldVersion }) => shortLabel(oldVersion ?? noValue)),
  $old_count: compared(({ oldCount }) => String(oldCount)),
  $old_requests: compared(({ oldRequestCount }) => String(oldRequestCount)),
  $old_ratio: compared(({ oldCount, oldRequestCount }) => share(oldCount, oldRequestCount)),
  $certainty: compared(({ certainty }) => percentOfCertainty(certainty)),
} as const satisfies Readonly<Record<string, (verdict: Verdict) => string>>;

/** A variable of templates. */
export type TemplateVariable = keyof typeof variables;

const counts = ['$value', '$requests', '$ratio'] as const;
const beside = ['$z', '$baseline'] as const;

/** The variables that have a value under each condition. */
export const templateVariables: Readonly<Record<ConditionKind, readonly TemplateVariable[]>> = {
  spike: [...counts, ...beside, '$reason'],
  dip: ['$value', ...beside, '$reason'],
  absent: ['$value', '$baseline', '$reason'],
  ratio: [...counts, '$reason'],
  sustained: [...counts, '$reason'],
  threshold: [...counts, '$reason'],
  latency: ['$value', '$requests', ...beside, '$reason'],
  new_version: [...counts, '$old_version', '$old_count', '$old_requests', '$old_ratio', '$certainty', '$reason'],
  pipeline: ['$value', '$reason'],
};

/**
 * The text with `{{ $labels.x }}` and the variables filled in: counts as they are, times with their unit (`1.2s`), shares as `13.5%`. An
 * unknown label is `unknown`, a number that is not known a dash; anything else in braces stays as it is.
 */
export function renderTemplate(text: string, values: TemplateValues): string {
  return text.replace(placeholders, (whole: string, inner: string) => {
    const name = inner.trim();
    const label = labelName.exec(name)?.[1];
    if (label !== undefined) {
      return shortLabel(Object.hasOwn(values.labels, label) ? (values.labels[label] ?? '') : 'unknown');
    }
    return isVariable(name) ? variables[name](values.verdict) : whole;
  });
}

/** What is wrong with a template, in order. For the check of the configuration. */
export function findTemplateErrors(text: string, names: TemplateNames): readonly TemplateError[] {
  const errors: TemplateError[] = [];
  for (const match of text.matchAll(placeholders)) {
    const [placeholder, inner = ''] = match;
    const message = placeholder.endsWith('}}') ? problemOf(inner.trim(), names) : '"{{" without "}}"';
    if (message !== null) errors.push({ at: match.index, placeholder, message });
  }
  return errors;
}

function problemOf(name: string, { labels, condition }: TemplateNames): string | null {
  const known = templateVariables[condition];
  const label = labelName.exec(name)?.[1];
  if (label === undefined) {
    if (isVariable(name) && known.includes(name)) return null;
    const why = isVariable(name) ? `has no value under ${condition}` : 'is not known';
    return `"${name}" ${why}; there are $labels.NAME, ${known.join(', ')}`;
  }
  if (labels.includes(label)) return null;
  const there = labels.length === 0 ? 'it has none' : `it has ${[...labels].sort().join(', ')}`;
  return `the alert has no label "${label}"; ${there}`;
}

function isVariable(name: string): name is TemplateVariable {
  return Object.hasOwn(variables, name);
}

function compared(render: (comparison: VersionComparison) => string): (verdict: Verdict) => string {
  return ({ comparison }) => (comparison === undefined ? noValue : render(comparison));
}

function withUnit(value: number, unit: Verdict['unit']): string {
  return unit === 'ms' || unit === 'age_ms' ? shortTime(value) : shortNumber(value);
}

/** `230ms`, `1.24s`, `5m20s`: three digits are enough to tell times apart. */
function shortTime(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${shortNumber(ms / 1000)}s`;
  return renderDuration(Math.round(ms / 1000) * 1000);
}

function share(count: number, requestCount: number): string {
  return requestCount === 0 ? noValue : `${shortNumber((100 * count) / requestCount)}%`;
}

/** Never 100 %: no comparison of counts is certain. */
function percentOfCertainty(certainty: number): string {
  return `${Number(Math.min(100 * certainty, 99.99).toFixed(2))}%`;
}

function shortLabel(value: string): string {
  return value.length <= maxLabelChars ? value : `${value.slice(0, maxLabelChars - 1)}…`;
}

function shortNumber(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1)));
}
