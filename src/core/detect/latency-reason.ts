// The sentences of verdicts on response times: numbers that a person can check by hand.
import { renderDuration } from '#core/duration.ts';
import type { LatencySettings } from './condition.ts';
import type { Span } from './seasonal-level.ts';
import { describeNumber } from './spike-reason.ts';

/** The requests of one or more windows, taken together. */
export interface LatencySample {
  readonly requestCount: number;
  /** Windows that it took to have enough requests. */
  readonly windows: number;
  readonly quantileMs: number;
}

/** Where a sample lies; `z = ln(quantile / usual) / scale`, and the usual value with what a rise takes, in milliseconds. */
export interface LatencyMeasure {
  readonly usualMs: number;
  readonly scale: number;
  readonly z: number;
  readonly threshold: number;
}

/** "p99 of 310 requests in 10s was 842 ms". */
export function sampleOf(sample: LatencySample, { startAtMs, endAtMs }: Span, { quantile }: LatencySettings): string {
  const name = `p${describeNumber(100 * quantile)}`;
  const time = renderDuration(sample.windows * (endAtMs - startAtMs));
  return `${name} of ${sample.requestCount} requests in ${time} was ${describeNumber(sample.quantileMs)} ms`;
}

/** "usual is 120 ms, 7.02 times as much: z = ln(7.02) / 0.19 = 10.3". */
export function riseOf({ quantileMs }: LatencySample, { usualMs, scale, z }: LatencyMeasure): string {
  const times = describeNumber(quantileMs / usualMs);
  return `usual is ${describeNumber(usualMs)} ms, this is ${times} times as much: z = ln(${times}) / ${describeNumber(scale)} = ${describeNumber(z)}`;
}

/** Why a sample is no rise: the first bound that it does not reach. */
export function noRiseReason(sample: LatencySample, measure: LatencyMeasure, settings: LatencySettings): string {
  const { minRise, minRiseMs } = settings;
  const { usualMs, z, threshold } = measure;
  if (z < threshold) return `below the threshold of ${describeNumber(threshold)}`;
  if (sample.quantileMs < usualMs * (1 + minRise)) {
    return `but less than ${describeNumber(100 * minRise)}% more is no incident`;
  }
  if (sample.quantileMs < usualMs + minRiseMs)
    return `but less than ${describeNumber(minRiseMs)} ms more is no incident`;
  return 'but that can be chance, comes at this hour every day, or one window only';
}

/** What is said while there are too few requests. */
export function fewRequestsReason(
  sample: Omit<LatencySample, 'quantileMs'>,
  span: Span,
  { minRequests }: LatencySettings,
): string {
  const time = renderDuration(sample.windows * (span.endAtMs - span.startAtMs));
  return `${sample.requestCount} requests in ${time}: fewer than ${minRequests} say nothing about a quantile`;
}

/** How much of the baseline is there. */
export function learningLatency(numbers: string, seen: number, { minBaselineWindows }: LatencySettings): string {
  return `${numbers}; learning what is usual: ${seen} of ${minBaselineWindows} windows with enough requests seen`;
}
