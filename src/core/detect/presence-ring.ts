// Which of the last windows of a series had traffic: what absence is judged against. Part of the state of detectors.

/** One bit for each of the last `capacity` windows, oldest first. */
export class PresenceRing {
  readonly #capacity: number;
  readonly #bits: Uint8Array;
  #length = 0;
  #next = 0;
  #presentCount = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bits = new Uint8Array(Math.ceil(capacity / 8));
  }

  /** Windows held, 0..capacity. */
  get length(): number {
    return this.#length;
  }

  /** Those of them with traffic. */
  get presentCount(): number {
    return this.#presentCount;
  }

  /** Adds the newest window; the oldest leaves when the ring is full. */
  push(isPresent: boolean): void {
    const byte = this.#next >> 3;
    const mask = 1 << (this.#next & 7);
    const bits = this.#bits[byte] as number;
    if (this.#length === this.#capacity) this.#presentCount -= (bits & mask) === 0 ? 0 : 1;
    else this.#length += 1;
    this.#bits[byte] = isPresent ? bits | mask : bits & ~mask;
    if (isPresent) this.#presentCount += 1;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** There was traffic after all in the window `back` windows ago, 1 being the newest; nothing where it has left the ring. */
  markPresent(back: number): void {
    if (back < 1 || back > this.#length) return;
    const at = (this.#next - back + this.#capacity) % this.#capacity;
    const bits = this.#bits[at >> 3] as number;
    const mask = 1 << (at & 7);
    if ((bits & mask) !== 0) return;
    this.#bits[at >> 3] = bits | mask;
    this.#presentCount += 1;
  }

  /** For snapshots: runs of windows, oldest first, beginning with one without traffic: `3,10,1` is three without, ten with, one without. */
  encode(): string {
    const runs: number[] = [];
    let isPresent = false;
    let run = 0;
    for (let i = 0; i < this.#length; i += 1) {
      const at = (this.#next - this.#length + i + this.#capacity) % this.#capacity;
      const bit = ((this.#bits[at >> 3] as number) & (1 << (at & 7))) !== 0;
      if (bit !== isPresent) {
        runs.push(run);
        run = 0;
        isPresent = bit;
      }
      run += 1;
    }
    return [...runs, run].join(',');
  }

  /** The ring of such a text. Throws when it is none, or holds more than `capacity` windows. */
  static decode(capacity: number, text: string): PresenceRing {
    const ring = new PresenceRing(capacity);
    for (const [i, part] of text.split(',').entries()) {
      const run = Number(part);
      if (!Number.isInteger(run) || run < 0 || ring.length + run > capacity) {
        throw new Error('a ring of the snapshot is malformed');
      }
      for (let k = 0; k < run; k += 1) ring.push(i % 2 === 1);
    }
    return ring;
  }
}
