// Wall clock and waiting. Core never sees this: it is given times.

/** Time as the machine tells it. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Resolves after `durationMs`, or at once when `signal` is aborted. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}
