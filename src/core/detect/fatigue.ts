// A series that alerts often has to show more each time: what comes back every few minutes is how that series is.

/** How fatigue grows and goes; all in windows. */
export interface FatigueSettings {
  /** Windows after which half of it is gone. */
  readonly halfLifeWindows: number;
  /** An incident that begins within so many windows after the last is the same one, and tires nobody anew. */
  readonly sameIncidentWindows: number;
  /** Each recent incident multiplies thresholds by this; more than 1. */
  readonly growth: number;
}

/** State of a fatigue as plain JSON. */
export interface FatigueSnapshot {
  readonly level: number;
  readonly calmWindows: number;
}

/** Fatigue is halved in this many lengths of a baseline: what comes back several times a day is heard of once or twice. */
export const fatigueHalfLifeBaselines = 12;

/** Fatigue of a series with a baseline of so many windows. */
export function baselineFatigue(
  baselineWindows: number,
  settings: Pick<FatigueSettings, 'sameIncidentWindows' | 'growth'>,
): FatigueSettings {
  return { ...settings, halfLifeWindows: fatigueHalfLifeBaselines * baselineWindows };
}

/** Thresholds grow up to this factor: what breaks half of the requests is far beyond it on any series. */
const maxFactor = 4;
/** Less than this is none; after one incident that takes two half-lives. */
const forgottenLevel = 0.25;

/** Counts recent incidents of one series; older ones weigh less. */
export class Fatigue {
  readonly #settings: FatigueSettings;
  #level = 0;
  #calmWindows: number;

  constructor(settings: FatigueSettings, snapshot?: FatigueSnapshot) {
    this.#settings = settings;
    this.#level = snapshot?.level ?? 0;
    this.#calmWindows = snapshot?.calmWindows ?? settings.sameIncidentWindows;
  }

  /** What the threshold is multiplied with, 1 to 4. */
  get factor(): number {
    return Math.min(maxFactor, this.#settings.growth ** this.#level);
  }

  /** Whether no incident is remembered. */
  get isRested(): boolean {
    return this.#level === 0 && this.#calmWindows >= this.#settings.sameIncidentWindows;
  }

  /** Another window has passed, without an incident (`isCalm`) or within one. */
  pass(isCalm: boolean): void {
    if (this.#level > 0) {
      this.#level *= 0.5 ** (1 / this.#settings.halfLifeWindows);
      if (this.#level < forgottenLevel) this.#level = 0;
    }
    this.#calmWindows = isCalm ? Math.min(this.#calmWindows + 1, this.#settings.sameIncidentWindows) : 0;
  }

  /** An incident begins with the window that passes next. */
  begin(): void {
    if (this.#calmWindows >= this.#settings.sameIncidentWindows) this.#level += 1;
  }

  /** What was an incident is accepted as usual: nothing of it is held against the series. */
  reset(): void {
    this.#level = 0;
    this.#calmWindows = this.#settings.sameIncidentWindows;
  }

  /** Plain JSON; `null` where there is nothing to remember. */
  snapshot(): FatigueSnapshot | null {
    return this.isRested ? null : { level: this.#level, calmWindows: this.#calmWindows };
  }
}
