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

/** sfc32: a source of numbers in [0, 1) from a seed, good enough for millions of draws that have to be independent. */
export function seeded(seed: number): () => number {
  const state = Int32Array.of(seed, 0x9e3779b9, 0x243f6a88, 1);
  const next = () => {
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const sum = (a + b + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = counter + 1;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 20; i += 1) next();
  return next;
}

/** How many of so many requests are selected, each with the same probability, 0 to 1; by the gaps between those that are. */
export function drawn(random: () => number, requestCount: number, rate: number): number {
  if (rate <= 0) return 0;
  const logMissed = Math.log1p(-Math.min(rate, 1 - 1e-12));
  let count = 0;
  for (let at = gap(random, logMissed); at < requestCount; at += 1 + gap(random, logMissed)) count += 1;
  return count;
}

function gap(random: () => number, logMissed: number): number {
  return Math.floor(Math.log(1 - random()) / logMissed);
}
