// Mean and scale of a series in a handful of numbers: each value is clamped before it enters, older ones fade.

/** A value further than this many scales from the mean enters as if it were at that distance. */
const clampScales = 2.5;
/** The first values enter as they are: before them there is no scale to clamp by. */
const freeValues = 8;
/** Weight of a new value in the mean: it follows over half a day of minutes, or a month of hours. */
const meanWeight = 1 / 720;
/** Weights of a new value in the two scales; the greater counts. A calm hour must not make the next ordinary one look wild. */
const scaleWeights = [1 / 100, 1 / 1000] as const;

/** Winsorised, exponentially weighted mean and standard deviation; plain averages while young. */
export class RunningLevel {
  #count = 0;
  #mean = 0;
  readonly #variances: [number, number] = [0, 0];

  /** Values taken so far. */
  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  /** Standard deviation about the mean, the greater of a short and a long memory; 0 or more, in the unit of the values. */
  get scale(): number {
    return Math.sqrt(Math.max(...this.#variances));
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
    this.#mean += Math.max(meanWeight, youngWeight) * distance;
    scaleWeights.forEach((weight, i) => {
      const variance = this.#variances[i] as number;
      this.#variances[i] = variance + Math.max(weight, youngWeight) * (distance * distance - variance);
    });
  }

  /** Moves the mean to a level that was accepted; the scale stays. */
  moveTo(mean: number): void {
    this.#mean = mean;
  }
}
