// What detection says about one closed window of one series. Not yet an alert: evaluate decides that.

/**
 * `learning`: not enough history; `held`: the input is not complete, so nothing is said of what is missing, and an alert stays as it is;
 * `normal`; `anomaly`: over the threshold.
 */
export const verdictKinds = ['learning', 'held', 'normal', 'anomaly'] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** What the numbers of a verdict are: lines, requests, a response time in milliseconds, or for how many milliseconds something has been so. */
export type VerdictUnit = 'lines' | 'requests' | 'ms' | 'age_ms';

/**
 * A new version beside the one that it replaces. `fine`: it fails no more. `suspect`: more, but that may be chance. `only_new`: it fails
 * and the old one does not: roll back. `both`: both fail, so it is not the deploy. `not_enough_data`: too few requests to say.
 */
export type ComparisonVerdict = 'fine' | 'suspect' | 'only_new' | 'both' | 'not_enough_data';

/** The two versions with their numbers, in the same windows of the same edge. */
export interface VersionComparison {
  readonly verdict: ComparisonVerdict;
  readonly newVersion: string;
  /** `unknown` where the lines do not tell. */
  readonly newDeployId: string;
  /** The version that it replaces: the one with the most requests among those that were there before. `null` for none. */
  readonly oldVersion: string | null;
  readonly newCount: number;
  readonly newRequestCount: number;
  readonly oldCount: number;
  readonly oldRequestCount: number;
  /** How sure it is that the new version fails more often, 0..1. */
  readonly certainty: number;
}

/** One judgement with the numbers that a person needs to check it by hand. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** The window judged is `[windowStartAtMs, windowEndAtMs)` in event time. */
  readonly windowStartAtMs: number;
  readonly windowEndAtMs: number;
  /** What is judged: lines of the window that the rule selects, in most conditions. */
  readonly value: number;
  readonly unit: VerdictUnit;
  /** Lines of the same edges in the window, selected or not: the exposure. */
  readonly requestCount: number;
  /** Centre of the baseline, in the unit of `value`. `null` while learning. */
  readonly baseline: number | null;
  /** Scale that the distance is divided by; never 0. `null` while learning. */
  readonly scale: number | null;
  /** `(value - baseline) / scale`. `null` while learning. */
  readonly z: number | null;
  /** One sentence with the numbers: why this kind. */
  readonly reason: string;
  /** Of the condition `new_version` alone. */
  readonly comparison?: VersionComparison;
}
