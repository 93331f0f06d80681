// What the evaluator asks of every rule, whatever its condition.
import type { VerdictKind } from '#core/detect/verdict.ts';
import type { AlertRecord } from './alert-record.ts';
import type { RuleSnapshot } from './evaluator-snapshot.ts';
import type { AlertRule } from './rule.ts';
import type { AlertTransition } from './transition.ts';

/** The window being closed. */
export interface ClosingWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** Nothing at all came in, for no rule. */
  readonly isEmpty: boolean;
  /** All input up to the end is known to be there; see `ObservedWindow`. */
  readonly isComplete: boolean;
}

/** The window that is open, up to the end of a pane. */
export interface OpenWindow {
  readonly startAtMs: number;
  /** End of the last pane that is complete; before the window's end. */
  readonly untilAtMs: number;
  readonly endAtMs: number;
}

/** A window that was judged before, for which the late groups hold lines. */
export interface AmendedWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** How many windows ago, 1 being the one judged last. */
  readonly windowsBack: number;
  /** Event time at which it is told. */
  readonly nowMs: number;
}

/** Where a rule reports to while a window is closed, and how many series may be added. */
export interface WindowTally {
  readonly transitions: AlertTransition[];
  /** For each of them, what it stands at among those of its rule. */
  readonly seriesKeys: string[];
  readonly verdictCounts: Record<VerdictKind, number>;
  freeSeries: number;
  overflowCount: number;
}

/** A rule and what it remembers. */
export interface RunningRule {
  readonly rule: AlertRule;
  /** Recognises the rule in a snapshot. */
  readonly identity: string;
  readonly seriesCount: number;
  readonly firingCount: number;
  /** Windows still to be seen before the first verdict. */
  readonly missingWindows: number;
  /** Judges the window whose rows the groups hold. */
  closeWindow(window: ClosingWindow, tally: WindowTally): void;
  /** Judges the window that is open, of which the early groups hold what there is so far; only what they were just given. */
  judgeEarly?(window: OpenWindow, tally: WindowTally): void;
  /** Takes what the late groups hold into what is remembered of their window, and tells what would have been told then. */
  amendWindow(window: AmendedWindow, tally: WindowTally): void;
  /** Its alerts that are pending or firing. */
  activeAlerts(): readonly AlertRecord[];
  snapshot(): RuleSnapshot;
  /** Goes on where the snapshot of the same rule was taken. */
  restore(snapshot: RuleSnapshot): void;
}
