// A change of one alert's state: what evaluate hands over to notify, and what `replay` prints.
import type { CountExample } from '#core/count/count-row.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import type { Labels } from '#core/labels.ts';

/** Pending: condition true, `for` not over. Resolved: was firing, is not now. A pending alert that ends is `inactive`. */
export const alertStatuses = ['pending', 'firing', 'resolved', 'inactive'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

/** One step of one alert. `id` is deterministic: the same input gives the same ids, so a repeat is recognised. */
export interface AlertTransition {
  /** `fingerprint` + status + `atMs`. */
  readonly id: string;
  /** Of `labels` with the alert's name: the identity of the alert through time. */
  readonly fingerprint: string;
  readonly alert: string;
  readonly status: AlertStatus;
  /** Of a rule that is tried out: recorded, and sent to nobody. */
  readonly isShadow: boolean;
  /** Event time of the step: the end of the window that caused it. */
  readonly atMs: number;
  /** Event time at which the condition became true: start of the first anomalous window. */
  readonly sinceAtMs: number;
  /** Series labels named by `by`, the rule's labels, `severity` among them. */
  readonly labels: Labels;
  /** The rule's annotations, templates filled in. */
  readonly annotations: Labels;
  readonly verdict: Verdict;
  /** The worst verdict since `sinceAtMs` (greatest z). */
  readonly peak: Verdict;
  /** Lines selected since `sinceAtMs`, and their exposure. */
  readonly totalCount: number;
  readonly totalRequestCount: number;
  /** At most three request ids to begin with. */
  readonly examples: readonly CountExample[];
}
