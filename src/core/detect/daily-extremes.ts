// How far a series went at an hour of the last days, incidents included: what comes every day at its hour is ordinary, and a profile
// that leaves incidents out can never learn it.
import { dayOf, hourOf, type Span } from './hour-of-day.ts';

const hours = 24;
/** Days remembered beside the running one. */
const rememberedDays = 3;
/** Days of these on which it came as far, to call it ordinary. */
const neededDays = 2;
/** As far is at least this share of the distance. */
const neededShare = 0.8;

interface Extremes {
  readonly day: number;
  max: number;
  min: number;
}

/** Greatest and least value by hour of the day (UTC) for the last days. */
export class DailyExtremes {
  readonly #byHour: Extremes[][] = Array.from({ length: hours }, () => []);

  /** Whether the distance of `value` from `centre` was reached, on that side, in the same hour on two of the last three days. */
  isOrdinary(window: Span, value: number, centre: number): boolean {
    const today = dayOf(window);
    const bound = centre + neededShare * (value - centre);
    const days = (this.#byHour[hourOf(window)] ?? []).filter(
      ({ day, max, min }) =>
        day < today && day >= today - rememberedDays - 1 && (value > centre ? max >= bound : min <= bound),
    );
    return days.length >= neededDays;
  }

  /** Takes the value of a window, whatever was said of it. */
  add(window: Span, value: number): void {
    const days = this.#byHour[hourOf(window)] as Extremes[];
    const day = dayOf(window);
    const last = days.at(-1);
    if (last?.day === day) {
      last.max = Math.max(last.max, value);
      last.min = Math.min(last.min, value);
      return;
    }
    days.push({ day, max: value, min: value });
    if (days.length > rememberedDays + 1) days.shift();
  }
}
