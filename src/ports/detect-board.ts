// What the partitions of detect in this process show to whoever asks: the HTTP API. A partition that another process holds is not here.
import type { AlertRecord } from '#core/evaluate/alert-record.ts';
import type { RuleView } from '#core/evaluate/rule-view.ts';
import type { PartitionOrigin } from './record-stream.ts';

/** One partition after its last hand-over. */
export interface DetectView {
  readonly origin: PartitionOrigin;
  /** How many partitions there are, in all processes. */
  readonly partitionCount: number;
  /** Wall clock. */
  readonly shownAtMs: number;
  /** Event time up to which windows are judged; `null` before the first. */
  readonly watermarkAtMs: number | null;
  /** Identity of the set of rules in force; `null` where rules cannot change. */
  readonly ruleSet: string | null;
  /** Rules that are judged by windows, then those on the input. */
  readonly rules: readonly RuleView[];
  /** Alerts of flagwatch about itself. */
  readonly ownAlerts: readonly AlertRecord[];
}

/** Takes what partitions show. */
export interface DetectBoard {
  /** Replaces what the partition showed before. */
  show(view: DetectView): void;
  /** The partition is lost, or the loop stops. */
  remove(origin: PartitionOrigin): void;
}
