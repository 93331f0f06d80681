// Means and scales of a series in a handful of numbers: each value is clamped before it enters, older ones fade. What a detector follows at
// once (its level, what is left of it, its noise) lies in one row of numbers: there are thousands of series.

/** A value further than this many scales from the mean enters as if it were at that distance. */
const clampScales = 2.5;
/** The first values enter as they are: before them there is no scale to clamp by. */
const freeValues = 8;
/** Weights of a new value in the two scales; the greater counts. A calm hour must not make the next ordinary one look wild. */
const scaleWeights = [1 / 100, 1 / 1000] as const;
/** Numbers of one level, as in its snapshot. */
const numbersOfOne = 4;

/** State of a level as plain JSON: values taken, mean, short and long variance. */
export type RunningLevelSnapshot = readonly [count: number, mean: number, short: number, long: number];

/** Winsorised, exponentially weighted means and standard deviations; plain averages while young. */
export class RunningLevels {
  /** How many values each mean is made of, in the main; a new one has the weight of one in so many. Shared by many series. */
  readonly #memory: readonly number[];
  readonly #numbers: number[];

  /** A level for each entry of `memory`; those without a snapshot have taken no value yet. */
  constructor(memory: readonly number[], snapshots: readonly (RunningLevelSnapshot | undefined)[] = []) {
    this.#memory = memory;
    this.#numbers = new Array<number>(numbersOfOne * memory.length).fill(0);
    for (const [level, snapshot = []] of snapshots.entries()) {
      for (const [i, number] of snapshot.entries()) this.#numbers[numbersOfOne * level + i] = number;
    }
  }

  /** Values taken so far. */
  count(level: number): number {
    return this.#numbers[numbersOfOne * level] as number;
  }

  mean(level: number): number {
    return this.#numbers[numbersOfOne * level + 1] as number;
  }

  /** Standard deviation about the mean, the greater of a short and a long memory; 0 or more, in the unit of the values. */
  scale(level: number): number {
    const at = numbersOfOne * level;
    return Math.sqrt(Math.max(this.#numbers[at + 2] as number, this.#numbers[at + 3] as number));
  }

  /** Takes the next value; `floor` is the least scale to clamp by. */
  add(level: number, value: number, floor: number): void {
    const at = numbersOfOne * level;
    const numbers = this.#numbers;
    const count = (numbers[at] as number) + 1;
    numbers[at] = count;
    if (count === 1) {
      numbers[at + 1] = value;
      return;
    }
    const mean = numbers[at + 1] as number;
    const bound = count > freeValues ? clampScales * Math.max(this.scale(level), floor) : Number.POSITIVE_INFINITY;
    const distance = Math.max(-bound, Math.min(bound, value - mean));
    const youngWeight = 1 / count;
    numbers[at + 1] = mean + Math.max(1 / (this.#memory[level] as number), youngWeight) * distance;
    const square = distance * distance;
    const short = numbers[at + 2] as number;
    const long = numbers[at + 3] as number;
    numbers[at + 2] = short + Math.max(scaleWeights[0], youngWeight) * (square - short);
    numbers[at + 3] = long + Math.max(scaleWeights[1], youngWeight) * (square - long);
  }

  /** Moves the mean to a level that was accepted; the scale stays. */
  moveTo(level: number, mean: number): void {
    this.#numbers[numbersOfOne * level + 1] = mean;
  }

  /** Plain JSON; the constructor takes it. */
  snapshot(level: number): RunningLevelSnapshot {
    const at = numbersOfOne * level;
    const [count = 0, mean = 0, short = 0, long = 0] = this.#numbers.slice(at, at + numbersOfOne);
    return [count, mean, short, long];
  }
}
