// The sentences of verdicts on dips: numbers that a person can check by hand.
import { renderDuration } from '#core/duration.ts';
import type { BaselineSettings, DipSettings } from './condition.ts';
import type { Span } from './seasonal-level.ts';
import { describeNumber } from './spike-reason.ts';

/** What is known of the last windows of a series, taken together; `z = (count - usual) / scale`. */
export interface Fall {
  /** How many windows are taken together. */
  readonly windows: number;
  /** Requests in them, and how many are usual. */
  readonly count: number;
  readonly usual: number;
  readonly scale: number;
  readonly z: number;
}

/** "12 requests in 20s, usual are 61.2 (scale 8.1): 80.4% are missing, z = -6.07". */
export function fallOf({ windows, count, usual, scale, z }: Fall, { startAtMs, endAtMs }: Span): string {
  const requests = `${requestsOf(count)} in ${renderDuration(windows * (endAtMs - startAtMs))}`;
  const missing = usual > 0 && count < usual ? `${describeNumber((1 - count / usual) * 100)}% are missing, ` : '';
  return `${requests}, usual are ${describeNumber(usual)} (scale ${describeNumber(scale)}): ${missing}z = ${describeNumber(z)}`;
}

/** The same, and why it is no dip. */
export function noDipReason(fall: Fall, span: Span, settings: DipSettings, threshold: number): string {
  return `${fallOf(fall, span)}, ${shortfall(fall, settings, threshold)}`;
}

function shortfall({ windows, count, usual, z }: Fall, settings: DipSettings, threshold: number): string {
  const { minDrop, minUsual } = settings;
  if (usual < minUsual * windows) return `but fewer than ${describeNumber(minUsual)} a window come and go`;
  if (count > (1 - minDrop) * usual) return `less than ${describeNumber(minDrop * 100)}% missing is no dip`;
  if (z > -threshold) return `the threshold is -${describeNumber(threshold)}`;
  return 'but that can be chance, or comes every day at this hour';
}

/** How much of the baseline is there, and when there will be enough. */
export function learningTraffic(
  count: number,
  { startAtMs, endAtMs }: Span,
  seenWindows: number,
  { minBaselineWindows }: BaselineSettings,
): string {
  const windowMs = endAtMs - startAtMs;
  const missing = Math.max(0, minBaselineWindows - seenWindows) + 1;
  const ready = new Date(endAtMs + missing * windowMs).toISOString().slice(0, 19);
  const requests = `${requestsOf(count)} in ${renderDuration(windowMs)}`;
  return `${requests}; learning what is usual: ${seenWindows} of ${minBaselineWindows} windows seen, first verdict at ${ready}Z or later`;
}

/** What is said of a window whose input is not complete. */
export function heldReason(count: number, { startAtMs, endAtMs }: Span): string {
  const requests = `${requestsOf(count)} in ${renderDuration(endAtMs - startAtMs)}`;
  return `${requests} so far: the input is not complete, so nothing is said of what is missing`;
}

function requestsOf(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`;
}
