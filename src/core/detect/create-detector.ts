// Makes the detector of a condition, new or from a snapshot: the one place that knows them all.
import type { LocalTime } from '#core/clock/local-time.ts';
import type { AbsentSnapshot } from './absent.ts';
import { AbsentDetector } from './absent.ts';
import type { Condition } from './condition.ts';
import type { Detector } from './detector.ts';
import type { DipSnapshot } from './dip.ts';
import { DipDetector } from './dip.ts';
import type { LatencySnapshot } from './latency.ts';
import { LatencyDetector } from './latency.ts';
import type { LimitedPastSnapshot } from './limited-past.ts';
import { RatioDetector } from './ratio.ts';
import type { SpikeSnapshot } from './spike.ts';
import { SpikeDetector } from './spike.ts';
import { SustainedDetector } from './sustained.ts';
import { ThresholdDetector } from './threshold.ts';

/** Conditions that judge one series at a time; the others look at several versions, or at no series at all. */
export type SeriesCondition = Exclude<Condition, { readonly kind: 'new_version' | 'pipeline' }>;

/** What a series that is first seen now was before: nothing was selected in `pastWindows` windows, with `requestCount` requests each. */
export interface SeriesPast {
  readonly pastWindows: number;
  readonly requestCount: number;
}

/** What detectors of every series have in common. */
export interface DetectorSurroundings {
  /** Whose hours and weekdays tell what is usual. */
  readonly localTime: LocalTime;
}

/** The detector of a series that is first seen now. */
export function createDetector(
  { kind, settings }: SeriesCondition,
  past: SeriesPast,
  { localTime }: DetectorSurroundings,
): Detector {
  switch (kind) {
    case 'spike':
      return new SpikeDetector(settings, past);
    case 'ratio':
      return new RatioDetector(settings, past);
    case 'sustained':
      return new SustainedDetector(settings, past);
    case 'threshold':
      return new ThresholdDetector(settings);
    case 'dip':
      return new DipDetector(settings, localTime);
    case 'absent':
      return new AbsentDetector(settings, localTime);
    case 'latency':
      return new LatencyDetector(settings, localTime);
  }
}

/** A detector that goes on where the snapshot of one with the same condition was taken. Throws on a snapshot that is none. */
export function restoreDetector(
  { kind, settings }: SeriesCondition,
  snapshot: unknown,
  { localTime }: DetectorSurroundings,
): Detector {
  switch (kind) {
    case 'spike':
      return SpikeDetector.restore(settings, snapshot as SpikeSnapshot);
    case 'ratio':
      return RatioDetector.restore(settings, snapshot as LimitedPastSnapshot);
    case 'sustained':
      return SustainedDetector.restore(settings, snapshot as LimitedPastSnapshot);
    case 'threshold':
      return ThresholdDetector.restore(settings);
    case 'dip':
      return DipDetector.restore(settings, localTime, snapshot as DipSnapshot);
    case 'absent':
      return AbsentDetector.restore(settings, localTime, snapshot as AbsentSnapshot);
    case 'latency':
      return LatencyDetector.restore(settings, localTime, snapshot as LatencySnapshot);
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

/** Windows of the past that a condition looks at, at most; 0 where it only looks at the window itself. */
export function pastWindowsOf({ settings }: Condition): number {
  if ('baselineWindows' in settings) return settings.baselineWindows;
  return 'overWindows' in settings ? settings.overWindows : 0;
}
