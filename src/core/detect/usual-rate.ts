// What the past windows of a series say: how often a request carries the flag, and how unevenly.
import { standardDeviation } from 'simple-statistics';
import type { WindowRing } from './window-ring.ts';
import { clamp, clampBounds } from './winsorise.ts';

/** What is usual for a series. */
export interface UsualRate {
  /** Expected lines for each request, 0..1. */
  readonly rate: number;
  /** Spread of the windows about that rate in units of what chance alone (Poisson) gives: 1 is pure chance, more is uneven. */
  readonly dispersion: number;
}

/** Within three Poisson scales a window is ordinary whatever the others are: never clamped. */
const freeScales = 3;
/** The first pass measures against a rate that the outliers themselves have raised; the second mends that. */
const passes = 2;

/**
 * The winsorised rate of the windows held. Each window is compared with the count that the rate predicts for its own requests
 * (the exposure), in Poisson scales; windows beyond the bounds are pulled in, then rate and spread are taken.
 */
export function usualRate(ring: WindowRing): UsualRate {
  const requestCountSum = ring.requestCountSum;
  if (requestCountSum === 0 || ring.countSum === 0) return { rate: 0, dispersion: 1 };
  let rate = ring.countSum / requestCountSum;
  let residuals = residualsOf(ring, rate);
  for (let pass = 0; pass < passes; pass += 1) {
    const bounds = clampBounds(residuals, freeScales);
    let countSum = 0;
    for (let i = 0, at = 0; i < ring.length; i += 1) {
      const requestCount = ring.requestCountAt(i);
      if (requestCount === 0) continue;
      const expected = rate * requestCount;
      residuals[at] = clamp(residuals[at] as number, bounds);
      countSum += expected + (residuals[at] as number) * poissonScale(expected);
      at += 1;
    }
    const pulled = Math.max(0, countSum / requestCountSum);
    if (pass === passes - 1 || pulled === rate) break;
    rate = pulled;
    residuals = residualsOf(ring, rate);
  }
  return { rate, dispersion: Math.max(1, standardDeviation(residuals as unknown as number[])) };
}

/** Spread of a count by chance alone; at least 1, because counts are whole. */
export function poissonScale(expected: number): number {
  return Math.max(1, Math.sqrt(expected));
}

/** Windows without requests say nothing about a rate and have no residual. */
function residualsOf(ring: WindowRing, rate: number): Float64Array {
  const residuals = new Float64Array(ring.length);
  let used = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const requestCount = ring.requestCountAt(i);
    if (requestCount === 0) continue;
    const expected = rate * requestCount;
    residuals[used] = (ring.countAt(i) - expected) / poissonScale(expected);
    used += 1;
  }
  return residuals.subarray(0, used);
}
