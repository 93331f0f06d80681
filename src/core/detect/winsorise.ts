// Bounds beyond which a value of the past is clamped: a few wild values then cannot swell a scale.
import { quantileSorted } from 'simple-statistics';

/** Share of the values at each end that is clamped: what took less than a twentieth of the baseline leaves little trace. */
const clampedShare = 0.05;

/** Values below `low` count as `low`, those above `high` as `high`. */
export interface ClampBounds {
  readonly low: number;
  readonly high: number;
}

/**
 * The 5 % and 95 % quantiles of one value or more, but never inside `±free` (in the unit of the values): rare single events are
 * no outliers. Where nothing lies beyond `±free` it costs no sorting.
 */
export function clampBounds(values: Float64Array, free: number): ClampBounds {
  let isCalm = true;
  for (let i = 0; i < values.length && isCalm; i += 1) isCalm = Math.abs(values[i] as number) <= free;
  if (isCalm) return { low: -free, high: free };
  const sorted = values.slice().sort() as unknown as number[];
  return {
    low: Math.min(quantileSorted(sorted, clampedShare), -free),
    high: Math.max(quantileSorted(sorted, 1 - clampedShare), free),
  };
}

/** A value moved to the nearer bound where it lies beyond one. */
export function clamp(value: number, bounds: ClampBounds): number {
  return Math.min(bounds.high, Math.max(bounds.low, value));
}
