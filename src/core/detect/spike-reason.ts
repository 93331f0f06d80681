// The sentences of verdicts on spikes: numbers that a person can check by hand.
import { renderDuration } from '#core/duration.ts';
import type { SpikeSettings } from './spike-settings.ts';
import type { UsualRate } from './usual-rate.ts';
import type { WindowNumbers } from './window-ring.ts';

/** One closed window of a series. */
export interface SpikeWindow extends WindowNumbers {
  readonly startAtMs: number;
  readonly endAtMs: number;
}

/** The numbers of one judgement; `z = (count - centre) / scale`. */
export interface SpikeMeasure {
  readonly usual: UsualRate;
  readonly centre: number;
  readonly scale: number;
  readonly z: number;
  /** Windows that the baseline is made of. */
  readonly baselineWindows: number;
}

/** "42 of 310 requests ended with UC in 10s; usual is 0.3 (baseline of 360 windows, scale 1): z = 41.7". */
export function numbersOf(window: SpikeWindow, what: string, measure: SpikeMeasure): string {
  const { centre, scale, z, baselineWindows } = measure;
  const baseline = `baseline of ${baselineWindows} windows, scale ${describeNumber(scale)}`;
  return `${countOf(window, what)}; usual is ${describeNumber(centre)} (${baseline}): z = ${describeNumber(z)}`;
}

/** The same, and which bound the window does not reach. */
export function normalReason(
  window: SpikeWindow,
  what: string,
  measure: SpikeMeasure,
  settings: SpikeSettings,
): string {
  return `${numbersOf(window, what, measure)}, ${shortfall(window, measure, settings)}`;
}

/** How much of the baseline is there, and when there will be enough. */
export function learningReason(
  window: SpikeWindow,
  what: string,
  seenWindows: number,
  settings: SpikeSettings,
): string {
  const needed = settings.minBaselineWindows;
  const missing = Math.max(0, needed - seenWindows) + 1;
  const readyAtMs = window.endAtMs + missing * (window.endAtMs - window.startAtMs);
  const ready = new Date(readyAtMs).toISOString().slice(0, 19);
  return `${countOf(window, what)}; learning what is usual: ${seenWindows} of ${needed} windows seen, first verdict at ${ready}Z or later`;
}

/** A number as short as it can be checked with: two decimals below 10, one below 1,000, none above. */
export function describeNumber(value: number): string {
  const size = Math.abs(value);
  return String(Number(value.toFixed(size < 10 ? 2 : size < 1000 ? 1 : 0)));
}

function countOf({ count, requestCount, startAtMs, endAtMs }: SpikeWindow, what: string): string {
  return `${count} of ${requestCount} requests ${what} in ${renderDuration(endAtMs - startAtMs)}`;
}

function shortfall({ count, requestCount }: SpikeWindow, { z }: SpikeMeasure, settings: SpikeSettings): string {
  if (z < settings.z) return `below the threshold of ${describeNumber(settings.z)}`;
  if (count < settings.minCount) return `but fewer than ${settings.minCount} are no incident`;
  if (count < settings.minRatio * requestCount) {
    return `but less than ${describeNumber(settings.minRatio * 100)}% of the requests is no incident`;
  }
  return 'but so few can be chance';
}
