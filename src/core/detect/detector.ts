// What every detector of one series is to those that run it: evaluate, and `flagwatch detect`.
import type { DurationSketch } from '#core/count/duration-sketch.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import type { WindowNumbers } from './window-ring.ts';

/** One closed window of a series. */
export interface ObservedWindow extends WindowNumbers {
  /** Event time; the window is `[startAtMs, endAtMs)`. */
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** How long the requests took; only where the rule looks at that. */
  readonly durations: DurationSketch;
  /** Whether all input up to the window's end is known to be there. A window that is not says nothing about what is missing. */
  readonly isComplete: boolean;
}

/** Lines of a window that was judged before they came. */
export interface LateLines extends WindowNumbers {
  readonly startAtMs: number;
  /** How many windows ago, 1 being the one judged last. */
  readonly windowsBack: number;
}

/** Judges the windows of one series, in order, never looking ahead. Deterministic: its state is a function of the windows. */
export interface Detector {
  /** Nothing would be lost if the series were forgotten. */
  readonly isSilent: boolean;
  /**
   * Takes a window that cannot be an anomaly, without working out its numbers, and says the kind of its verdict; `null` where it has
   * to be judged. Only asked while no alert of the series is active.
   */
  passOver(window: ObservedWindow): VerdictKind | null;
  /** The verdict on a closed window, which then is part of the past. `what` completes "42 of 310 requests …": `ended with UC`. */
  judge(window: ObservedWindow, what: string): Verdict;
  /**
   * The verdict on a window that is still open, with what it holds so far: `anomaly` where nothing that may still come in the window can
   * make it ordinary again, else `null`. Changes nothing. Only conditions on what grows have it. `elapsedShare`: how much of the window
   * is over, more than 0 and less than 1.
   */
  judgeEarly?(window: ObservedWindow, elapsedShare: number, what: string): Verdict | null;
  /**
   * Takes lines that came late into what is remembered of their window: the next verdict knows of them. Gives what that window has now, or
   * `null` where it is not remembered. Missing where nothing can be put right.
   */
  amend?(late: LateLines): WindowNumbers | null;
  /** Plain JSON, from which its kind goes on. */
  snapshot(): unknown;
}
