// Verdicts and sentences of the conditions with a fixed limit: ratio, sustained, threshold. Numbers that a person can check by hand.
import { renderDuration } from '#core/duration.ts';
import { describeNumber } from './spike-reason.ts';
import type { Verdict, VerdictKind } from './verdict.ts';

/** Windows looked at together. */
export interface LookedAt {
  readonly count: number;
  readonly requestCount: number;
  readonly startAtMs: number;
  readonly endAtMs: number;
}

/** "42 of 310 requests failed in 5m (13.5%)". */
export function shareOf({ count, requestCount, startAtMs, endAtMs }: LookedAt, what: string): string {
  const share = requestCount === 0 ? '' : ` (${describePercent(count / requestCount)})`;
  return `${count} of ${requestCount} requests ${what} in ${renderDuration(endAtMs - startAtMs)}${share}`;
}

/** A share of 0..1 as people read it: `13.5%`. */
export function describePercent(share: number): string {
  return `${describeNumber(share * 100)}%`;
}

/** "chance 2e-7" in words: how often so many come of a rate at the limit. */
export function describeChance(chance: number): string {
  return chance < 1e-12 ? 'below 1e-12' : String(Number(chance.toPrecision(2)));
}

/** The verdict on windows that were compared with a fixed limit, and not with a past. */
export function limitVerdict(
  kind: VerdictKind,
  { count, requestCount, startAtMs, endAtMs }: LookedAt,
  reason: string,
): Verdict {
  return {
    kind,
    windowStartAtMs: startAtMs,
    windowEndAtMs: endAtMs,
    value: count,
    unit: 'lines',
    requestCount,
    baseline: null,
    scale: null,
    z: null,
    reason,
  };
}

/** On a window without requests of which it is not known whether there were none: an incident must not end by our own stall. */
export function heldVerdict(window: LookedAt, what: string): Verdict {
  return limitVerdict('held', window, `${shareOf(window, what)}: the input is not complete, so that says nothing`);
}
