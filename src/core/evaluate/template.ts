// Fills the templates of annotations. Label values come from log lines: they are put in as plain text, never read as a template.
import type { Verdict } from '#core/detect/verdict.ts';
import type { Labels } from '#core/labels.ts';

/** What a template can name. */
export interface TemplateValues {
  readonly labels: Labels;
  readonly verdict: Verdict;
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

const variables: Readonly<Record<string, (verdict: Verdict) => string>> = {
  $value: ({ value }) => String(value),
  $requests: ({ requestCount }) => String(requestCount),
  $ratio: ({ value, requestCount }) => (requestCount === 0 ? noValue : `${shortNumber((100 * value) / requestCount)}%`),
  $z: ({ z }) => (z === null ? noValue : shortNumber(z)),
  $baseline: ({ baseline }) => (baseline === null ? noValue : shortNumber(baseline)),
};

/**
 * The text with `{{ $labels.x }}`, `{{ $value }}` (lines selected), `{{ $requests }}`, `{{ $ratio }}` (as `13.5%`), `{{ $z }}` and
 * `{{ $baseline }}` filled in; an unknown label is `unknown`, anything else in braces stays as it is.
 */
export function renderTemplate(text: string, values: TemplateValues): string {
  return text.replace(placeholders, (whole: string, inner: string) => {
    const name = inner.trim();
    const label = labelName.exec(name)?.[1];
    if (label !== undefined) return shortLabel(own(values.labels, label) ?? 'unknown');
    return own(variables, name)?.(values.verdict) ?? whole;
  });
}

/** What is wrong with a template, in order; `knownLabels` are those that the rule's alerts have. For the check of the configuration. */
export function findTemplateErrors(text: string, knownLabels: readonly string[]): readonly TemplateError[] {
  const errors: TemplateError[] = [];
  for (const match of text.matchAll(placeholders)) {
    const [placeholder, inner = ''] = match;
    const message = placeholder.endsWith('}}') ? problemOf(inner.trim(), knownLabels) : '"{{" without "}}"';
    if (message !== null) errors.push({ at: match.index, placeholder, message });
  }
  return errors;
}

function problemOf(name: string, knownLabels: readonly string[]): string | null {
  if (own(variables, name) !== undefined) return null;
  const label = labelName.exec(name)?.[1];
  if (label === undefined) {
    return `"${name}" is not known; there are $labels.NAME, ${Object.keys(variables).join(', ')}`;
  }
  return knownLabels.includes(label)
    ? null
    : `the alert has no label "${label}"; it has ${[...knownLabels].sort().join(', ')}`;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function shortLabel(value: string): string {
  return value.length <= maxLabelChars ? value : `${value.slice(0, maxLabelChars - 1)}…`;
}

function shortNumber(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1)));
}
