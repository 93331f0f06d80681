// One active alert with all that its transitions tell, from its first anomalous window on.
import type { CountExample } from '#core/count/count-row.ts';
import { mergeExamples } from '#core/count/pane-table.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import type { WindowNumbers } from '#core/detect/window-ring.ts';
import { fingerprint, type Labels } from '#core/labels.ts';
import type { ActiveAlert } from './alert-machine.ts';
import { stepAlert } from './alert-machine.ts';
import type { AlertRule } from './rule.ts';
import { renderTemplate } from './template.ts';
import type { AlertStatus, AlertTransition } from './transition.ts';

/** State of an active alert. Plain JSON. */
export interface AlertRecord extends Omit<AlertTransition, 'id' | 'status' | 'atMs' | 'sinceAtMs'> {
  readonly active: ActiveAlert;
  /** As rendered with `verdict`. */
  readonly annotations: Labels;
}

/** What a window says of a series. */
export interface JudgedWindow {
  readonly verdict: Verdict;
  /** The window that was closed; the verdict may speak of a longer span. */
  readonly window: { readonly startAtMs: number; readonly endAtMs: number };
  readonly observed: WindowNumbers;
  readonly examples: readonly CountExample[];
}

/** The alert after a window (`null`: inactive), and the transition that came of it (`null`: none). */
export interface RecordStep {
  readonly record: AlertRecord | null;
  readonly transition: AlertTransition | null;
}

/** Takes the alert of a series one window further; `seriesLabels` are asked for in its first alone. */
export function stepRecord(
  before: AlertRecord | null,
  rule: AlertRule,
  seriesLabels: Labels,
  judged: JudgedWindow,
): RecordStep {
  const { verdict, window } = judged;
  // Nothing is said of such a window: neither that it goes on nor that it ends.
  if (verdict.kind === 'held') return { record: before, transition: null };
  const { startAtMs, endAtMs } = window;
  const isAnomaly = verdict.kind === 'anomaly';
  const step = stepAlert(before?.active ?? null, { startAtMs, endAtMs, isAnomaly }, rule);
  const active = step.active ?? before?.active;
  if (active === undefined) return { record: null, transition: null };
  const record = updateRecord(before, rule, seriesLabels, { ...judged, active });
  return {
    record: step.active === null ? null : record,
    transition: step.status === null ? null : toTransition(record, step.status, endAtMs),
  };
}

function updateRecord(
  before: AlertRecord | null,
  rule: AlertRule,
  seriesLabels: Labels,
  { active, verdict, observed, examples }: JudgedWindow & { readonly active: ActiveAlert },
): AlertRecord {
  // Where both name the same label, the series tells alerts apart: the rule's value would make them one.
  const labels = before?.labels ?? { ...rule.labels, ...seriesLabels };
  return {
    active,
    alert: rule.alert,
    isShadow: rule.isShadow,
    fingerprint: before?.fingerprint ?? fingerprint({ ...labels, alertname: rule.alert }),
    labels,
    // When it is over they tell what it was: the last numbers say that nothing is wrong.
    annotations: verdict.kind === 'anomaly' || before === null ? render(rule, labels, verdict) : before.annotations,
    verdict,
    peak: before !== null && distanceOf(before.peak) >= distanceOf(verdict) ? before.peak : verdict,
    totalCount: (before?.totalCount ?? 0) + observed.count,
    totalRequestCount: (before?.totalRequestCount ?? 0) + observed.requestCount,
    examples: mergeExamples(before?.examples ?? [], examples),
  };
}

function render({ annotations }: AlertRule, labels: Labels, verdict: Verdict): Labels {
  return Object.fromEntries(
    Object.entries(annotations).map(([name, text]) => [name, renderTemplate(text, { labels, verdict })]),
  );
}

/** How far from usual, up or down; what has no z is measured by its value. */
function distanceOf({ z, value }: Verdict): number {
  return Math.abs(z ?? value);
}

/** The step of an alert as others see it. */
export function toTransition(record: AlertRecord, status: AlertStatus, atMs: number): AlertTransition {
  const { active, verdict, peak, totalCount, totalRequestCount } = record;
  return {
    id: `${record.fingerprint}-${status}-${atMs}`,
    fingerprint: record.fingerprint,
    alert: record.alert,
    status,
    isShadow: record.isShadow,
    atMs,
    sinceAtMs: active.sinceAtMs,
    labels: record.labels,
    annotations: record.annotations,
    verdict,
    peak,
    totalCount,
    totalRequestCount,
    examples: distinctRequests(record.examples),
  };
}

/** The step that ends an alert whose rule is no more: nobody judges it any longer. */
export function endTransition(record: AlertRecord, atMs: number, reason: string): AlertTransition {
  const status = record.active.status === 'firing' ? 'resolved' : 'inactive';
  return toTransition({ ...record, verdict: { ...record.verdict, reason } }, status, atMs);
}

/** Attempts of one request share its id: once is enough to search with. */
function distinctRequests(examples: readonly CountExample[]): readonly CountExample[] {
  return examples.filter((example, i) => examples.findIndex(({ requestId }) => requestId === example.requestId) === i);
}
