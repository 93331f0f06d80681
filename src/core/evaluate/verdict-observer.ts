// Looks over evaluate's shoulder: the verdicts of chosen series, worked out also where evaluate needs none. For `rules explain` and for
// the numbers behind a failed test; live nobody observes, and it costs nothing.
import type { Verdict } from '#core/detect/verdict.ts';
import type { Labels } from '#core/labels.ts';
import type { ActiveAlert } from './alert-machine.ts';
import type { AlertRule } from './rule.ts';

/** The window that a verdict is asked for. */
export interface ObservedSpan {
  readonly startAtMs: number;
  readonly endAtMs: number;
}

/** One verdict of one series. */
export interface SeenVerdict {
  readonly rule: AlertRule;
  /** Labels of the series, without the rule's own. */
  readonly labels: Labels;
  /** The window that was closed; the verdict may speak of a longer span. */
  readonly window: ObservedSpan;
  readonly verdict: Verdict;
  /** State of its alert after the window; `null`: inactive. */
  readonly active: ActiveAlert | null;
}

/** Changes nothing of what comes out. */
export interface VerdictObserver {
  /** Whether the verdict of a series on a window is to be worked out and told. `labels` cost a little. */
  wants(rule: AlertRule, window: ObservedSpan, labels: () => Labels): boolean;
  onVerdict(seen: SeenVerdict): void;
}
