// How sure it is that more requests are slow than a quantile allows: over one window, or over several in a row. Part of the state of latency.
import { type DurationSketch, durationBucket } from '#core/count/duration-sketch.ts';
import { binomialUpperTail } from './binomial-tail.ts';

/** Requests, and those of them that were slower than a bound. */
export interface SlowCount {
  readonly slowCount: number;
  readonly requestCount: number;
}

/**
 * An incident begins only where chance alone makes so many requests slow less often than this: that more than a share `1 - quantile`
 * of them is beyond what a rise takes. Of 100 requests and p99 nine have to be slow, of 20 and p50 all.
 */
const chanceLevel = 1e-6;

/** Counts the requests that certainly took longer: those in the buckets above that of the bound, in milliseconds. */
export function countSlow(durations: DurationSketch, boundMs: number): SlowCount {
  const bound = durationBucket(Math.floor(boundMs));
  let slowCount = 0;
  let requestCount = 0;
  for (let i = 0; i + 1 < durations.length; i += 2) {
    const count = durations[i + 1] as number;
    requestCount += count;
    if ((durations[i] as number) > bound) slowCount += count;
  }
  return { slowCount, requestCount };
}

/** Both together: windows in a row, each of which is slow but may be so by chance, are certain in the end. */
export function addSlow(a: SlowCount, b: SlowCount): SlowCount {
  return { slowCount: a.slowCount + b.slowCount, requestCount: a.requestCount + b.requestCount };
}

/** Whether so many would hardly ever be slow by chance, if the true quantile were just at the bound. */
export function isCertain({ slowCount, requestCount }: SlowCount, quantile: number): boolean {
  return binomialUpperTail(slowCount, requestCount, 1 - quantile) < chanceLevel;
}
