// A sum of the last windows against what is usual: how far it lies below, and how likely that is by chance. What dips are told by.
import { lowerTail } from './lower-tail.ts';
import { relativeFloor, type TrafficBaseline } from './traffic-baseline.ts';

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

/** A fall, and how near it comes to what a dip takes. */
export interface WeighedFall extends Fall {
  /** A dip's `z` is at least this far below 0. */
  readonly threshold: number;
  /** How likely it is by chance, 0..1. */
  readonly chance: number;
}

/**
 * A dip begins only where chance alone makes such a fall less often than this: a tenth of what a spike takes, because sums over many
 * lengths are looked at.
 */
export const chanceLevel = 1e-8;
/** One window alone has to reach this much more than `z`. */
const aloneFactor = 1.25;

/** `count` requests in so many windows, where `usualOfOne` are usual in each. */
export function fallOver(baseline: TrafficBaseline, windows: number, count: number, usualOfOne: number): Fall {
  const usual = windows * usualOfOne;
  const chance = baseline.dispersionOf(windows) * Math.max(1, Math.sqrt(usual));
  const scale = Math.max(chance, relativeFloor * usual);
  return { windows, count, usual, scale, z: (count - usual) / scale };
}

/** How far below 0 the z of so many windows has to be. */
export function thresholdOf(windows: number, threshold: number): number {
  return threshold * (windows === 1 ? aloneFactor : 1);
}

/** How likely it is by chance, 0..1. Requests that come in clumps, or wander together, are counted as so many clumps. */
export function chanceOf(baseline: TrafficBaseline, { windows, count, usual }: Fall): number {
  const clump = baseline.dispersionOf(windows) ** 2;
  const usualOfOne = usual / windows;
  const baselineWindows = baseline.knownFrom(usualOfOne);
  const baselineCount = (usualOfOne * baselineWindows) / clump;
  return lowerTail({ baselineCount, baselineWindows, count: count / clump, windows });
}

/** The part of what a dip takes that is reached, by the worse of distance and chance: 1 or more is enough. */
export function nearness({ z, threshold, chance }: WeighedFall): number {
  return Math.min(-z / threshold, Math.log(chance) / Math.log(chanceLevel));
}
