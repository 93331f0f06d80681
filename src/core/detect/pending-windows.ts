// The last windows of a series that are judged together and are not part of its past yet. Part of the state of dips.
import type { LevelWindow } from './seasonal-level.ts';

/** At most `capacity` windows of one length, in order, with gaps between some of them. */
export class PendingWindows {
  readonly #capacity: number;
  readonly #values: number[];
  /** Start of the newest, and the length of each. */
  #lastAtMs = 0;
  #windowMs = 0;
  /** Starts of all, only once there was a gap: it costs as much room as the values. */
  #starts: number[] | null = null;
  #length = 0;
  /** Place of the next. */
  #next = 0;

  constructor(capacity: number, encoded: readonly number[] = []) {
    this.#capacity = capacity;
    this.#values = new Array<number>(capacity).fill(0);
    const [lastAtMs = 0, windowMs = 0, ...rest] = encoded;
    for (let i = 0; i + 1 < rest.length; i += 2) {
      const startAtMs = lastAtMs - (rest[i] as number) * windowMs;
      this.push({ startAtMs, endAtMs: startAtMs + windowMs, value: rest[i + 1] as number });
    }
  }

  get length(): number {
    return this.#length;
  }

  /** Adds the newest window; gives back the oldest where there are more than the capacity. */
  push({ startAtMs, endAtMs, value }: LevelWindow): LevelWindow | null {
    const oldest = this.#length === this.#capacity ? this.#windowBack(this.#capacity) : null;
    if (this.#length > 0 && startAtMs !== this.#lastAtMs + this.#windowMs) this.#starts ??= this.#allStarts();
    if (this.#starts !== null) this.#starts[this.#next] = startAtMs;
    this.#values[this.#next] = value;
    this.#lastAtMs = startAtMs;
    this.#windowMs = endAtMs - startAtMs;
    this.#next = (this.#next + 1) % this.#capacity;
    this.#length = Math.min(this.#length + 1, this.#capacity);
    return oldest;
  }

  /** The value `back` windows ago, 1 being the newest; `null` where there are not so many. */
  valueBack(back: number): number | null {
    return back > this.#length ? null : (this.#values[this.#placeBack(back)] as number);
  }

  /** Adds to the window that starts then; gives its value, or `null` where it is not pending. */
  addTo(startAtMs: number, value: number): number | null {
    for (let back = 1; back <= this.#length; back += 1) {
      if (this.#startBack(back) !== startAtMs) continue;
      const place = this.#placeBack(back);
      const total = (this.#values[place] as number) + value;
      this.#values[place] = total;
      return total;
    }
    return null;
  }

  /** Sum of the newest windows, at most `windows` of them. */
  sumOf(windows: number): number {
    let sum = 0;
    // The oldest first: sums of what is not whole depend on the order.
    for (let back = Math.min(windows, this.#length); back >= 1; back -= 1) sum += this.valueBack(back) ?? 0;
    return sum;
  }

  /** Forgets all but the newest `windows`. */
  keep(windows: number): void {
    this.#length = Math.min(windows, this.#length);
    if (windows <= 1) this.#starts = null;
  }

  /** For snapshots: start and length of the last window; then of each how many windows it lies back, and its value. */
  encode(): readonly number[] {
    if (this.#length === 0) return [];
    const encoded = [this.#lastAtMs, this.#windowMs];
    for (let back = this.#length; back >= 1; back -= 1) {
      encoded.push((this.#lastAtMs - this.#startBack(back)) / this.#windowMs, this.valueBack(back) ?? 0);
    }
    return encoded;
  }

  #placeBack(back: number): number {
    return (this.#next - back + this.#capacity) % this.#capacity;
  }

  #startBack(back: number): number {
    const starts = this.#starts;
    return starts === null ? this.#lastAtMs - (back - 1) * this.#windowMs : (starts[this.#placeBack(back)] as number);
  }

  #allStarts(): number[] {
    const starts = new Array<number>(this.#capacity).fill(0);
    for (let back = 1; back <= this.#length; back += 1) starts[this.#placeBack(back)] = this.#startBack(back);
    return starts;
  }

  #windowBack(back: number): LevelWindow {
    const startAtMs = this.#startBack(back);
    return { startAtMs, endAtMs: startAtMs + this.#windowMs, value: this.valueBack(back) ?? 0 };
  }
}
