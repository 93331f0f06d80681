// Finds rises and falls of a value that has no exposure (a gauge, a total, a quantile) against its own level and its hour. The engine of
// `flagwatch detect` and of latency. Settings count in windows; it never looks ahead.
import type { LocalTime } from '#core/clock/local-time.ts';
import { Fatigue, type FatigueSnapshot } from './fatigue.ts';
import { oncePer } from './once-per.ts';
import { RunningLevels } from './running-levels.ts';
import type { Estimate, LevelWindow, SeasonalLevelSettings, SeasonalLevelSnapshot } from './seasonal-level.ts';
import { SeasonalLevel } from './seasonal-level.ts';
import type { VerdictKind } from './verdict.ts';

/** What decides; lengths in windows. */
export interface LevelSettings {
  /** Distance in scales that is an anomaly when two of three windows reach it, on the same side. */
  readonly z: number;
  /** Whether falls are looked for beside rises. */
  readonly findsFalls: boolean;
  /** Windows that the running level is made of, in the main. */
  readonly memoryWindows: number;
  /** Windows before the first verdict that is not `learning`. */
  readonly learningWindows: number;
  /** The least scale at a centre, more than 0. `isCount`: only whole numbers of 0 or more were seen. */
  readonly floor: (centre: number, isCount: boolean) => number;
  /** Windows after which a level that stays is the new usual. */
  readonly acceptAfterWindows: number;
  /** Half-life of fatigue. */
  readonly fatigueHalfLifeWindows: number;
  /** Windows that a value has to last, on the mean, to be remembered as reached at its hour: single ones make no habit of a noisy series. */
  readonly habitWindows: number;
}

/** One window alone has to reach this much more. */
const aloneFactor = 1.2;
/** An incident lasts until the distance falls below this share of the threshold. */
export const recoveryShare = 0.4;
/** Each incident asks an eighth more of the next. */
const fatigueGrowth = 1.12;
/** A burst has to reach this share of what earlier bursts reached: a series that bursts is told by its greater bursts. */
const peakShare = 0.3;
/** Weight of the latest burst in what is remembered of them. */
const peakWeight = 0.3;
/** Windows after which half of that memory is gone. */
const peakHalfLifeWindows = 1000;
/** Weight of a window in the level that an incident shows, once it has lasted. */
const incidentWeight = 0.3;
const consideredWindows = 3;
const neededWindows = 2;

const derivedOf = oncePer((settings: LevelSettings) => {
  const { memoryWindows, learningWindows, findsFalls, floor, fatigueHalfLifeWindows: halfLifeWindows } = settings;
  const seasonal: SeasonalLevelSettings = {
    learningWindows,
    seasonFrom: 0,
    sides: findsFalls ? 'both' : 'rises',
    floor,
  };
  const fatigue = { growth: fatigueGrowth, halfLifeWindows, sameIncidentWindows: 0 };
  return { seasonal, memory: [memoryWindows, memoryWindows], fatigue };
});

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
  /** The distance in scales that this window had to reach, fatigue and hysteresis included. */
  readonly threshold: number;
  /** Whether a level that stayed was accepted with this window as the usual one. */
  readonly isAccepted: boolean;
}

/** State of a detector as plain JSON. */
export interface LevelSnapshot {
  readonly version: 1;
  readonly usual: SeasonalLevelSnapshot;
  readonly fatigue: FatigueSnapshot | null;
  readonly isCount: boolean;
  readonly isOpen: boolean;
  readonly sides: readonly number[];
  readonly latest: readonly number[];
  /** Usual peak, running peak, windows out, their level. */
  readonly out: readonly [usualPeak: number, peak: number, windows: number, level: number];
}

/** Judges the windows of one series in order. */
export class LevelDetector {
  readonly #settings: LevelSettings;
  readonly #usual: SeasonalLevel;
  readonly #fatigue: Fatigue;
  #isOpen = false;
  /** The last values, for what is a habit of the series. */
  #latest: readonly number[] = [];
  /** Sides (-1, 0, 1) on which the last windows were out. */
  #sides: readonly number[] = [];
  #usualPeak = 0;
  #peak = 0;
  #outWindows = 0;
  #outLevel = 0;

