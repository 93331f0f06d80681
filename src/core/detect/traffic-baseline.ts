// What is usual for the requests of an edge or a service: the lowest of its level, its hour and its last minutes, and how unevenly they
// come. What dips are judged against.
import type { LocalTime } from '#core/clock/local-time.ts';
import { fromCoarse, toCoarse, unknownBits } from './coarse-numbers.ts';
import type { DipSettings } from './condition.ts';
import { oncePer } from './once-per.ts';
import { type RunningLevelSnapshot, RunningLevels } from './running-levels.ts';
import type { LevelWindow, SeasonalLevelSettings, SeasonalLevelSnapshot, Span } from './seasonal-level.ts';
import { SeasonalLevel } from './seasonal-level.ts';

/** The scale is at least this share of what is usual, however calm the past was: all traffic gone is then a z of -10. */
export const relativeFloor = 0.1;
/**
 * The last minutes are a twentieth of the baseline: three minutes of an hour. Traffic that fades within tens of minutes takes them along
 * and is no dip; what falls within a minute or two leaves them behind.
 */
const recentShare = 1 / 20;
const leastRecentWindows = 12;
/** Most windows whose sum is judged: three minutes of 10 s. Half of three requests a window cannot be told from chance in fewer. */
export const longestPool = 18;
/**
 * How far sums lie from what is usual is noted every so many windows, and learned when no window of theirs is judged any more: a fall
 * that is not certain yet must not become the noise that hides it.
 */
const notedEvery = longestPool / 3;
/** Three such distances fit into the 48 bits of a whole number. */
const [bitsOfOne, bitsOfTwo] = [2 ** 16, 2 ** 32];
const nothingWaits = unknownBits * (1 + bitsOfOne + bitsOfTwo);

/** Traffic that is as low as a dip for more than this share of the baseline falls by its nature. */
const ordinaryShare = 0.1;

/** State as plain JSON. */
export interface TrafficBaselineSnapshot {
  readonly usual: SeasonalLevelSnapshot;
  readonly recent: RunningLevelSnapshot;
  readonly noise: RunningLevelSnapshot;
  readonly poolNoise: RunningLevelSnapshot;
  readonly fallen: RunningLevelSnapshot;
  /** Distances of sums that are not learned yet, 16 bits each, the newest lowest; missing where there is none. */
  readonly waiting?: number;
}

/** What follows from the settings; the first two levels are those of `SeasonalLevel`. */
const derivedOf = oncePer(({ baselineWindows, minBaselineWindows, minUsual }: TrafficSettings) => {
  // An exponential mean of this weight is as old, on average, as a plain one of `baselineWindows`.
  const memoryWindows = (baselineWindows + 1) / 2;
  const recentWindows = Math.max(leastRecentWindows, recentShare * baselineWindows);
  const seasonal: SeasonalLevelSettings = {
    learningWindows: minBaselineWindows,
    seasonFrom: minUsual,
    sides: 'falls',
    floor: poissonScale,
  };
  const memory = [memoryWindows, memoryWindows, recentWindows, baselineWindows, baselineWindows, memoryWindows];
  return { seasonal, memory, recentWindows };
});
/** As in `SeasonalLevel`. */
const level = 0;
/** Distances of single windows, and of the sums of `longestPool`, from the last minutes, in Poisson scales. */
const [noise, poolNoise] = [3, 4];
/** The last minutes; and the share of the baseline in which traffic was as low as a dip. */
const [recent, fallen] = [2, 5];

/** Settings of the baseline. */
export type TrafficSettings = Pick<DipSettings, 'baselineWindows' | 'minBaselineWindows' | 'minUsual'>;

/** The memory of one series' traffic. */
export class TrafficBaseline {
  readonly #usual: SeasonalLevel;
  readonly #levels: RunningLevels;
  readonly #recentWindows: number;
  readonly #baselineWindows: number;
  #waiting: number;

