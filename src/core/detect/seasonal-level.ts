// What is usual for a value at a time: its running level, its hour of the day and of the week, and how far it goes every day. What
// level, dip and latency judge against.
import type { LocalTime } from '#core/clock/local-time.ts';
import { DailyExtremes, type DailyExtremesSnapshot } from './daily-extremes.ts';
import { HourProfile, type HourProfileSnapshot } from './hour-profile.ts';
import { RunningLevel, type RunningLevelSnapshot } from './running-level.ts';

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

/** How long is remembered, and the least scale that a change is measured by. */
export interface SeasonalLevelSettings {
  /** Windows that the running level is made of, in the main. */
  readonly memoryWindows: number;
  /** Windows before what the hour says is believed. */
  readonly learningWindows: number;
  /** Size of the level from which on seasons are remembered: a series that never gets there costs little. */
  readonly seasonFrom: number;
  /** The least scale at a centre; more than 0. */
  readonly floor: (centre: number) => number;
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

/** The memory of one series: a handful of numbers, and 1 KB for its seasons. */
export class SeasonalLevel {
  readonly #settings: SeasonalLevelSettings;
  readonly #localTime: LocalTime;
  readonly #level: RunningLevel;
  /** What is left of the value when the hour's usual one is taken away. */
  readonly #rest: RunningLevel;
  #season: Season | null = null;

  constructor(settings: SeasonalLevelSettings, localTime: LocalTime, snapshot?: SeasonalLevelSnapshot) {
    this.#settings = settings;
    this.#localTime = localTime;
    this.#level = new RunningLevel(settings.memoryWindows, snapshot?.level);
    this.#rest = new RunningLevel(settings.memoryWindows, snapshot?.rest);
    if (snapshot === undefined || (snapshot.profile === null && snapshot.extremes === null)) return;
    this.#season = {
      profile: HourProfile.restore(snapshot.profile),
      extremes: DailyExtremes.restore(snapshot.extremes),
    };
  }

  /** Windows learned so far. */
  get count(): number {
    return this.#level.count;
  }

  /** The nearer of level and hour: a value is unusual only if it is so for both, and on the same side. */
  estimate({ value, ...span }: LevelWindow): Estimate {
    const byLevel = this.#distance(value, this.#level.mean, this.#level.scale);
    const expected = this.#expected(span);
    if (expected === null || this.#rest.count < this.#settings.learningWindows) return byLevel;
    const byHour = this.#distance(value, expected + this.#rest.mean, this.#rest.scale);
    if (Math.sign(byHour.z) !== Math.sign(byLevel.z)) return { ...byHour, z: 0 };
    return Math.abs(byHour.z) < Math.abs(byLevel.z) ? byHour : byLevel;
  }

  /** The lower of level and hour. */
  lowest(span: Span): number {
    const expected = this.#expected(span);
    if (expected === null || this.#rest.count < this.#settings.learningWindows) return this.#level.mean;
    return Math.min(this.#level.mean, expected + this.#rest.mean);
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
    const { floor } = this.#settings;
    const expected = this.#expected(window);
    this.#level.add(value, floor(this.#level.mean));
    if (expected !== null) this.#rest.add(value - expected, floor(expected));
    if (this.#season === null && Math.abs(this.#level.mean) >= this.#settings.seasonFrom) {
      this.#season = { profile: new HourProfile(), extremes: new DailyExtremes() };
    }
    this.#season?.profile.add(this.#at(window), value);
  }

  /** A level that stays is the usual one from this window on. */
  accept(level: number, span: Span): void {
    const expected = this.#expected(span);
    this.#level.moveTo(level);
    if (expected !== null) this.#rest.moveTo(level - expected);
  }

  #distance(value: number, centre: number, ownScale: number): Estimate {
    const scale = Math.max(ownScale, this.#settings.floor(centre));
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
      level: this.#level.snapshot(),
      rest: this.#rest.snapshot(),
      profile: this.#season?.profile.snapshot() ?? null,
      extremes: this.#season?.extremes.snapshot() ?? null,
    };
  }
}
