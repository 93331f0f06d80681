// Finds rises and falls of a value that has no exposure (a gauge, a total, a latency) against its own level and its hour of the day.
// `flagwatch detect` runs it. Settings count in windows; it never looks ahead.
import { DailyExtremes } from './daily-extremes.ts';
import { Fatigue } from './fatigue.ts';
import type { Span } from './hour-of-day.ts';
import { HourProfile } from './hour-profile.ts';
import { RunningLevel } from './running-level.ts';
import type { VerdictKind } from './verdict.ts';

/** Distance in scales that is an anomaly when two of three windows reach it, on the same side. */
const threshold = 5;
/** One window alone has to reach this much more. */
const aloneFactor = 1.25;
/** An incident lasts until the distance falls below this share of the threshold. */
const recoveryShare = 0.5;
/** Windows before the first verdict that is not `learning`. */
const learningWindows = 20;
/** The scale is at least this share of the level: smaller changes are no news, however calm the series was. */
const relativeFloor = 0.15;
/** Of whole numbers the scale is at least so many times what chance gives: requests come in clumps. */
const poissonFloor = 3;
/** Each incident asks a tenth more of the next; half of that is gone after 3,000 windows. */
const fatigue = { growth: 1.1, halfLifeWindows: 3000, sameIncidentWindows: 0 };
/** A burst has to reach this share of what earlier bursts reached: a series that bursts is told by its greater bursts. */
const peakShare = 0.3;
/** Weight of the latest burst in what is remembered of them. */
const peakWeight = 0.3;
/** Windows after which half of that memory is gone. */
const peakHalfLifeWindows = 1000;
/** Windows after which a level that stays is the new usual. */
const acceptAfterWindows = 240;
/** Weight of a window in the level that an incident shows, once it has lasted. */
const incidentWeight = 0.3;
const consideredWindows = 3;
const neededWindows = 2;

/** A closed window and its value. */
export interface LevelWindow extends Span {
  readonly value: number;
}

/** What is said of one window. */
export interface LevelVerdict {
  readonly kind: VerdictKind;
  /** Usual value at that time, and the scale that distances are divided by; `null` before the second window. */
  readonly centre: number | null;
  readonly scale: number | null;
  /** `(value - centre) / scale`; 0 while learning. */
  readonly z: number;
  /** How unusual, 0..1; 0.5 is the threshold for windows that do not stand alone. */
  readonly score: number;
}

interface Estimate {
  readonly centre: number;
  readonly scale: number;
  readonly z: number;
}

/** Judges the windows of one series in order. Its state is some 300 numbers. */
export class LevelDetector {
  readonly #level = new RunningLevel();
  readonly #profile = new HourProfile();
  /** What is left of the value when the hour's usual one is taken away. */
  readonly #rest = new RunningLevel();
  readonly #extremes = new DailyExtremes();
  readonly #fatigue = new Fatigue(fatigue);
  #isCount = true;
  #isOpen = false;
  /** Sides (-1, 0, 1) on which the last windows were out. */
  #sides: number[] = [];
  #usualPeak = 0;
  #peak = 0;
  #outWindows = 0;
  #outLevel = 0;

  /** The verdict on the next window, which then becomes part of the past, or of the open incident. */
  judge(window: LevelWindow): LevelVerdict {
    const { value } = window;
    this.#isCount &&= Number.isInteger(value) && value >= 0;
    const expected = this.#profile.expected(window);
    const estimate = this.#estimate(value, expected);
    const strength = this.#strength(window, estimate);
    this.#extremes.add(window, value);
    if (this.#level.count < learningWindows) return this.#begin(window, estimate);
    const side = strength >= 1 ? Math.sign(estimate.z) : 0;
    const isAnomaly = this.#decide(side, strength);
    this.#remember(window, estimate, side, expected);
    return { kind: isAnomaly ? 'anomaly' : 'normal', ...estimate, score: strength / (1 + strength) };
  }

  #begin(window: LevelWindow, { centre, scale }: Estimate): LevelVerdict {
    const isFirst = this.#level.count === 0;
    this.#learn(window, null);
    return { kind: 'learning', centre: isFirst ? null : centre, scale: isFirst ? null : scale, z: 0, score: 0 };
  }

