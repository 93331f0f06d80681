// What detection says about one closed window of one series. Not yet an alert: evaluate decides that.

/** `learning`: not enough history; `normal`; `anomaly`: over the threshold. */
export const verdictKinds = ['learning', 'normal', 'anomaly'] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** One judgement with the numbers that a person needs to check it by hand. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** The window judged is `[windowStartAtMs, windowEndAtMs)` in event time. */
  readonly windowStartAtMs: number;
  readonly windowEndAtMs: number;
  /** Lines of the window that the rule selects. */
  readonly value: number;
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
}
