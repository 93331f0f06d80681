// Numbers and texts packed into bytes, and read back: what blocks of counts are written with.

/** Bytes that grow. A number takes a byte for each seven bits. */
export class PackedWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends a whole number of 0 up to the greatest safe integer. */
  writeCount(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest % 0x80) + 0x80;
      this.#length += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  /** Appends a whole number that may be below 0. */
  writeSigned(value: number): void {
    this.writeCount(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Appends well-formed text. */
  writeText(text: string): void {
    const length = Buffer.byteLength(text);
    this.writeCount(length);
    this.#reserve(length);
    this.#bytes.write(text, this.#length);
    this.#length += length;
  }

  /** Appends bytes as they are, without their length. */
  writeBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written; shares the writer's memory. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** What bytes are not what they were said to be. Thrown while they are read, and caught by who knows their name. */
export class MalformedBytes extends Error {}

/** Reads what a `PackedWriter` wrote. Throws `MalformedBytes` where there is something else. */
export class PackedReader {
  readonly #bytes: Buffer;
  /** Where the next number or text begins. */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** A whole number of 0 or more. */
  readCount(): number {
    const first = this.#bytes[this.at];
    this.at += 1;
    if (first === undefined) throw new MalformedBytes('the bytes end early');
    return first < 0x80 ? first : this.#readLong(first - 0x80);
  }

  #readLong(low: number): number {
    let value = low;
    for (let factor = 0x80; ; factor *= 0x80) {
      const byte = this.#bytes[this.at];
      this.at += 1;
      if (byte === undefined) throw new MalformedBytes('the bytes end early');
      value += (byte % 0x80) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new MalformedBytes('a number is too great');
      if (byte < 0x80) return value;
    }
  }

  /** A whole number that may be below 0. */
  readSigned(): number {
    const value = this.readCount();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A number of things that take a byte each at least, so that a wrong number ends at once. */
  readLength(): number {
    const length = this.readCount();
    if (length > this.#bytes.length - this.at) throw new MalformedBytes('a length goes beyond the end');
    return length;
  }

  readText(): string {
    const length = this.readLength();
    this.at += length;
    return this.#bytes.toString('utf8', this.at - length, this.at);
  }

  /** Goes past bytes, and gives where they began. */
  skip(length: number): number {
    const from = this.at;
    if (length > this.#bytes.length - from) throw new MalformedBytes('a length goes beyond the end');
    this.at += length;
    return from;
  }
}
