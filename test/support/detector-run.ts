// Drives the detector of one series through windows of ten seconds, and draws what comes in by chance from a seed.
import { emptySketch } from '#core/count/duration-sketch.ts';
import type { Detector, ObservedWindow } from '#core/detect/detector.ts';
import type { Verdict } from '#core/detect/verdict.ts';

const windowMs = 10_000;

/** A series that is first seen by a rule that has seen nothing. */
export const noPast = { pastWindows: 0, requestCount: 0 };

/** Windows in order, to one detector. */
export class DetectorRun {
  readonly detector: Detector;
  #next = 0;

  constructor(detector: Detector) {
    this.detector = detector;
  }

  /** The next window, not yet judged. */
  window(count: number, requestCount: number): ObservedWindow {
    const startAtMs = this.#next * windowMs;
    this.#next += 1;
    const endAtMs = startAtMs + windowMs;
    return { startAtMs, endAtMs, count, requestCount, durations: emptySketch, isComplete: true };
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

/** Mulberry32: a seeded source of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How many of so many requests are selected, one by one. */
export function drawn(random: () => number, requestCount: number, rate: number): number {
  let count = 0;
  for (let i = 0; i < requestCount; i += 1) if (random() < rate) count += 1;
  return count;
}
