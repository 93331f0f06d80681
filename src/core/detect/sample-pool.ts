// Collects the durations of windows until there are enough to speak of a quantile. Part of the state of latency.
import {
  addSketch,
  type DurationSketch,
  durationBuckets,
  emptySketch,
  sketchCount,
  toSketch,
} from '#core/count/duration-sketch.ts';

/** Durations of one or more windows, taken together. */
export interface PooledDurations {
  readonly durations: DurationSketch;
  readonly requestCount: number;
  readonly windows: number;
}

/** State as plain JSON. */
export interface SamplePoolSnapshot {
  readonly durations: DurationSketch;
  readonly windows: number;
}

/** Most windows that are taken together: five minutes of 10 s. Older durations say nothing about this moment. */
const mostWindows = 30;

/** Windows with too few requests, waiting for the next. */
export class SamplePool {
  #durations: DurationSketch;
  #windows: number;

  constructor(snapshot: SamplePoolSnapshot = { durations: emptySketch, windows: 0 }) {
    this.#durations = snapshot.durations;
    this.#windows = snapshot.windows;
  }

  /** What waits, together with a window. Changes nothing. */
  with(durations: DurationSketch): PooledDurations {
    const merged = mergeSketches(this.#durations, durations);
    return { durations: merged, requestCount: sketchCount(merged), windows: this.#windows + 1 };
  }

  /** Lets a sample wait for more; what waited for too long is forgotten. */
  keep({ durations, windows }: PooledDurations): void {
    const isTooOld = windows >= mostWindows;
    this.#durations = isTooOld ? emptySketch : durations;
    // Before the first request there is nothing to wait with.
    this.#windows = this.#durations.length === 0 ? 0 : windows;
  }

  clear(): void {
    this.#durations = emptySketch;
    this.#windows = 0;
  }

  /** Plain JSON; the constructor takes it. */
  snapshot(): SamplePoolSnapshot {
    return { durations: this.#durations, windows: this.#windows };
  }
}

function mergeSketches(a: DurationSketch, b: DurationSketch): DurationSketch {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const counts = new Uint32Array(durationBuckets);
  addSketch(counts, a);
  addSketch(counts, b);
  return toSketch(counts);
}
