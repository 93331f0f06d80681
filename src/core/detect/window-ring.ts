// The last closed windows of one series, oldest first: what a baseline is made of. Bounded by its capacity.

/** Numbers of one window: lines selected, and all lines of the same edges. Whole numbers below 2^32. */
export interface WindowNumbers {
  readonly count: number;
  readonly requestCount: number;
}

/** Numbers of 1, 2 or 4 bytes each: as narrow as what a series has had so far. Most counts stay below 256, most requests below 65,536. */
type Narrow = Uint8Array | Uint16Array | Uint32Array;

/** The same numbers with room for `value`. */
function withRoomFor(value: number, numbers: Narrow): Narrow {
  if (value < 2 ** (8 * numbers.BYTES_PER_ELEMENT)) return numbers;
  return value < 65_536 ? Uint16Array.from(numbers) : Uint32Array.from(numbers);
}

/** A ring of `capacity` windows with its sums; whole numbers, so that the sums never drift. Some 1.1 KB with 360 windows. */
export class WindowRing {
  readonly capacity: number;
  #counts: Narrow;
  #requestCounts: Narrow;
  #next = 0;
  #length = 0;
  #countSum = 0;
  #requestCountSum = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#counts = new Uint8Array(capacity);
    this.#requestCounts = new Uint8Array(capacity);
  }

  /** Windows held, 0..capacity. */
  get length(): number {
    return this.#length;
  }

  /** Sum of the counts held. */
  get countSum(): number {
    return this.#countSum;
  }

  /** Sum of the requests held. */
  get requestCountSum(): number {
    return this.#requestCountSum;
  }

  /** Adds the newest window; the oldest leaves when the ring is full. */
  push(count: number, requestCount: number): void {
    const at = this.#next;
    if (this.#length === this.capacity) {
      this.#countSum -= this.#counts[at] ?? 0;
      this.#requestCountSum -= this.#requestCounts[at] ?? 0;
    } else {
      this.#length += 1;
    }
    this.#counts = withRoomFor(count, this.#counts);
    this.#requestCounts = withRoomFor(requestCount, this.#requestCounts);
    this.#counts[at] = count;
    this.#requestCounts[at] = requestCount;
    this.#countSum += count;
    this.#requestCountSum += requestCount;
    this.#next = at + 1 === this.capacity ? 0 : at + 1;
  }

  /** Adds to the window `back` windows ago, 1 being the newest; gives its numbers, or `null` where it has left the ring. */
  addTo(back: number, late: WindowNumbers): WindowNumbers | null {
    if (back < 1 || back > this.#length) return null;
    const at = this.#slot(this.#length - back);
    const count = (this.#counts[at] as number) + late.count;
    const requestCount = (this.#requestCounts[at] as number) + late.requestCount;
    this.#counts = withRoomFor(count, this.#counts);
    this.#requestCounts = withRoomFor(requestCount, this.#requestCounts);
    this.#counts[at] = count;
    this.#requestCounts[at] = requestCount;
    this.#countSum += late.count;
    this.#requestCountSum += late.requestCount;
    return { count, requestCount };
  }

  /** Lines selected in the window at `index`, 0 being the oldest. */
  countAt(index: number): number {
    return this.#counts[this.#slot(index)] ?? 0;
  }

  /** All lines in the window at `index`, 0 being the oldest. */
  requestCountAt(index: number): number {
    return this.#requestCounts[this.#slot(index)] ?? 0;
  }

  #slot(index: number): number {
    const at = this.#next - this.#length + index;
    return at < 0 ? at + this.capacity : at;
  }

  /**
   * Compact text for snapshots: windows oldest first, `count.requests`, numbers in base 36, a count of 0 left out, `*n` for
   * n equal windows in a row: `8m*3,5.9a` is three windows with 0 of 310 and one with 5 of 334.
   */
  encode(): string {
    const parts: string[] = [];
    for (let i = 0; i < this.#length; ) {
      const count = this.countAt(i);
      const requestCount = this.requestCountAt(i);
      let times = 1;
      while (
        i + times < this.#length &&
        this.countAt(i + times) === count &&
        this.requestCountAt(i + times) === requestCount
      ) {
        times += 1;
      }
      const head = count === 0 ? '' : `${count.toString(36)}.`;
      parts.push(`${head}${requestCount.toString(36)}${times === 1 ? '' : `*${times.toString(36)}`}`);
      i += times;
    }
    return parts.join(',');
  }

  /** The ring of such a text. Throws when it is none, or holds more than `capacity` windows. */
  static decode(capacity: number, text: string): WindowRing {
    const ring = new WindowRing(capacity);
    for (const part of text === '' ? [] : text.split(',')) {
      const match = /^(?:([0-9a-z]{1,7})\.)?([0-9a-z]{1,7})(?:\*([0-9a-z]{1,7}))?$/.exec(part);
      const times = Number.parseInt(match?.[3] ?? '1', 36);
      if (match === null || ring.length + times > capacity) throw new Error('a ring of the snapshot is malformed');
      const count = Number.parseInt(match[1] ?? '0', 36);
      const requestCount = Number.parseInt(match[2] ?? '0', 36);
      for (let i = 0; i < times; i += 1) ring.push(count, requestCount);
    }
    return ring;
  }
}
