// The sentences of verdicts on dips: numbers that a person can check by hand.
import { renderDuration } from '#core/duration.ts';
import type { BaselineSettings, DipSettings } from './condition.ts';
import { chanceLevel, type Fall, type WeighedFall } from './fall.ts';
import type { Span } from './seasonal-level.ts';
import { describeNumber } from './spike-reason.ts';

/** "12 requests in 20s, usual are 61.2 (scale 8.1): 80.4% are missing, z = -6.07". */
export function fallOf({ windows, count, usual, scale, z }: Fall, { startAtMs, endAtMs }: Span): string {
  const requests = `${requestsOf(count)} in ${renderDuration(windows * (endAtMs - startAtMs))}`;
  const missing = usual > 0 && count < usual ? `${describeNumber((1 - count / usual) * 100)}% are missing, ` : '';
  return `${requests}, usual are ${describeNumber(usual)} (scale ${describeNumber(scale)}): ${missing}z = ${describeNumber(z)}`;
}

/** The same of the last window, and why no sum that ends with it is a dip: by the one that comes nearest, where any misses enough. */
export function noDipReason(alone: Fall, nearest: WeighedFall | null, span: Span, settings: DipSettings): string {
  if (nearest === null) return `${fallOf(alone, span)}, ${tooLittle(alone, settings)}`;
  const nearer = nearest.windows === 1 ? '' : `; nearest to a dip: ${fallOf(nearest, span)}`;
  return `${fallOf(alone, span)}${nearer}, ${shortfall(nearest)}`;
}

function tooLittle({ usual }: Fall, { minDrop, minUsual }: DipSettings): string {
  if (usual < minUsual) return `but fewer than ${describeNumber(minUsual)} a window come and go`;
  return `less than ${describeNumber(minDrop * 100)}% missing is no dip`;
}

function shortfall({ z, threshold, chance }: WeighedFall): string {
  const isEnough = z <= -threshold && chance < chanceLevel;
  if (isEnough) return 'but it comes every day at this hour, or this traffic comes and goes';
  return `the threshold is -${describeNumber(threshold)}; by chance ${chance.toPrecision(1)}, less than ${chanceLevel} is needed`;
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
