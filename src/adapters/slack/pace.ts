// A token bucket that says how long to wait instead of saying no, and stands still while Slack asks us to.

/** How fast calls may follow each other. */
export interface PaceSettings {
  /** Time from one call to the next in the long run, milliseconds. */
  readonly intervalMs: number;
  /** Calls that may come at once after a quiet time, 1 or more. */
  readonly burst: number;
}

/** One bucket: callers reserve their turn, in order, and wait until it comes. */
export class Pace {
  readonly #settings: PaceSettings;
  /** When the bucket is full again if nothing more is taken. */
  #fullAtMs = 0;
  #heldUntilMs = 0;

  constructor(settings: PaceSettings) {
    this.#settings = settings;
  }

  /** Takes the next turn and says how long to wait for it, milliseconds. */
  reserve(nowMs: number): number {
    const { intervalMs, burst } = this.#settings;
    const fromMs = Math.max(nowMs, this.#heldUntilMs);
    this.#fullAtMs = Math.max(this.#fullAtMs, fromMs) + intervalMs;
    return Math.max(0, fromMs - nowMs, this.#fullAtMs - burst * intervalMs - nowMs);
  }

  /** No further turn before `untilMs`: after a 429 every caller waits, not only the one that met it. */
  hold(untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
  }
}
