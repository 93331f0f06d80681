// The way of the lines from the proxies to the topic: shippers flush every second or so, some are slow, a few lines come far too late,
// and a partition may stop for minutes. Gives each partition's lines in the order in which they arrive.
import type { SeededRandom } from './seeded-random.ts';

/** How far apart lines arrive that ended together. */
export interface Shipping {
  /** Most lines come within this time, in milliseconds. */
  readonly usualDelayMs: number;
  /** A slow line comes at most so late: it has to be less than the allowed lateness to be counted. */
  readonly slowDelayMs: number;
  readonly slowShare: number;
  /** Share of lines that come `farDelayMs` late, more than any allowed lateness. */
  readonly farShare: number;
  readonly farDelayMs: number;
}

/** Shuffled by up to 4 s, and 2 of 10,000 lines beyond: the allowed lateness is 5 s by default. */
export const usualShipping: Shipping = {
  usualDelayMs: 1200,
  slowDelayMs: 4000,
  slowShare: 0.05,
  farShare: 0.0002,
  farDelayMs: 45_000,
};

/** Lines arrive in the order of their ends. */
export const orderedShipping: Shipping = {
  usualDelayMs: 0,
  slowDelayMs: 0,
  slowShare: 0,
  farShare: 0,
  farDelayMs: 0,
};

interface WaitingLine {
  readonly arrivalAtMs: number;
  readonly render: () => string;
}

const bucketMs = 1000;

/** Lines on their way to one partition. */
export class ShippedLines {
  readonly #shipping: Shipping;
  readonly #random: SeededRandom;
  readonly #buckets = new Map<number, WaitingLine[]>();

  constructor(shipping: Shipping, random: SeededRandom) {
    this.#shipping = shipping;
    this.#random = random;
  }

  /** A line whose request ended at `endAtMs`. It is rendered when it arrives: until then the facts take a tenth of the memory. */
  add(endAtMs: number, render: () => string): void {
    const arrivalAtMs = endAtMs + this.#delayMs();
    const bucket = Math.floor(arrivalAtMs / bucketMs);
    const waiting = this.#buckets.get(bucket);
    if (waiting === undefined) this.#buckets.set(bucket, [{ arrivalAtMs, render }]);
    else waiting.push({ arrivalAtMs, render });
  }

  #delayMs(): number {
    const { usualDelayMs, slowDelayMs, slowShare, farShare, farDelayMs } = this.#shipping;
    const at = this.#random.next();
    if (at < farShare) return farDelayMs * (0.5 + this.#random.next());
    return this.#random.next() * (at < farShare + slowShare ? slowDelayMs : usualDelayMs);
  }

  /** All lines that arrive in the second that begins at `secondMs`, as bytes; `null` where there are none. */
  take(secondMs: number): Buffer | null {
    const bucket = Math.floor(secondMs / bucketMs);
    const lines = this.#buckets.get(bucket);
    if (lines === undefined) return null;
    this.#buckets.delete(bucket);
    lines.sort((a, b) => a.arrivalAtMs - b.arrivalAtMs);
    return Buffer.from(`${lines.map((line) => line.render()).join('\n')}\n`, 'latin1');
  }

  /** Seconds in which lines are still to arrive, in order. */
  waitingSeconds(): readonly number[] {
    return [...this.#buckets.keys()].sort((a, b) => a - b).map((bucket) => bucket * bucketMs);
  }
}
