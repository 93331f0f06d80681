// What a rule can ask of its series, as code sees it: one condition with its settings. The rule language in config/ is held to
// these types; each kind has its detector in this folder. Lengths are counted in windows.
import type { SpikeSettings } from './spike-settings.ts';

/** How much of the past tells what is usual. */
export interface BaselineSettings {
  /** Closed windows that the baseline is made of. */
  readonly baselineWindows: number;
  /** Closed windows before the first verdict that is not `learning`; at most `baselineWindows`. */
  readonly minBaselineWindows: number;
}

/** A fall of the traffic below what is usual for the level and for the hour; down to nothing included. */
export interface DipSettings extends BaselineSettings {
  /** Distance below the usual level, in scales, that is an anomaly. */
  readonly z: number;
  /** Share of the usual traffic that must be missing, 0..1. */
  readonly minDrop: number;
  /** Usual requests of a window below which nothing is said: that little comes and goes. */
  readonly minUsual: number;
}

/** Where there was traffic there has been none at all. */
export interface AbsentSettings extends BaselineSettings {
  /** Windows in a row without any request. */
  readonly afterWindows: number;
  /** Share of the baseline's windows that had traffic, 0..1: what comes once an hour is not absent in between. */
  readonly minPresence: number;
}

/** The share of selected lines among the requests is above a fixed limit, and not by chance. */
export interface RatioSettings {
  /** The limit, 0..1. */
  readonly above: number;
  /** Selected lines that it takes at least. */
  readonly minCount: number;
  /** Windows that are looked at together. */
  readonly overWindows: number;
}

/** The same over a longer time, for edges with few requests: most of them have failed, and in several windows. */
export interface SustainedSettings extends RatioSettings {
  /** Windows with a selected line, among those looked at: one burst is not sustained. */
  readonly minWindows: number;
}

/** The count of selected lines reaches a fixed number. */
export interface ThresholdSettings {
  /** Selected lines of a window. */
  readonly atLeast: number;
}

/** Response times: a quantile rises over its own past, or over a fixed limit. */
export interface LatencySettings extends BaselineSettings {
  /** Which: 0.5, 0.95, 0.99 … */
  readonly quantile: number;
  /** Distance above the usual value, in scales. */
  readonly z: number;
  /** Rise over the usual value, as a share of it: 0.5 is half as much again. */
  readonly minRise: number;
  /** Rise over the usual value, milliseconds. */
  readonly minRiseMs: number;
  /** Requests of a window below which a quantile says nothing. */
  readonly minRequests: number;
  /** A fixed limit in milliseconds instead of the past; `null` for none. */
  readonly aboveMs: number | null;
}

/** A version's failures against those of the version that it replaces, on the same edge in the same windows. */
export interface NewVersionSettings {
  /** A version is new for so many windows after its first line; one that was there from the start is not. */
  readonly newForWindows: number;
  /** Windows that are compared together. */
  readonly overWindows: number;
  /** Failures of the new version that it takes at least. */
  readonly minCount: number;
  /** How sure the verdict must be, 0..1: 0.999 is wrong once in a thousand deploys. */
  readonly certainty: number;
  /** How many times the old version's rate of failures the new one's has to be. */
  readonly minFactor: number;
}

/** flagwatch's own input: what every other alert depends on. */
export interface PipelineSettings {
  /** `stalled`: a source partition brings nothing although others do, or its reader is silent. `lag`: the input is behind the clock. */
  readonly watch: 'stalled' | 'lag';
  readonly aboveMs: number;
}

/** The condition of a rule. */
export type Condition =
  | { readonly kind: 'spike'; readonly settings: SpikeSettings }
  | { readonly kind: 'dip'; readonly settings: DipSettings }
  | { readonly kind: 'absent'; readonly settings: AbsentSettings }
  | { readonly kind: 'ratio'; readonly settings: RatioSettings }
  | { readonly kind: 'sustained'; readonly settings: SustainedSettings }
  | { readonly kind: 'threshold'; readonly settings: ThresholdSettings }
  | { readonly kind: 'latency'; readonly settings: LatencySettings }
  | { readonly kind: 'new_version'; readonly settings: NewVersionSettings }
  | { readonly kind: 'pipeline'; readonly settings: PipelineSettings };

/** Every kind of condition, in the order of the reference. */
export const conditionKinds = [
  'spike',
  'dip',
  'absent',
  'ratio',
  'sustained',
  'threshold',
  'latency',
  'new_version',
  'pipeline',
] as const satisfies readonly Condition['kind'][];
export type ConditionKind = (typeof conditionKinds)[number];
