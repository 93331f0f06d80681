// What is usual at an hour of the day: 24 numbers, learned from the days before.
import { hourOf, hourWithin, type Span, windowsInHour } from './hour-of-day.ts';

const hours = 24;
/** Weight of a day in its hours: the profile follows over a week. */
const dayWeight = 0.15;
/** Days before an hour's value is believed. */
const neededDays = 2;

/** Mean value by the hour of the day (UTC). */
export class HourProfile {
  readonly #means = new Float64Array(hours);
  readonly #counts = new Float64Array(hours);

  /** The usual value in a window, between the two nearest hours' middles; `null` while too few days are known. */
  expected(window: Span): number | null {
    const needed = neededDays * windowsInHour(window);
    const position = hourWithin(window) - 0.5 + hours;
    const before = Math.floor(position) % hours;
    const after = (before + 1) % hours;
    const share = position - Math.floor(position);
    if (!this.#isKnown(before, needed) || (share > 0 && !this.#isKnown(after, needed))) return null;
    return (this.#means[before] ?? 0) * (1 - share) + (this.#means[after] ?? 0) * share;
  }

  /** Takes the value of a window. */
  add(window: Span, value: number): void {
    const hour = hourOf(window);
    const count = (this.#counts[hour] ?? 0) + 1;
    const mean = this.#means[hour] ?? 0;
    this.#counts[hour] = count;
    this.#means[hour] = mean + Math.max(dayWeight / windowsInHour(window), 1 / count) * (value - mean);
  }

  #isKnown(hour: number, needed: number): boolean {
    return (this.#counts[hour] ?? 0) >= needed;
  }
}
