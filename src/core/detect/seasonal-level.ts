// What is usual for a value at a time: its running level, its hour of the day and of the week, and how far it goes every day. What
// level, dip and latency judge against.
import type { LocalTime } from '#core/clock/local-time.ts';
import { DailyExtremes, type DailyExtremesSnapshot, type ExtremeSides, extremesNumbers } from './daily-extremes.ts';
import { HourProfile, type HourProfileSnapshot, profileNumbers } from './hour-profile.ts';
import type { RunningLevelSnapshot, RunningLevels } from './running-levels.ts';

/** One window of time, epoch milliseconds. */
export interface Span {
  readonly startAtMs: number;
  readonly endAtMs: number;
}

/** A window of time and its value. */
export interface LevelWindow extends Span {
  readonly value: number;
}

/** Where a value lies; `z = (value - centre) / scale`. */
export interface Estimate {
  readonly centre: number;
  readonly scale: number;
  readonly z: number;
}

/** What is remembered, and the least scale that a change is measured by. */
export interface SeasonalLevelSettings {
  /** Windows before what the hour says is believed. */
  readonly learningWindows: number;
  /** Size of the level from which on seasons are remembered: a series that never gets there costs little. */
  readonly seasonFrom: number;
  /** Which way is looked. */
  readonly sides: ExtremeSides;
  /** The least scale at a centre; more than 0. `isCount`: see `SeasonalLevel.isCount`. */
  readonly floor: (centre: number, isCount: boolean) => number;
}

/** State as plain JSON. */
export interface SeasonalLevelSnapshot {
  readonly level: RunningLevelSnapshot;
  readonly rest: RunningLevelSnapshot;
  readonly profile: HourProfileSnapshot | null;
  readonly extremes: DailyExtremesSnapshot | null;
}

interface Season {
  readonly profile: HourProfile;
  readonly extremes: DailyExtremes;
}

/** The running level, and what is left of the value when the hour's usual one is taken away. */
const [level, rest] = [0, 1];

/** The memory of one series: a handful of numbers, and up to 1 KB for its seasons. */
export class SeasonalLevel {
  readonly #settings: SeasonalLevelSettings;
  readonly #localTime: LocalTime;
  readonly #levels: RunningLevels;
  #season: Season | null = null;
  /** Only whole numbers of 0 or more were seen, as far as who asks knows. */
  isCount = true;

  /** The first two of `levels` are its own, and are restored with them. */
  constructor(
    settings: SeasonalLevelSettings,
    localTime: LocalTime,
    levels: RunningLevels,
    snapshot?: Pick<SeasonalLevelSnapshot, 'profile' | 'extremes'>,
  ) {
    this.#settings = settings;
    this.#localTime = localTime;
    this.#levels = levels;
    if (snapshot === undefined || (snapshot.profile === null && snapshot.extremes === null)) return;
    this.#season = newSeason(settings.sides);
    if (snapshot.profile !== null) this.#season.profile.restore(snapshot.profile);
    if (snapshot.extremes !== null) this.#season.extremes.restore(snapshot.extremes);
  }

  /** Windows learned so far. */
  get count(): number {
    return this.#levels.count(level);
  }

  /** The nearer of level and hour: a value is unusual only if it is so for both, and on the same side. */
  estimate({ value, ...span }: LevelWindow): Estimate {
    const byLevel = this.#distance(value, this.#levels.mean(level), this.#levels.scale(level));
    const expected = this.#expected(span);
    if (expected === null || this.#levels.count(rest) < this.#settings.learningWindows) return byLevel;
    const byHour = this.#distance(value, expected + this.#levels.mean(rest), this.#levels.scale(rest));
    if (Math.sign(byHour.z) !== Math.sign(byLevel.z)) return { ...byHour, z: 0 };
    return Math.abs(byHour.z) < Math.abs(byLevel.z) ? byHour : byLevel;
  }

  /** The lower of level and hour. */
  lowest(span: Span): number {
    const expected = this.#expected(span);
    if (expected === null || this.#levels.count(rest) < this.#settings.learningWindows) return this.#levels.mean(level);
    return Math.min(this.#levels.mean(level), expected + this.#levels.mean(rest));
  }

  /** Whether seasons are remembered. */
  get hasSeason(): boolean {
    return this.#season !== null;
  }

  /** Whether the value comes as far from `centre` as this every day at this hour. */
  isOrdinary(window: LevelWindow, centre: number): boolean {
    return this.#season?.extremes.isOrdinary(this.#at(window), window.value, centre) ?? false;
  }

  /** Remembers how far the value went; of every window, whatever was said of it, after it was judged. */
  observe(window: LevelWindow): void {
    this.#season?.extremes.add(this.#at(window), window.value);
  }

  /** Takes the value of a window into what is usual. */
  learn(window: LevelWindow): void {
    const { value } = window;
    const { seasonFrom, sides } = this.#settings;
    const expected = this.#expected(window);
    this.#levels.add(level, value, this.#floor(this.#levels.mean(level)));
    if (expected !== null) this.#levels.add(rest, value - expected, this.#floor(expected));
    if (this.#season === null && Math.abs(this.#levels.mean(level)) >= seasonFrom) this.#season = newSeason(sides);
    this.#season?.profile.add(this.#at(window), value);
  }

  /** A level that stays is the usual one from this window on. */
  accept(value: number, span: Span): void {
    const expected = this.#expected(span);
    this.#levels.moveTo(level, value);
    if (expected !== null) this.#levels.moveTo(rest, value - expected);
  }

  #floor(centre: number): number {
    return this.#settings.floor(centre, this.isCount);
  }

  #distance(value: number, centre: number, ownScale: number): Estimate {
    const scale = Math.max(ownScale, this.#floor(centre));
    return { centre, scale, z: (value - centre) / scale };
  }

  #expected(span: Span): number | null {
    return this.#season?.profile.expected(this.#at(span)) ?? null;
  }

  #at({ startAtMs, endAtMs }: Span) {
    return this.#localTime.at((startAtMs + endAtMs) / 2);
  }

  /** Plain JSON; the constructor takes it. */
  snapshot(): SeasonalLevelSnapshot {
    return {
      level: this.#levels.snapshot(level),
      rest: this.#levels.snapshot(rest),
      profile: this.#season?.profile.snapshot() ?? null,
      extremes: this.#season?.extremes.snapshot() ?? null,
    };
  }
}

/** Both in one row of numbers: a row has a price of its own. */
function newSeason(sides: ExtremeSides): Season {
  const numbers = new Uint16Array(profileNumbers + extremesNumbers(sides));
  return {
    profile: new HourProfile(numbers),
    extremes: new DailyExtremes(sides, numbers, profileNumbers),
  };
}
