// What is usual at an hour of the day and of the week: learned from the days before, in local time. Part of the state of detectors.
import { type LocalInstant, weekdayOf } from '#core/clock/local-time.ts';
import { decodeCoarse, encodeCoarse, fromCoarse, toCoarse, unknownBits } from './coarse-numbers.ts';

const hours = 24;
const weekdays = 7;
/** Days on which an hour was seen before its value is believed. */
const neededDays = 2;
/** Days of an hour after which working days and weekends are told apart: two weeks. */
const splitDays = 14;
/** Times that an hour of the week was seen before it stands for itself. */
const ownWeeks = 4;
/** Weight of the latest week in an hour of the week, once that was seen often. */
const weekWeight = 0.3;
/** From here on more weeks change nothing; four bits hold it. */
const mostWeeks = 15;

/** Hours of a week. */
const cells = weekdays * hours;
/** Numbers of 16 bits that a profile is kept in: a mean for each hour of the week, and four times how often it was seen in one. */
export const profileNumbers = cells + cells / 4;

/** State of a profile as plain JSON. */
export interface HourProfileSnapshot {
  /** Means by hour of the week, as `encodeCoarse` writes them, and how often each was seen, in base 36. */
  readonly means: string;
  readonly weeks: string;
  /** The running hour: local day, hour, sum, values. */
  readonly running: readonly [day: number, hour: number, sum: number, count: number];
}

/**
 * Mean value by hour of the week. An hour's value is the mean of that hour over the last seven days; after two weeks over those of its
 * kind, working days or weekend; after four weeks its own weekday's. An hour counts from its end on.
 */
export class HourProfile {
  /** From `#from` on: the means, then the weeks. */
  readonly #numbers: Uint16Array;
  readonly #from: number;
  /** The running hour; nothing was seen while `#count` is 0. */
  #day = 0;
  #hour = 0;
  #sum = 0;
  #count = 0;

  /** Nothing is known yet. `numbers`: where it is kept, from `from` on, `profileNumbers` of them; all are overwritten. */
  constructor(numbers = new Uint16Array(profileNumbers), from = 0) {
    this.#numbers = numbers;
    this.#from = from;
    numbers.fill(unknownBits, from, from + cells).fill(0, from + cells, from + profileNumbers);
  }

  /** The usual value at a time, between the two nearest hours' middles; `null` while too few days are known. */
  expected({ weekday, hour }: LocalInstant): number | null {
    const position = hour - 0.5;
    const before = Math.floor(position);
    const share = position - before;
    const usualBefore = before < 0 ? this.#usual((weekday + 6) % weekdays, hours - 1) : this.#usual(weekday, before);
    if (share === 0 || usualBefore === null) return usualBefore;
    const after = before + 1;
    const usualAfter = after === hours ? this.#usual((weekday + 1) % weekdays, 0) : this.#usual(weekday, after);
    return usualAfter === null ? null : usualBefore * (1 - share) + usualAfter * share;
  }

  /** Takes the value of a window whose middle is at this time. */
  add({ dayNumber, hour }: LocalInstant, value: number): void {
    const wholeHour = Math.floor(hour);
    if (this.#hour !== wholeHour || this.#day !== dayNumber) {
      this.#fold();
      this.#day = dayNumber;
      this.#hour = wholeHour;
      this.#sum = 0;
      this.#count = 0;
    }
    this.#sum += value;
    this.#count += 1;
  }

  #fold(): void {
    if (this.#count === 0) return;
    const cell = weekdayOf(this.#day) * hours + this.#hour;
    const weeks = Math.min(mostWeeks, this.#weeksAt(cell) + 1);
    const mean = weeks === 1 ? 0 : this.#meanAt(cell);
    this.#setWeeks(cell, weeks);
    const weight = Math.max(weekWeight, 1 / weeks);
    this.#numbers[this.#from + cell] = toCoarse(mean + weight * (this.#sum / this.#count - mean));
  }

  #meanAt(cell: number): number {
    return fromCoarse(this.#numbers[this.#from + cell] as number);
  }

  #weeksAt(cell: number): number {
    return ((this.#numbers[this.#from + cells + (cell >> 2)] as number) >> (4 * (cell & 3))) & 0xf;
  }

  #setWeeks(cell: number, weeks: number): void {
    const at = this.#from + cells + (cell >> 2);
    const shift = 4 * (cell & 3);
    this.#numbers[at] = ((this.#numbers[at] as number) & ~(0xf << shift)) | (weeks << shift);
  }

  #usual(weekday: number, hour: number): number | null {
    const own = weekday * hours + hour;
    if (this.#weeksAt(own) >= ownWeeks) return this.#meanAt(own);
    let days = 0;
    for (let cell = hour; cell < cells; cell += hours) days += this.#weeksAt(cell);
    if (days < neededDays) return null;
    return (days >= splitDays ? this.#meanOf(hour, isWeekend(weekday)) : null) ?? this.#meanOf(hour, null);
  }

  /** Mean of an hour over the days of a kind, or over all; `null` where none is known. */
  #meanOf(hour: number, ofWeekend: boolean | null): number | null {
    let sum = 0;
    let known = 0;
    for (let weekday = 0; weekday < weekdays; weekday += 1) {
      const cell = weekday * hours + hour;
      if (this.#weeksAt(cell) === 0 || (ofWeekend !== null && isWeekend(weekday) !== ofWeekend)) continue;
      sum += this.#meanAt(cell);
      known += 1;
    }
    return known === 0 ? null : sum / known;
  }

  /** Plain JSON; `null` where nothing is known. */
  snapshot(): HourProfileSnapshot | null {
    if (this.#count === 0) return null;
    const weeks = Array.from({ length: cells }, (_, cell) => this.#weeksAt(cell).toString(36)).join('');
    const means = encodeCoarse(this.#numbers.subarray(this.#from, this.#from + cells));
    return { means, weeks, running: [this.#day, this.#hour, this.#sum, this.#count] };
  }

  /** Goes on where the snapshot was taken. Throws on a snapshot that is none. */
  restore({ means, weeks, running }: HourProfileSnapshot): this {
    if (weeks.length !== cells) throw new Error('an hour profile of the snapshot is malformed');
    this.#numbers.set(decodeCoarse(cells, means), this.#from);
    for (let cell = 0; cell < cells; cell += 1) {
      this.#setWeeks(cell, Math.min(mostWeeks, Number.parseInt(weeks[cell] as string, 36)));
    }
    [this.#day, this.#hour, this.#sum, this.#count] = running;
    return this;
  }
}

function isWeekend(weekday: number): boolean {
  return weekday >= 5;
}
