// How far a series went at an hour of the last days, incidents included: what comes every day at its hour is ordinary, and a profile
// that leaves incidents out can never learn it. Part of the state of detectors.
import type { LocalInstant } from '#core/clock/local-time.ts';
import { decodeCoarse, encodeCoarse, fromCoarse, toCoarse, unknownBits } from './coarse-numbers.ts';

const hours = 24;
/** Days remembered beside the running one. */
const rememberedDays = 4;
const slots = rememberedDays + 1;
/** Days of these on which it came as far, to call it ordinary. */
const neededDays = 2;
/** As far is at least this share of the distance. */
const neededShare = 0.8;

/** Which way is looked: who looks for rises alone need not remember how far it fell. */
export type ExtremeSides = 'rises' | 'falls' | 'both';

/** Numbers of 16 bits that the extremes are kept in. */
export function extremesNumbers(sides: ExtremeSides): number {
  return slots * hours * (sides === 'both' ? 2 : 1);
}

/** State of the extremes as plain JSON. */
export interface DailyExtremesSnapshot {
  /** The days remembered, `null` for none yet, and the greatest and the least of each of their hours as `encodeCoarse` writes them. */
  readonly days: readonly (number | null)[];
  readonly numbers: string;
}

/** Greatest and least value by hour of the day, in local time, for the last days. */
export class DailyExtremes {
  readonly #sides: ExtremeSides;
  readonly #days: (number | null)[] = Array.from({ length: slots }, () => null);
  readonly #numbers: Uint16Array;
  readonly #from: number;

  /** Nothing is known yet. `numbers`: where it is kept, from `from` on, `extremesNumbers` of them; all are overwritten. */
  constructor(sides: ExtremeSides = 'both', numbers = new Uint16Array(extremesNumbers(sides)), from = 0) {
    this.#sides = sides;
    this.#numbers = numbers;
    this.#from = from;
    numbers.fill(unknownBits, from, from + extremesNumbers(sides));
  }

  /** Whether the distance of `value` from `centre` was reached, on that side, in the same hour on two of the last four days. */
  isOrdinary({ dayNumber, hour }: LocalInstant, value: number, centre: number): boolean {
    const bound = centre + neededShare * (value - centre);
    const isRise = value > centre;
    let days = 0;
    for (const [slot, day] of this.#days.entries()) {
      if (day === null || day >= dayNumber || day < dayNumber - rememberedDays) continue;
      const reached = this.#at(slot, Math.floor(hour), isRise);
      // Comparisons with what is not known are false.
      if (isRise ? reached >= bound : reached <= bound) days += 1;
    }
    return days >= neededDays;
  }

  /** Takes the value of a window, whatever was said of it. */
  add({ dayNumber, hour }: LocalInstant, value: number): void {
    const slot = ((dayNumber % slots) + slots) % slots;
    if (this.#days[slot] !== dayNumber) {
      this.#days[slot] = dayNumber;
      const ofDay = extremesNumbers(this.#sides) / slots;
      this.#numbers.fill(unknownBits, this.#from + slot * ofDay, this.#from + (slot + 1) * ofDay);
    }
    const wholeHour = Math.floor(hour);
    if (!(this.#at(slot, wholeHour, true) >= value)) this.#set(slot, wholeHour, true, value);
    if (!(this.#at(slot, wholeHour, false) <= value)) this.#set(slot, wholeHour, false, value);
  }

  #at(slot: number, hour: number, isMax: boolean): number {
    const place = this.#placeOf(slot, hour, isMax);
    return place === null ? Number.NaN : fromCoarse(this.#numbers[place] as number);
  }

  #set(slot: number, hour: number, isMax: boolean, value: number): void {
    const place = this.#placeOf(slot, hour, isMax);
    if (place !== null) this.#numbers[place] = toCoarse(value);
  }

  /** `null` for the side that is not remembered. */
  #placeOf(slot: number, hour: number, isMax: boolean): number | null {
    if (this.#sides === 'both') return this.#from + 2 * (slot * hours + hour) + (isMax ? 0 : 1);
    return isMax === (this.#sides === 'rises') ? this.#from + slot * hours + hour : null;
  }

  /** Plain JSON; `null` where nothing is known. */
  snapshot(): DailyExtremesSnapshot | null {
    if (this.#days.every((day) => day === null)) return null;
    const numbers = new Uint16Array(extremesNumbers('both')).map((_, i) =>
      toCoarse(this.#at(Math.floor(i / 2 / hours), Math.floor(i / 2) % hours, i % 2 === 0)),
    );
    return { days: [...this.#days], numbers: encodeCoarse(numbers) };
  }

  /** Goes on where the snapshot was taken. Throws on a snapshot that is none. */
  restore(snapshot: DailyExtremesSnapshot): this {
    const numbers = decodeCoarse(extremesNumbers('both'), snapshot.numbers);
    for (const [i, bits] of numbers.entries()) {
      this.#set(Math.floor(i / 2 / hours), Math.floor(i / 2) % hours, i % 2 === 0, fromCoarse(bits));
    }
    snapshot.days.slice(0, slots).forEach((day, slot) => {
      this.#days[slot] = day;
    });
    return this;
  }
}
