// Why an alert fired or did not at a time: the verdict of each of its series on the window, gate by gate, and the state of the alert.

import type { Past, PastTotals } from '#app/past/past.ts';
import { renderIso } from '#app/past/render-iso.ts';
import type { VerdictKind } from '#core/detect/verdict.ts';
import { renderDuration } from '#core/duration.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { SeenVerdict, VerdictObserver } from '#core/evaluate/verdict-observer.ts';
import type { Labels } from '#core/labels.ts';
import { toVisibleText } from '#core/notify/visible-text.ts';
import { type Gate, gatesOf } from './explain-gates.ts';
import { hasLabels } from './match-expected.ts';

/** What is asked. */
export interface ExplainQuestion {
  readonly rule: AlertRule;
  readonly atMs: number;
  /** Labels that the series must have; empty for all series. */
  readonly labels: Labels;
  readonly windowMs: number;
}

/** The answer for one series. */
interface ExplainedSeries {
  readonly seen: SeenVerdict;
  readonly gates: readonly Gate[];
  readonly state: string;
}

/** The answer. */
export interface Explanation {
  readonly question: ExplainQuestion;
  readonly past: PastTotals;
  /** Of the window, those nearest to an alert first. */
  readonly series: readonly ExplainedSeries[];
  /** Labels of series of the rule that were there and were not asked for; at most `maxOthers`. */
  readonly others: readonly Labels[];
}

const maxSeries = 200;
const maxOthers = 10;

/** Looks. The window is the one that ends at the time, or holds it. */
export async function explain(past: Past, question: ExplainQuestion): Promise<Explanation> {
  const { rule, atMs, labels: asked } = question;
  const seen: SeenVerdict[] = [];
  const others: Labels[] = [];
  const observer: VerdictObserver = {
    wants: (_rule, { startAtMs, endAtMs }, labelsOf) => {
      if (atMs <= startAtMs || atMs > endAtMs) return false;
      const labels = { ...rule.labels, ...labelsOf() };
      if (hasLabels(labels, asked)) return seen.length < maxSeries;
      if (others.length < maxOthers) others.push(labelsOf());
      return false;
    },
    onVerdict: (one) => seen.push(one),
  };
  const totals = await past.play([{ rules: [rule], onTransition: () => undefined, observer }]);
  const series = seen.map((one) => ({ seen: one, gates: gatesFor(one, question), state: stateOf(one, rule) }));
  series.sort((a, b) => closeness(b.seen) - closeness(a.seen));
  return { question, past: totals, series, others };
}

function gatesFor({ verdict }: SeenVerdict, { rule, windowMs }: ExplainQuestion): readonly Gate[] {
  return gatesOf(rule.condition, verdict, windowMs);
}

function closeness({ verdict, active }: SeenVerdict): number {
  if (verdict.kind === 'anomaly' || active !== null) return Number.POSITIVE_INFINITY;
  return Math.abs(verdict.z ?? verdict.value);
}

function stateOf({ active, verdict, window }: SeenVerdict, rule: AlertRule): string {
  if (active === null) return 'inactive';
  const { status, sinceAtMs, lastAnomalyAtMs } = active;
  const since = `since ${renderIso(sinceAtMs)}`;
  if (status === 'pending') {
    const held = renderDuration(window.endAtMs - sinceAtMs);
    return `pending ${since}: the condition has held for ${held}, “for” asks for ${renderDuration(rule.forMs)}`;
  }
  if (verdict.kind === 'anomaly') return `firing ${since}`;
  const calm = renderDuration(window.endAtMs - lastAnomalyAtMs);
  return `firing ${since}: calm for ${calm}, over after ${renderDuration(rule.keepFiringForMs)} (keep_firing_for)`;
}

/** As people read it. Ends with a line end. */
export function renderExplanation({ question, past, series, others }: Explanation): string {
  const { rule, atMs, labels } = question;
  const asked = Object.keys(labels).length === 0 ? '' : ` ${renderLabels(labels)}`;
  const head = `${rule.alert}${asked} at ${renderIso(atMs)} (${rule.origin}, condition ${rule.condition.kind})`;
  const blocks = series.map(renderSeries);
  if (series.length === 0) blocks.push(whyNothing(question, past, others));
  return `${[[head], ...blocks].map((lines) => lines.map(toVisibleText).join('\n')).join('\n\n')}\n`;
}

function renderSeries({ seen, gates, state }: ExplainedSeries): readonly string[] {
  const { verdict, labels, window } = seen;
  const span = `${renderIso(window.startAtMs)} to ${renderIso(window.endAtMs)}`;
  const failing = gates.filter(({ isPassed }) => isPassed === false);
  return [
    `${renderLabels(labels)}`,
    `  window ${span}: ${verdict.kind}; alert ${state}`,
    `  ${verdict.reason}`,
    ...gates.map(renderGate),
    ...whatElse(verdict.kind, failing),
  ];
}

function whatElse(kind: VerdictKind, failing: readonly Gate[]): readonly string[] {
  if (failing.length === 0) return [];
  if (kind === 'anomaly') return ['  what has begun lasts until it is well below what it took to begin'];
  return [`  it would have taken: ${neededOf(failing)}`];
}

function renderGate({ name, got, needed, isPassed }: Gate): string {
  const mark = isPassed === null ? '?' : isPassed ? '✓' : '✗';
  return `  ${mark} ${name}: ${got}; needed ${needed}`;
}

function neededOf(gates: readonly Gate[]): string {
  return gates.map(({ name, needed, instead }) => `${name}: ${instead ?? needed}`).join('; and ');
}

function whyNothing(
  { rule, atMs }: ExplainQuestion,
  { fromMs, toMs }: PastTotals,
  others: readonly Labels[],
): string[] {
  if (fromMs === null || toMs === null) return ['nothing was found in that time'];
  if (atMs <= fromMs || atMs > toMs)
    return [`the past that was looked at goes from ${renderIso(fromMs)} to ${renderIso(toMs)}`];
  if (rule.condition.kind === 'pipeline')
    return ['rules on the input itself are judged live only: the past does not show it'];
  if (others.length > 0) {
    return ['no such series was there; these were:', ...others.map((labels) => `  ${renderLabels(labels)}`)];
  }
  const what =
    'nothing that the rule selects had come for as long as its baseline lasts, so there was no series to judge';
  return [what, 'look at its select: flags, reporter, matchers; “flagwatch rules check” warns of the usual mistakes'];
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(', ')}}`;
}

/** As JSON. */
export function explanationToJson({ question, past, series, others }: Explanation): object {
  return {
    alert: question.rule.alert,
    at: new Date(question.atMs).toISOString(),
    from: past.fromMs === null ? null : renderIso(past.fromMs),
    to: past.toMs === null ? null : renderIso(past.toMs),
    series: series.map(({ seen, gates, state }) => ({
      labels: seen.labels,
      window: [new Date(seen.window.startAtMs).toISOString(), new Date(seen.window.endAtMs).toISOString()],
      state,
      verdict: seen.verdict,
      gates,
    })),
    others,
    notes: past.notes,
  };
}