  /** The nearer of the two: a value is unusual only if it is so for its level and for its hour, and on the same side. */
  #estimate(value: number, expected: number | null): Estimate {
    const byLevel = this.#distance(value, this.#level.mean, this.#level.scale);
    if (expected === null || this.#rest.count < learningWindows) return byLevel;
    const byHour = this.#distance(value, expected + this.#rest.mean, this.#rest.scale);
    if (Math.sign(byHour.z) !== Math.sign(byLevel.z)) return { ...byHour, z: 0 };
    return Math.abs(byHour.z) < Math.abs(byLevel.z) ? byHour : byLevel;
  }

  #distance(value: number, centre: number, ownScale: number): Estimate {
    const scale = Math.max(ownScale, this.#floor(centre));
    return { centre, scale, z: (value - centre) / scale };
  }

  #floor(centre: number): number {
    const size = Math.abs(centre);
    const chance = this.#isCount ? poissonFloor * Math.max(1, Math.sqrt(size)) : 0;
    // A series that is 0 throughout has no scale at all: the least positive one keeps z finite.
    return Math.max(relativeFloor * size, chance, 1e-9);
  }

  /** Distance as a multiple of what is needed. Outside an incident what came before, as a burst or by the hour, is nothing. */
  #strength(window: LevelWindow, { centre, z }: Estimate): number {
    if (this.#isOpen) return Math.abs(z) / (threshold * this.#fatigue.factor * recoveryShare);
    const isKnown =
      Math.abs(window.value - centre) < peakShare * this.#usualPeak ||
      this.#extremes.isOrdinary(window, window.value, centre);
    return isKnown ? 0 : Math.abs(z) / (threshold * this.#fatigue.factor);
  }

  #decide(side: number, strength: number): boolean {
    this.#sides = [...this.#sides, side].slice(-consideredWindows);
    const out = this.#sides.filter((one) => one === side).length;
    const isAnomaly = side !== 0 && (this.#isOpen || out >= neededWindows || strength >= aloneFactor);
    if (isAnomaly && !this.#isOpen) this.#fatigue.begin();
    this.#fatigue.pass(!isAnomaly);
    this.#isOpen = isAnomaly;
    return isAnomaly;
  }

  /** Windows that are out stay out of the past, until a level that stays is accepted. */
  #remember(window: LevelWindow, estimate: Estimate, side: number, expected: number | null): void {
    const { value } = window;
    this.#rememberPeak(side, Math.abs(value - estimate.centre));
    if (side === 0) {
      this.#outWindows = 0;
    } else {
      this.#outWindows += 1;
      const weight = Math.max(incidentWeight, 1 / this.#outWindows);
      this.#outLevel = this.#outWindows === 1 ? value : this.#outLevel + weight * (value - this.#outLevel);
      if (this.#outWindows < acceptAfterWindows) return;
      this.#accept(expected);
    }
    this.#learn(window, expected);
  }

  #rememberPeak(side: number, distance: number): void {
    this.#usualPeak *= 0.5 ** (1 / peakHalfLifeWindows);
    if (side !== 0) {
      this.#peak = Math.max(this.#peak, distance);
    } else if (this.#peak > 0) {
      this.#usualPeak += peakWeight * (this.#peak - this.#usualPeak);
      this.#peak = 0;
    }
  }

  #accept(expected: number | null): void {
    this.#level.moveTo(this.#outLevel);
    if (expected !== null) this.#rest.moveTo(this.#outLevel - expected);
    this.#outWindows = 0;
    this.#isOpen = false;
    this.#sides = [];
  }

  #learn(window: LevelWindow, expected: number | null): void {
    const { value } = window;
    this.#level.add(value, this.#floor(this.#level.mean));
    if (expected !== null) this.#rest.add(value - expected, this.#floor(expected));
    this.#profile.add(window, value);
  }
}
