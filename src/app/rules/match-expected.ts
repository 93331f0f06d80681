// What a rule test expects beside what came: each difference with both sides, so that a failed test shows them side by side.
import type { Comparison, ExpectedAlert, ExpectedNumber, RuleTest } from '#config/rule-test.ts';
import { expectedNumbers } from '#config/rule-test.ts';
import { renderDuration } from '#core/duration.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Labels } from '#core/labels.ts';
import type { PlayedTest } from './play-test.ts';

/** One difference, both sides as text. */
export interface Difference {
  readonly expected: string;
  readonly got: string;
  /** Which alert's numbers explain it, around which event time. */
  readonly about: { readonly alert: string; readonly labels: Labels; readonly atMs: number };
}

/** All differences between a test and what came of it; none where it passes. */
export function matchExpected(test: RuleTest, played: PlayedTest): readonly Difference[] {
  const unclaimed = new Set(played.transitions);
  const differences: Difference[] = [];
  for (const expected of test.alerts) {
    const found = claim(expected, played, unclaimed);
    if (found === null) differences.push(missing(expected, played));
    else differences.push(...compare(expected, found, played));
  }
  if (!test.isExact) return differences;
  for (const transition of unclaimed) {
    if (transition.status !== 'firing') continue;
    differences.push({
      expected: 'nothing more',
      got: `${describe(transition, played)}: ${transition.verdict.reason}`,
      about: { alert: transition.alert, labels: transition.labels, atMs: transition.atMs },
    });
  }
  return differences;
}

/** The first step that may be the expected one; it is not there for another. */
function claim(expected: ExpectedAlert, played: PlayedTest, unclaimed: Set<AlertTransition>): AlertTransition | null {
  const fromMs = expectedAtMs(expected, played);
  for (const transition of unclaimed) {
    const { alert, status, atMs, labels } = transition;
    const isThen = atMs >= fromMs && atMs <= fromMs + expected.withinMs;
    if (alert !== expected.alert || status !== expected.status || !isThen || !hasLabels(labels, expected.labels))
      continue;
    unclaimed.delete(transition);
    return transition;
  }
  return null;
}

/** Event time from which an expected step may come. */
function expectedAtMs({ at }: ExpectedAlert, { startAtMs }: Pick<PlayedTest, 'startAtMs'>): number {
  return 'atMs' in at ? at.atMs : startAtMs + at.afterMs;
}

/** Whether `labels` holds all of `wanted`. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
}

function missing(expected: ExpectedAlert, played: PlayedTest): Difference {
  const atMs = expectedAtMs(expected, played);
  const within = expected.withinMs === 0 ? '' : ` (or up to ${renderDuration(expected.withinMs)} later)`;
  const own = played.transitions.filter(({ alert }) => alert === expected.alert);
  const near = [...own].sort((a, b) => distance(a, expected, atMs) - distance(b, expected, atMs))[0];
  return {
    expected: `${expected.status} ${renderAt(atMs, played)}${within}: ${expected.alert}${renderLabels(expected.labels)}`,
    got: near === undefined ? `no step of ${expected.alert} at all` : describe(near, played),
    about: { alert: expected.alert, labels: expected.labels, atMs },
  };
}

function distance(transition: AlertTransition, expected: ExpectedAlert, atMs: number): number {
  const apart = Math.abs(transition.atMs - atMs);
  const isOther = !hasLabels(transition.labels, expected.labels) || transition.status !== expected.status;
  return isOther ? apart + Number.MAX_SAFE_INTEGER / 2 : apart;
}

function describe({ status, atMs, alert, labels }: AlertTransition, played: PlayedTest): string {
  return `${status} ${renderAt(atMs, played)}: ${alert}${renderLabels(labels)}`;
}

/** `at 6m10s`: since the start of the test. */
export function renderAt(atMs: number, { startAtMs }: Pick<PlayedTest, 'startAtMs'>): string {
  return atMs < startAtMs
    ? `${renderDuration(startAtMs - atMs)} before the start`
    : `at ${renderDuration(atMs - startAtMs)}`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(', ')}}`;
}

function compare(expected: ExpectedAlert, transition: AlertTransition, played: PlayedTest): readonly Difference[] {
  const about = { alert: transition.alert, labels: transition.labels, atMs: transition.atMs };
  const pairs = [
    ...compareNumbers(expected, transition),
    ...lacking('reason', expected.reason, [transition.verdict.reason]),
    ...Object.entries(expected.annotations).flatMap(([name, text]) => {
      return lacking(`annotation ${name}`, [text], [transition.annotations[name] ?? '(none)']);
    }),
    ...compareTelling(expected, transition, played),
  ];
  return pairs.map(([wanted, got]) => ({ expected: wanted, got, about }));
}

type Pair = readonly [expected: string, got: string];

function compareNumbers({ numbers }: ExpectedAlert, { verdict }: AlertTransition): readonly Pair[] {
  const got: Readonly<Record<ExpectedNumber, number | null>> = {
    value: verdict.value,
    requests: verdict.requestCount,
    baseline: verdict.baseline,
    z: verdict.z,
  };
  return expectedNumbers.flatMap((name): readonly Pair[] => {
    const wanted = numbers[name];
    const number = got[name];
    if (wanted === undefined || (number !== null && holds(wanted, number))) return [];
    const sign = wanted.operator === '=' ? '' : `${wanted.operator} `;
    return [[`${name} ${sign}${wanted.number}`, `${name} ${number === null ? 'none' : Number(number.toFixed(3))}`]];
  });
}

function holds({ operator, number }: Comparison, got: number): boolean {
  switch (operator) {
    case '=':
      // Numbers are written with two decimals.
      return Math.abs(got - number) <= 0.005 * Math.max(1, Math.abs(number));
    case '>':
      return got > number;
    case '>=':
      return got >= number;
    case '<':
      return got < number;
    case '<=':
      return got <= number;
  }
}

function compareTelling(expected: ExpectedAlert, transition: AlertTransition, played: PlayedTest): readonly Pair[] {
  const { rehearsal } = played;
  const tellings = rehearsal.tellings.filter(({ shownIds }) => shownIds.has(transition.id));
  const told = [...new Set(tellings.map(({ receiver }) => receiver))].sort();
  const held = rehearsal.heldBy(transition.id);
  const pairs: Pair[] = [];
  const names = (list: readonly string[]) => `told to ${list.length === 0 ? 'nobody' : list.join(', ')}`;
  if (expected.receivers !== null && names([...expected.receivers].sort()) !== names(told)) {
    pairs.push([names([...expected.receivers].sort()), `${names(told)}${held === null ? '' : ` (${held})`}`]);
  }
  if (expected.held !== null && expected.held !== held) pairs.push([expected.held, held ?? names(told)]);
  const { title, text, fields } = expected.message;
  if (title.length + text.length + fields.length === 0) return pairs;
  const content = tellings[0]?.content;
  if (content === undefined) return [...pairs, ['a message', held === null ? 'no message' : `no message: ${held}`]];
  return [
    ...pairs,
    ...lacking('title', title, [content.title]),
    ...lacking('text', text, content.summary.split('\n')),
    ...lacking(
      'field',
      fields,
      content.fields.map(({ label, value }) => `${label}: ${value}`),
    ),
  ];
}

/** Fragments that none of the texts holds. */
function lacking(what: string, fragments: readonly string[], texts: readonly string[]): readonly Pair[] {
  return fragments
    .filter((fragment) => !texts.some((text) => text.includes(fragment)))
    .map((fragment) => [`${what} holds “${fragment}”`, texts.map((text) => `${what} “${text}”`).join('\n')]);
}
