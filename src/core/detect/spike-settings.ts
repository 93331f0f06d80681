// What a user may set about spikes, as code sees it. The rule language in config/ is held to this type.

/** A rise of a count over its own past (ARCHITECTURE.md, decision on spikes). */
export interface SpikeSettings {
  /** Distance from the baseline, in scales, that is an anomaly. */
  readonly z: number;
  /** Below this many lines in a window nothing is an anomaly: one error on a quiet edge is no incident. */
  readonly minCount: number;
  /** Below this share of the edge's requests nothing is an anomaly, 0..1. */
  readonly minRatio: number;
  /** Closed windows that the baseline is made of. */
  readonly baselineWindows: number;
  /** Closed windows before the first verdict that is not `learning`; at most `baselineWindows`. */
  readonly minBaselineWindows: number;
}