  /** Seasons are remembered from a level of `minUsual` requests on: below nothing is said. */
  constructor(settings: TrafficSettings, localTime: LocalTime, snapshot?: TrafficBaselineSnapshot) {
    const { seasonal, memory, recentWindows } = derivedOf(settings);
    const { usual } = snapshot ?? {};
    this.#recentWindows = recentWindows;
    this.#baselineWindows = settings.baselineWindows;
    this.#waiting = snapshot?.waiting ?? nothingWaits;
    this.#levels = new RunningLevels(memory, [
      usual?.level,
      usual?.rest,
      snapshot?.recent,
      snapshot?.noise,
      snapshot?.poolNoise,
      snapshot?.fallen,
    ]);
    this.#usual = new SeasonalLevel(seasonal, localTime, this.#levels, usual);
  }

  /** Windows learned so far. */
  get count(): number {
    return this.#usual.count;
  }

  /**
   * Windows that `usual` requests a window are known from: the whole baseline's where level, hour and last minutes agree, or those of the
   * last minutes alone.
   */
  knownFrom(usual: number): number {
    const agree = usual >= (1 - relativeFloor) * Math.max(this.#levels.mean(level), this.#levels.mean(recent));
    return Math.min(this.#levels.count(recent), agree ? this.#baselineWindows : 2 * this.#recentWindows - 1);
  }

  get hasSeason(): boolean {
    return this.#usual.hasSeason;
  }

  /** Requests that a window at this time has at least, when nothing is wrong: the lowest of level, hour and last minutes. */
  usualOf(span: Span): number {
    return Math.max(0, Math.min(this.#usual.lowest(span), this.#levels.mean(recent)));
  }

  /**
   * Spread of the sum of `windows` windows in units of what chance alone (Poisson) gives, 1 or more. Sums of neighbours spread more than
   * single windows where traffic wanders: between one and `longestPool` windows it is interpolated, as if all were equally related.
   */
  dispersionOf(windows: number): number {
    const single = this.#levels.scale(noise) ** 2;
    const pooled = Math.max(single, this.#levels.scale(poolNoise) ** 2);
    const share = (windows - 1) / (longestPool - 1);
    return Math.max(1, Math.sqrt(single + share * (pooled - single)));
  }

  /** Takes a window into what is usual. */
  learn(window: LevelWindow): void {
    const { value } = window;
    const usual = this.#levels.mean(recent);
    if (this.#levels.count(recent) > 0) this.#levels.add(noise, (value - usual) / poissonScale(usual), 1);
    this.#levels.add(recent, value, Math.max(poissonScale(usual), relativeFloor * usual));
    this.#usual.learn(window);
  }

  /** Takes the sum of the last `longestPool` windows: how far it lies from the last minutes. It is learned when they have been judged. */
  learnPool(sum: number): void {
    // Before the last minutes are known nothing can be said about the distance from them.
    if (this.#levels.count(recent) < this.#recentWindows || this.count % notedEvery !== 0) return;
    const usual = longestPool * this.#levels.mean(recent);
    const learned = fromCoarse(Math.floor(this.#waiting / bitsOfTwo));
    this.#waiting = (this.#waiting % bitsOfTwo) * bitsOfOne + toCoarse((sum - usual) / poissonScale(usual));
    // Once for each window that has passed.
    for (let i = 0; i < notedEvery && !Number.isNaN(learned); i += 1) this.#levels.add(poolNoise, learned, 1);
  }

  /** Forgets the sums that are not learned yet: they may hold the beginning of a dip. */
  forgetPools(): void {
    this.#waiting = nothingWaits;
  }

  /** Remembers how low traffic was at this hour, dips included: `perWindow` is the mean of the last `longestPool` windows. */
  observe(perWindow: number, span: Span): void {
    this.#usual.observe({ ...span, value: perWindow });
  }

  /** Remembers whether traffic is as low as in a dip, or so little is usual that nothing can fall. */
  observeFallen(isFallen: boolean): void {
    if (this.#levels.count(recent) === 0) return;
    // No clamping: a share of what is rare has to be right too.
    this.#levels.add(fallen, isFallen ? 1 : 0, Number.POSITIVE_INFINITY);
  }

  /** Whether traffic is as low as this every day at this hour, or comes and goes by its nature, as that of a job does. */
  isOrdinary(perWindow: number, span: Span, usual: number): boolean {
    return this.#levels.mean(fallen) > ordinaryShare || this.#usual.isOrdinary({ ...span, value: perWindow }, usual);
  }

  /** A level that stays is the usual one from this window on. */
  accept(perWindow: number, span: Span): void {
    this.#usual.accept(perWindow, span);
    this.#levels.moveTo(recent, perWindow);
  }

  /** Plain JSON; the constructor takes it. */
  snapshot(): TrafficBaselineSnapshot {
    return {
      usual: this.#usual.snapshot(),
      recent: this.#levels.snapshot(recent),
      noise: this.#levels.snapshot(noise),
      poolNoise: this.#levels.snapshot(poolNoise),
      fallen: this.#levels.snapshot(fallen),
      ...(this.#waiting === nothingWaits ? {} : { waiting: this.#waiting }),
    };
  }
}

/** Spread of a count by chance alone; at least 1, because counts are whole. */
function poissonScale(usual: number): number {
  return Math.max(1, Math.sqrt(Math.max(0, usual)));
}
