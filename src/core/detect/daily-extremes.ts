// How far a series went at an hour of the last days, incidents included: what comes every day at its hour is ordinary, and a profile
// that leaves incidents out can never learn it. Part of the state of detectors.
import type { LocalInstant } from '#core/clock/local-time.ts';
import { CoarseNumbers } from './coarse-numbers.ts';

const hours = 24;
/** Days remembered beside the running one. */
const rememberedDays = 4;
/** Days of these on which it came as far, to call it ordinary. */
const neededDays = 2;
/** As far is at least this share of the distance. */
const neededShare = 0.8;
/** Numbers of a day: the greatest and the least of each hour. */
const dayNumbers = 2 * hours;

/** State of the extremes as plain JSON. */
export interface DailyExtremesSnapshot {
  /** The days remembered, `null` for none yet, and their numbers as `CoarseNumbers` writes them. */
  readonly days: readonly (number | null)[];
  readonly numbers: string;
}

/** Greatest and least value by hour of the day, in local time, for the last days. */
export class DailyExtremes {
  readonly #days: (number | null)[] = Array.from({ length: rememberedDays + 1 }, () => null);
  #numbers = new CoarseNumbers((rememberedDays + 1) * dayNumbers);

  /** Whether the distance of `value` from `centre` was reached, on that side, in the same hour on two of the last four days. */
  isOrdinary({ dayNumber, hour }: LocalInstant, value: number, centre: number): boolean {
    const bound = centre + neededShare * (value - centre);
    const isRise = value > centre;
    let days = 0;
    for (const [slot, day] of this.#days.entries()) {
      if (day === null || day >= dayNumber || day < dayNumber - rememberedDays) continue;
      const reached = this.#numbers.at(placeOf(slot, hour, isRise));
      // Comparisons with what is not known are false.
      if (isRise ? reached >= bound : reached <= bound) days += 1;
    }
    return days >= neededDays;
  }

  /** Takes the value of a window, whatever was said of it. */
  add({ dayNumber, hour }: LocalInstant, value: number): void {
    const slots = this.#days.length;
    const slot = ((dayNumber % slots) + slots) % slots;
    if (this.#days[slot] !== dayNumber) {
      this.#days[slot] = dayNumber;
      this.#numbers.forget(slot * dayNumbers, (slot + 1) * dayNumbers);
    }
    const max = placeOf(slot, hour, true);
    const min = placeOf(slot, hour, false);
    if (!(this.#numbers.at(max) >= value)) this.#numbers.set(max, value);
    if (!(this.#numbers.at(min) <= value)) this.#numbers.set(min, value);
  }

  /** Plain JSON; `null` where nothing is known. */
  snapshot(): DailyExtremesSnapshot | null {
    return this.#days.every((day) => day === null) ? null : { days: [...this.#days], numbers: this.#numbers.encode() };
  }

  /** Extremes that go on where the snapshot was taken. Throws on a snapshot that is none. */
  static restore(snapshot: DailyExtremesSnapshot | null): DailyExtremes {
    const extremes = new DailyExtremes();
    if (snapshot === null) return extremes;
    extremes.#numbers = CoarseNumbers.decode((rememberedDays + 1) * dayNumbers, snapshot.numbers);
    snapshot.days.slice(0, rememberedDays + 1).forEach((day, slot) => {
      extremes.#days[slot] = day;
    });
    return extremes;
  }
}

function placeOf(slot: number, hour: number, isMax: boolean): number {
  return slot * dayNumbers + 2 * Math.floor(hour) + (isMax ? 0 : 1);
}
