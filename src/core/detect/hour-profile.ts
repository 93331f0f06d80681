// What is usual at an hour of the day and of the week: learned from the days before, in local time. Part of the state of detectors.
import { type LocalInstant, weekdayOf } from '#core/clock/local-time.ts';
import { CoarseNumbers } from './coarse-numbers.ts';

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
/** From here on more weeks change nothing. */
const mostWeeks = 35;

/** State of a profile as plain JSON. */
export interface HourProfileSnapshot {
  /** Means by hour of the week, as `CoarseNumbers` writes them, and how often each was seen, in base 36. */
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
  #means = new CoarseNumbers(weekdays * hours);
  readonly #weeks = new Uint8Array(weekdays * hours);
  #running: { readonly day: number; readonly hour: number; sum: number; count: number } | null = null;

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
    if (this.#running === null || this.#running.hour !== wholeHour || this.#running.day !== dayNumber) {
      this.#fold();
      this.#running = { day: dayNumber, hour: wholeHour, sum: 0, count: 0 };
    }
    this.#running.sum += value;
    this.#running.count += 1;
  }

  #fold(): void {
    if (this.#running === null) return;
    const { day, hour, sum, count } = this.#running;
    const cell = weekdayOf(day) * hours + hour;
    const weeks = Math.min(mostWeeks, (this.#weeks[cell] ?? 0) + 1);
    const mean = weeks === 1 ? 0 : this.#means.at(cell);
    this.#weeks[cell] = weeks;
    this.#means.set(cell, mean + Math.max(weekWeight, 1 / weeks) * (sum / count - mean));
  }

  #usual(weekday: number, hour: number): number | null {
    const own = weekday * hours + hour;
    if ((this.#weeks[own] ?? 0) >= ownWeeks) return this.#means.at(own);
    let days = 0;
    for (let cell = hour; cell < weekdays * hours; cell += hours) days += this.#weeks[cell] as number;
    if (days < neededDays) return null;
    return (days >= splitDays ? this.#meanOf(hour, isWeekend(weekday)) : null) ?? this.#meanOf(hour, null);
  }

  /** Mean of an hour over the days of a kind, or over all; `null` where none is known. */
  #meanOf(hour: number, ofWeekend: boolean | null): number | null {
    let sum = 0;
    let known = 0;
    for (let weekday = 0; weekday < weekdays; weekday += 1) {
      const cell = weekday * hours + hour;
      if (this.#weeks[cell] === 0 || (ofWeekend !== null && isWeekend(weekday) !== ofWeekend)) continue;
      sum += this.#means.at(cell);
      known += 1;
    }
    return known === 0 ? null : sum / known;
  }

  /** Plain JSON; `null` where nothing is known. */
  snapshot(): HourProfileSnapshot | null {
    if (this.#running === null) return null;
    const { day, hour, sum, count } = this.#running;
    const weeks = Array.from(this.#weeks, (seen) => seen.toString(36)).join('');
    return { means: this.#means.encode(), weeks, running: [day, hour, sum, count] };
  }

  /** A profile that goes on where the snapshot was taken. Throws on a snapshot that is none. */
  static restore(snapshot: HourProfileSnapshot | null): HourProfile {
    const profile = new HourProfile();
    if (snapshot === null) return profile;
    const { means, weeks, running } = snapshot;
    if (weeks.length !== weekdays * hours) throw new Error('an hour profile of the snapshot is malformed');
    profile.#means = CoarseNumbers.decode(weekdays * hours, means);
    profile.#weeks.set(Array.from(weeks, (seen) => Number.parseInt(seen, 36)));
    const [day, hour, sum, count] = running;
    profile.#running = { day, hour, sum, count };
    return profile;
  }
}

function isWeekend(weekday: number): boolean {
  return weekday >= 5;
}
