// Makes the detector of a condition, new or from a snapshot: the one place that knows them all.
import type { Condition } from './condition.ts';
import type { Detector } from './detector.ts';
import type { SpikeSnapshot } from './spike.ts';
import { SpikeDetector } from './spike.ts';

/** Conditions that judge one series at a time; the others look at several versions, or at no series at all. */
export type SeriesCondition = Exclude<Condition, { readonly kind: 'new_version' | 'pipeline' }>;

/** What a series that is first seen now was before: nothing was selected in `pastWindows` windows, with `requestCount` requests each. */
export interface SeriesPast {
  readonly pastWindows: number;
  readonly requestCount: number;
}

/** The detector of a series that is first seen now. */
export function createDetector(condition: SeriesCondition, past: SeriesPast): Detector {
  switch (condition.kind) {
    case 'spike':
      return new SpikeDetector(condition.settings, past);
    default:
      throw new Error(`no detector of ${condition.kind}`);
  }
}

/** A detector that goes on where the snapshot of one with the same condition was taken. Throws on a snapshot that is none. */
export function restoreDetector(condition: SeriesCondition, snapshot: unknown): Detector {
  switch (condition.kind) {
    case 'spike':
      return SpikeDetector.restore(condition.settings, snapshot as SpikeSnapshot);
    default:
      throw new Error(`no detector of ${condition.kind}`);
  }
}

/** Whether the series of a condition are the edges with traffic, and not those where something was selected. */
export function followsTraffic({ kind }: SeriesCondition): boolean {
  return kind === 'dip' || kind === 'absent' || kind === 'latency';
}

/** Whether a condition is on what only grows while a window is open, so that it can be told before the end. */
export function isToldEarly({ kind }: SeriesCondition): boolean {
  return kind === 'spike' || kind === 'threshold';
}

/** Windows to be seen before the first verdict; 0 for conditions without a past. */
export function learningWindowsOf({ settings }: Condition): number {
  return 'minBaselineWindows' in settings ? settings.minBaselineWindows : 0;
}

/** Windows after which a condition's past is complete; 0 for conditions without a past. */
export function baselineWindowsOf({ settings }: Condition): number {
  return 'baselineWindows' in settings ? settings.baselineWindows : 0;
}
