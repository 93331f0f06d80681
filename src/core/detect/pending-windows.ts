// The last windows of a series that are judged together and are not part of its past yet. Part of the state of dips.
import type { LevelWindow } from './seasonal-level.ts';

/** At most `capacity` windows of one length, in order. */
export class PendingWindows {
  readonly #capacity: number;
  #windows: LevelWindow[] = [];

  constructor(capacity: number, encoded: readonly number[] = []) {
    this.#capacity = capacity;
    const [lastAtMs = 0, windowMs = 0, ...rest] = encoded;
    for (let i = 0; i + 1 < rest.length; i += 2) {
      const startAtMs = lastAtMs - (rest[i] as number) * windowMs;
      this.#windows.push({ startAtMs, endAtMs: startAtMs + windowMs, value: rest[i + 1] as number });
    }
  }

  get length(): number {
    return this.#windows.length;
  }

  /** Adds the newest window; gives back the oldest where there are more than the capacity. */
  push(window: LevelWindow): LevelWindow | null {
    this.#windows.push(window);
    return this.#windows.length > this.#capacity ? (this.#windows.shift() ?? null) : null;
  }

  /** The value `back` windows ago, 1 being the newest; `null` where there are not so many. */
  valueBack(back: number): number | null {
    return this.#windows[this.#windows.length - back]?.value ?? null;
  }

  /** Adds to the window that starts then; gives its value, or `null` where it is not pending. */
  addTo(startAtMs: number, value: number): number | null {
    const index = this.#windows.findIndex((window) => window.startAtMs === startAtMs);
    const window = this.#windows[index];
    if (window === undefined) return null;
    this.#windows[index] = { ...window, value: window.value + value };
    return window.value + value;
  }

  /** Sum of the newest windows, at most `windows` of them. */
  sumOf(windows: number): number {
    let sum = 0;
    for (let i = Math.max(0, this.#windows.length - windows); i < this.#windows.length; i += 1) {
      sum += (this.#windows[i] as LevelWindow).value;
    }
    return sum;
  }

  /** Forgets all but the newest `windows`. */
  keep(windows: number): void {
    this.#windows = windows === 0 ? [] : this.#windows.slice(-windows);
  }

  /** For snapshots: start and length of the last window; then of each how many windows it lies back, and its value. */
  encode(): readonly number[] {
    const last = this.#windows.at(-1);
    if (last === undefined) return [];
    const windowMs = last.endAtMs - last.startAtMs;
    return [
      last.startAtMs,
      windowMs,
      ...this.#windows.flatMap(({ startAtMs, value }) => [(last.startAtMs - startAtMs) / windowMs, value]),
    ];
  }
}
