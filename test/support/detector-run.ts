// Drives the detector of one series through windows of ten seconds.
import { emptySketch } from '#core/count/duration-sketch.ts';
import type { Detector, ObservedWindow } from '#core/detect/detector.ts';
import type { Verdict } from '#core/detect/verdict.ts';

const windowMs = 10_000;

/** A series that is first seen by a rule that has seen nothing. */
export const noPast = { pastWindows: 0, requestCount: 0 };

/** Windows in order, to one detector. */
export class DetectorRun {
  readonly detector: Detector;
  isComplete = true;
  #next = 0;

  constructor(detector: Detector) {
    this.detector = detector;
  }

  /** The next window, not yet judged. */
  window(count: number, requestCount: number): ObservedWindow {
    const startAtMs = this.#next * windowMs;
    this.#next += 1;
    const endAtMs = startAtMs + windowMs;
    return { startAtMs, endAtMs, count, requestCount, durations: emptySketch, isComplete: this.isComplete };
  }

  judge(count: number, requestCount: number): Verdict {
    return this.detector.judge(this.window(count, requestCount), 'failed');
  }

  repeat(times: number, count: number, requestCount: number): Verdict[] {
    return Array.from({ length: times }, () => this.judge(count, requestCount));
  }
}

/** The different kinds of verdicts. */
export const kindsOf = (verdicts: readonly Verdict[]) => [...new Set(verdicts.map(({ kind }) => kind))];
