// Finds windows with a fixed number of selected lines or more: for what must never happen. Without memory.
import { renderDuration } from '#core/duration.ts';
import type { ThresholdSettings } from './condition.ts';
import type { Detector, LateLines, ObservedWindow } from './detector.ts';
import { limitVerdict } from './share-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import type { WindowNumbers } from './window-ring.ts';

/** Judges every window by itself; how long an alert goes on is the rule's `keep_firing_for`. */
export class ThresholdDetector implements Detector {
  readonly #settings: ThresholdSettings;
  /** There is nothing to remember. */
  readonly isSilent = true;

  constructor(settings: ThresholdSettings) {
    this.#settings = settings;
  }

  passOver({ count }: ObservedWindow): VerdictKind | null {
    return count < this.#settings.atLeast ? 'normal' : null;
  }

  judge({ startAtMs, endAtMs, count, requestCount }: ObservedWindow, what: string): Verdict {
    const { atLeast } = this.#settings;
    const isReached = count >= atLeast;
    const numbers = `${count} of ${requestCount} requests ${what} in ${renderDuration(endAtMs - startAtMs)}`;
    const reason = `${numbers}: ${isReached ? `the limit is ${atLeast}` : `fewer than ${atLeast}`}`;
    return limitVerdict(isReached ? 'anomaly' : 'normal', { count, requestCount, startAtMs, endAtMs }, reason);
  }

  /** What has come can only become more. */
  judgeEarly(window: ObservedWindow, _elapsedShare: number, what: string): Verdict | null {
    return window.count < this.#settings.atLeast ? null : this.judge(window, what);
  }

  /** Windows are not remembered, so the late lines are judged alone: there were as many at least. */
  amend({ count, requestCount }: LateLines): WindowNumbers {
    return { count, requestCount };
  }

  snapshot(): null {
    return null;
  }

  /** The same for all: there is nothing to go on from. */
  static restore(settings: ThresholdSettings): ThresholdDetector {
    return new ThresholdDetector(settings);
  }
}
