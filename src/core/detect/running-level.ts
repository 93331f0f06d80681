// Mean and scale of a series in a handful of numbers: each value is clamped before it enters, older ones fade.

/** A value further than this many scales from the mean enters as if it were at that distance. */
const clampScales = 2.5;
/** The first values enter as they are: before them there is no scale to clamp by. */
const freeValues = 8;
/** Weights of a new value in the two scales; the greater counts. A calm hour must not make the next ordinary one look wild. */
const scaleWeights = [1 / 100, 1 / 1000] as const;

/** State of a level as plain JSON: values taken, mean, short and long variance. */
export type RunningLevelSnapshot = readonly [count: number, mean: number, short: number, long: number];

/** Winsorised, exponentially weighted mean and standard deviation; plain averages while young. */
export class RunningLevel {
  readonly #meanWeight: number;
  #count = 0;
  #mean = 0;
  #shortVariance = 0;
  #longVariance = 0;

  /** `memoryValues`: how many values the mean is made of, in the main; a new one has the weight of one in so many. */
  constructor(memoryValues: number, snapshot: RunningLevelSnapshot = [0, 0, 0, 0]) {
    this.#meanWeight = 1 / memoryValues;
    [this.#count, this.#mean, this.#shortVariance, this.#longVariance] = snapshot;
  }

  /** Values taken so far. */
  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  /** Standard deviation about the mean, the greater of a short and a long memory; 0 or more, in the unit of the values. */
  get scale(): number {
    return Math.sqrt(Math.max(this.#shortVariance, this.#longVariance));
  }

  /** Takes the next value; `floor` is the least scale to clamp by. */
  add(value: number, floor: number): void {
    this.#count += 1;
    if (this.#count === 1) {
      this.#mean = value;
      return;
    }
    const bound = this.#count > freeValues ? clampScales * Math.max(this.scale, floor) : Number.POSITIVE_INFINITY;
    const distance = Math.max(-bound, Math.min(bound, value - this.#mean));
    const youngWeight = 1 / this.#count;
    this.#mean += Math.max(this.#meanWeight, youngWeight) * distance;
    const square = distance * distance;
    this.#shortVariance += Math.max(scaleWeights[0], youngWeight) * (square - this.#shortVariance);
    this.#longVariance += Math.max(scaleWeights[1], youngWeight) * (square - this.#longVariance);
  }

  /** Moves the mean to a level that was accepted; the scale stays. */
  moveTo(mean: number): void {
    this.#mean = mean;
  }

  /** Plain JSON; the constructor takes it. */
  snapshot(): RunningLevelSnapshot {
    return [this.#count, this.#mean, this.#shortVariance, this.#longVariance];
  }
}
