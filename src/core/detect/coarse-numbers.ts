// Many numbers in little room: the seasonal memory of thousands of series. Part of the state of detectors.

/** The greatest number that 16 bits hold; all bits above it say "infinite" or "not known". */
const greatest = 3.3895313892515355e38;
const unknownBits = 0x7fc0;
const floats = new Float32Array(1);
const floatBits = new Uint32Array(floats.buffer);

/**
 * A row of numbers, each in 16 bits: the upper half of a Float32, so within 0.4 % and up to 3.4e38; what is greater is kept as that.
 * `NaN` marks what is not known, and is everywhere in the beginning.
 */
export class CoarseNumbers {
  readonly #bits: Uint16Array;

  constructor(length: number) {
    this.#bits = new Uint16Array(length).fill(unknownBits);
  }

  /** The number at `index`; `NaN` where it is not known. */
  at(index: number): number {
    floatBits[0] = (this.#bits[index] ?? unknownBits) << 16;
    return floats[0] as number;
  }

  set(index: number, value: number): void {
    if (Number.isNaN(value)) {
      this.#bits[index] = unknownBits;
      return;
    }
    floats[0] = Math.max(-greatest, Math.min(greatest, value));
    // Half of the last digit kept is added, so that the cut rounds.
    this.#bits[index] = Math.min((floatBits[0] as number) + 0x8000, 0xffff_ffff) >>> 16;
  }

  /** Forgets the numbers from `from` up to `to`, without it. */
  forget(from: number, to: number): void {
    this.#bits.fill(unknownBits, from, to);
  }

  /** Text for snapshots; empty where nothing is known. */
  encode(): string {
    if (this.#bits.every((bits) => bits === unknownBits)) return '';
    const bytes = new Uint8Array(2 * this.#bits.length);
    this.#bits.forEach((bits, i) => {
      bytes[2 * i] = bits & 0xff;
      bytes[2 * i + 1] = bits >>> 8;
    });
    return Buffer.from(bytes).toString('base64');
  }

  /** The row of such a text. Throws when it is none of that length. */
  static decode(length: number, text: string): CoarseNumbers {
    const numbers = new CoarseNumbers(length);
    if (text === '') return numbers;
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length !== 2 * length) throw new Error(`a row of ${length} numbers of the snapshot is malformed`);
    for (let i = 0; i < length; i += 1) numbers.#bits[i] = bytes.readUInt16LE(2 * i);
    return numbers;
  }
}
