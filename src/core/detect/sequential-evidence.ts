// Adds up evidence that a new version fails more often, window by window, so that one may look after each of them: the certainty then
// holds whenever one stops. Used by new-version.ts.

/**
 * A hundred thousand times as likely as not, and more, is all the same; and what was bad and got better is believed the sooner.
 * Well beyond what any certainty up to 0.99999 asks for.
 */
const maxLog = Math.log(1e6);
/** Half of the belief is that it fails from its first window on, the other half that it begins in some later one. */
const fromTheStart = 0.5;

/** State as plain JSON: `null` where no belief is placed. */
export interface EvidenceSnapshot {
  readonly windows: number;
  readonly logs: readonly (number | null)[];
}

/**
 * An e-process: its expectation is at most 1 while the new version fails no more often, at any time, however often one looks. So it
 * reaches 1 / a with probability a at most (Ville's inequality), over all looks together. Each window's likelihood ratios, one for each
 * alternative, are multiplied; the alternatives are mixed, and so are the windows in which the failing may begin.
 *
 * Sources: R. Turner, A. Ly, P. Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for optional stopping"
 * (J. Statist. Plann. Inference 230, 2024); J. Shin, A. Ramdas, A. Rinaldo, "E-detectors" (NEJSDS 2, 2023) for the mixed beginnings.
 */
export class SequentialEvidence {
  readonly #maxWindows: number;
  /** Logarithm of the belief in each alternative, for all beginnings so far. */
  readonly #logs: number[];
  #windows = 0;

  /** `maxWindows`: the failing may begin in so many windows, of which each but the first is as likely. */
  constructor(alternatives: number, maxWindows: number) {
    this.#maxWindows = maxWindows;
    this.#logs = Array.from({ length: alternatives }, () => Number.NEGATIVE_INFINITY);
  }

  /** The next window: logarithms of its likelihood ratios, one for each alternative. */
  take(logRatios: readonly number[]): void {
    const beginning = Math.log(this.#shareAt(this.#windows) / this.#logs.length);
    this.#windows += 1;
    this.#logs.forEach((log, i) => {
      this.#logs[i] = Math.min(maxLog, logSum(log, beginning) + (logRatios[i] ?? 0));
    });
  }

  /** How many times likelier what was seen is if it fails more often; 1 in the beginning, at most a million. */
  get value(): number {
    let value = this.#shareFrom(this.#windows);
    for (const log of this.#logs) value += Math.exp(log);
    return value;
  }

  /** Whether no beginning is left: it would have had to begin by now. */
  get isComplete(): boolean {
    return this.#windows >= this.#maxWindows;
  }

  /** What was bad is over: only what begins in later windows counts. That lowers the value, so nothing is lost of its guarantee. */
  forget(): void {
    this.#logs.fill(Number.NEGATIVE_INFINITY);
  }

  #shareAt(window: number): number {
    if (this.#maxWindows <= 1) return window === 0 ? 1 : 0;
    if (window === 0) return fromTheStart;
    return window < this.#maxWindows ? (1 - fromTheStart) / (this.#maxWindows - 1) : 0;
  }

  /** Belief that is not placed yet, at that window. */
  #shareFrom(window: number): number {
    if (window === 0) return 1;
    return Math.max(0, this.#maxWindows - window) * this.#shareAt(window);
  }

  snapshot(): EvidenceSnapshot {
    return { windows: this.#windows, logs: this.#logs.map((log) => (Number.isFinite(log) ? log : null)) };
  }

  /** Evidence that goes on where the snapshot was taken. */
  static restore(maxWindows: number, { windows, logs }: EvidenceSnapshot): SequentialEvidence {
    const evidence = new SequentialEvidence(logs.length, maxWindows);
    evidence.#windows = windows;
    logs.forEach((log, i) => {
      evidence.#logs[i] = log ?? Number.NEGATIVE_INFINITY;
    });
    return evidence;
  }
}

function logSum(a: number, b: number): number {
  const greater = Math.max(a, b);
  return greater === Number.NEGATIVE_INFINITY
    ? greater
    : greater + Math.log(Math.exp(a - greater) + Math.exp(b - greater));
}
