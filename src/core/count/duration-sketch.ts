// How long requests took, as counts in buckets that grow by a tenth: quantiles of any merge of rows, within 5 %. Mergeable by adding,
// as DDSketch (Masson, Rim, Lee, VLDB 2019) lays its buckets out.

/** Each bucket ends a tenth above where it begins, so a quantile is at most 5 % off. */
const growth = 1.1;
const logGrowth = Math.log(growth);
/** What took longer than an hour is counted with what took an hour. */
const longestMs = 3_600_000;
/** Buckets: 0 for less than 1 ms, then `i` for `[1.1^(i-1), 1.1^i)` ms. */
export const durationBuckets = 2 + Math.floor(Math.log(longestMs) / logGrowth);

/** Buckets of the durations that nearly all requests have, looked up instead of computed. */
const lookup = Uint8Array.from({ length: 1024 }, (_, ms) => bucketOf(ms));

/**
 * Counts by bucket, flat and sparse: `[bucket, count, bucket, count, …]`, buckets ascending, counts of 1 or more. Plain, so that it
 * travels as it is.
 */
export type DurationSketch = readonly number[];

/** The sketch of no requests. */
export const emptySketch: DurationSketch = [];

/** The bucket of a duration in whole milliseconds, 0 up to `durationBuckets - 1`. */
export function durationBucket(durationMs: number): number {
  return durationMs < lookup.length ? (lookup[durationMs] ?? bucketOf(durationMs)) : bucketOf(durationMs);
}

function bucketOf(durationMs: number): number {
  if (durationMs < 1) return 0;
  // 1.1^i of a whole i may come out a hair below itself.
  return 1 + Math.floor(Math.log(Math.min(durationMs, longestMs)) / logGrowth + 1e-9);
}

/** The sketch of counts by bucket. */
export function toSketch(counts: ArrayLike<number>): DurationSketch {
  const sketch: number[] = [];
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const count = counts[bucket] as number;
    if (count > 0) sketch.push(bucket, count);
  }
  return sketch;
}

/** Adds a sketch to counts by bucket. */
export function addSketch(counts: Uint32Array, sketch: DurationSketch): void {
  for (let i = 0; i + 1 < sketch.length; i += 2) {
    const bucket = sketch[i] as number;
    counts[bucket] = (counts[bucket] ?? 0) + (sketch[i + 1] as number);
  }
}

/** Requests in a sketch. */
export function sketchCount(sketch: DurationSketch): number {
  let count = 0;
  for (let i = 1; i < sketch.length; i += 2) count += sketch[i] as number;
  return count;
}

/**
 * The duration in milliseconds that a share `q` (0..1) of the requests did not exceed, within 5 %; `null` for a sketch of no requests.
 * Example: durations of 10 ms a hundred times, and once 900 ms: p50 is 10.1, p99 is 10.1, p100 is 887.
 */
export function sketchQuantile(sketch: DurationSketch, q: number): number | null {
  const rank = Math.max(1, Math.ceil(q * sketchCount(sketch)));
  let seen = 0;
  for (let i = 0; i + 1 < sketch.length; i += 2) {
    seen += sketch[i + 1] as number;
    if (seen >= rank) return bucketMs(sketch[i] as number);
  }
  return null;
}

/** The duration that stands for a bucket: as far from its beginning as from its end, relatively. */
function bucketMs(bucket: number): number {
  return bucket === 0 ? 0 : (2 * growth ** bucket) / (growth + 1);
}

/** Whether a value from outside is a sketch. */
export function isSketch(value: unknown): value is DurationSketch {
  if (!Array.isArray(value) || value.length % 2 !== 0) return false;
  let last = -1;
  for (let i = 0; i < value.length; i += 2) {
    const [bucket, count] = [value[i] as unknown, value[i + 1] as unknown];
    if (!Number.isSafeInteger(bucket) || !Number.isSafeInteger(count)) return false;
    if ((bucket as number) <= last || (bucket as number) >= durationBuckets || (count as number) < 1) return false;
    last = bucket as number;
  }
  return true;
}
