// One active alert with all that its transitions tell, from its first anomalous window on.
import type { CountExample } from '#core/count/count-row.ts';
import { mergeExamples } from '#core/count/pane-table.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import { fingerprint, type Labels } from '#core/labels.ts';
import type { ActiveAlert } from './alert-machine.ts';
import type { AlertRule } from './rule.ts';
import { renderTemplate } from './template.ts';
import type { AlertStatus, AlertTransition } from './transition.ts';

/** State of an active alert. Plain JSON. */
export interface AlertRecord {
  readonly active: ActiveAlert;
  readonly alert: string;
  readonly fingerprint: string;
  readonly labels: Labels;
  /** As rendered with `verdict`. */
  readonly annotations: Labels;
  readonly verdict: Verdict;
  readonly peak: Verdict;
  readonly totalCount: number;
  readonly totalRequestCount: number;
  readonly examples: readonly CountExample[];
}

/** One more window of an alert. */
export interface AlertUpdate {
  readonly active: ActiveAlert;
  readonly verdict: Verdict;
  readonly examples: readonly CountExample[];
}

/** The record after another window; `before` is `null` in an alert's first. */
export function updateRecord(
  before: AlertRecord | null,
  rule: AlertRule,
  seriesLabels: Labels,
  update: AlertUpdate,
): AlertRecord {
  const { active, verdict } = update;
  // Where both name the same label, the series tells alerts apart: the rule's value would make them one.
  const labels = before?.labels ?? { ...rule.labels, ...seriesLabels };
  return {
    active,
    alert: rule.alert,
    fingerprint: before?.fingerprint ?? fingerprint({ ...labels, alertname: rule.alert }),
    labels,
    annotations: Object.fromEntries(
      Object.entries(rule.annotations).map(([name, text]) => [name, renderTemplate(text, { labels, verdict })]),
    ),
    verdict,
    peak: before !== null && (before.peak.z ?? 0) >= (verdict.z ?? 0) ? before.peak : verdict,
    totalCount: (before?.totalCount ?? 0) + verdict.value,
    totalRequestCount: (before?.totalRequestCount ?? 0) + verdict.requestCount,
    examples: mergeExamples(before?.examples ?? [], update.examples),
  };
}

/** The step of an alert as others see it. */
export function toTransition(record: AlertRecord, status: AlertStatus, atMs: number): AlertTransition {
  const { active, verdict, peak, totalCount, totalRequestCount } = record;
  return {
    id: `${record.fingerprint}-${status}-${atMs}`,
    fingerprint: record.fingerprint,
    alert: record.alert,
    status,
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