  constructor(settings: LevelSettings, localTime: LocalTime, snapshot?: LevelSnapshot) {
    const { seasonal, memory, fatigue } = derivedOf(settings);
    const { usual } = snapshot ?? {};
    this.#settings = settings;
    this.#usual = new SeasonalLevel(seasonal, localTime, new RunningLevels(memory, [usual?.level, usual?.rest]), usual);
    this.#fatigue = new Fatigue(fatigue, snapshot?.fatigue ?? undefined);
    if (snapshot === undefined) return;
    this.#usual.isCount = snapshot.isCount;
    this.#isOpen = snapshot.isOpen;
    this.#sides = snapshot.sides;
    this.#latest = snapshot.latest;
    [this.#usualPeak, this.#peak, this.#outWindows, this.#outLevel] = snapshot.out;
  }

  /** Whether an incident is going on. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Windows learned so far. */
  get count(): number {
    return this.#usual.count;
  }

  /** Where the next window lies. Changes nothing. */
  estimate(window: LevelWindow): Estimate {
    return this.#usual.estimate(window);
  }

  /**
   * The verdict on the next window, which then becomes part of the past, or of the open incident. `mayBeOut`: whether it could be out at
   * all, by other conditions than the distance.
   */
  judge(window: LevelWindow, mayBeOut = true): LevelVerdict {
    const { value } = window;
    this.#usual.isCount &&= Number.isInteger(value) && value >= 0;
    const estimate = this.#usual.estimate(window);
    const strength = this.#strength(window, estimate, mayBeOut);
    this.#observe(window);
    if (this.#usual.count < this.#settings.learningWindows) return this.#begin(window, estimate);
    const threshold = this.#threshold;
    const side = strength >= 1 ? Math.sign(estimate.z) : 0;
    const isAnomaly = this.#decide(side, strength);
    const isAccepted = this.#remember(window, estimate, side);
    const score = strength / (1 + strength);
    return { kind: isAnomaly ? 'anomaly' : 'normal', ...estimate, score, threshold, isAccepted };
  }

  #observe(window: LevelWindow): void {
    this.#latest = [...this.#latest, window.value].slice(-this.#settings.habitWindows);
    const value = this.#latest.reduce((sum, one) => sum + one, 0) / this.#latest.length;
    this.#usual.observe({ ...window, value });
  }

  /** Ends an incident of which nothing more was heard. */
  close(): void {
    this.#isOpen = false;
    this.#sides = [];
    this.#outWindows = 0;
  }

  get #threshold(): number {
    return this.#settings.z * this.#fatigue.factor * (this.#isOpen ? recoveryShare : 1);
  }

  #begin(window: LevelWindow, { centre, scale }: Estimate): LevelVerdict {
    const isFirst = this.#usual.count === 0;
    this.#usual.learn(window);
    const numbers = { centre: isFirst ? null : centre, scale: isFirst ? null : scale, z: 0, score: 0 };
    return { kind: 'learning', ...numbers, threshold: this.#threshold, isAccepted: false };
  }

  /** Distance as a multiple of what is needed. Outside an incident what came before, as a burst or by the hour, is nothing. */
  #strength(window: LevelWindow, estimate: Estimate, mayBeOut: boolean): number {
    const { centre, z } = estimate;
    if ((z < 0 && !this.#settings.findsFalls) || !mayBeOut) return 0;
    const strength = Math.abs(z) / this.#threshold;
    if (this.#isOpen) return strength;
    const isKnown =
      Math.abs(window.value - centre) < peakShare * this.#usualPeak || this.#usual.isOrdinary(window, centre);
    return isKnown ? 0 : strength;
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

  /** Windows that are out stay out of the past, until a level that stays is accepted: then `true`. */
  #remember(window: LevelWindow, { centre }: Estimate, side: number): boolean {
    const { value } = window;
    this.#rememberPeak(side, Math.abs(value - centre));
    let isAccepted = false;
    if (side === 0) {
      this.#outWindows = 0;
    } else {
      this.#outWindows += 1;
      const weight = Math.max(incidentWeight, 1 / this.#outWindows);
      this.#outLevel = this.#outWindows === 1 ? value : this.#outLevel + weight * (value - this.#outLevel);
      if (this.#outWindows < this.#settings.acceptAfterWindows) return false;
      this.#usual.accept(this.#outLevel, window);
      this.close();
      isAccepted = true;
    }
    this.#usual.learn(window);
    return isAccepted;
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

  /** Plain JSON; the constructor takes it, with the same settings. */
  snapshot(): LevelSnapshot {
    return {
      version: 1,
      usual: this.#usual.snapshot(),
      fatigue: this.#fatigue.snapshot(),
      isCount: this.#usual.isCount,
      isOpen: this.#isOpen,
      sides: this.#sides,
      latest: this.#latest,
      out: [this.#usualPeak, this.#peak, this.#outWindows, this.#outLevel],
    };
  }
}
