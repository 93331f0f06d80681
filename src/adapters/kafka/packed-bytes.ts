// What unpacking snappy and lz4 has in common: packed bytes, read within their bounds, and unpacked ones, written within
// theirs. Both throw on the first step outside: the bytes come from outside.

/** Reads forward through a part of packed bytes. */
export class PackedBytes {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    return this.#bytes[this.skip(1)] as number;
  }

  /** A number of 1 to 4 bytes, little-endian. */
  number(bytes: number): number {
    const start = this.skip(bytes);
    let value = 0;
    for (let i = bytes - 1; i >= 0; i -= 1) value = value * 256 + (this.#bytes[start + i] as number);
    return value;
  }

  /** The next bytes, as a part that is read by itself. */
  part(length: number): PackedBytes {
    const start = this.skip(length);
    return new PackedBytes(this.#bytes, start, start + length);
  }

  /** Whether these bytes come next. */
  startsWith(bytes: Buffer): boolean {
    return this.left >= bytes.length && bytes.compare(this.#bytes, this.#at, this.#at + bytes.length) === 0;
  }

  /** Goes on behind the next bytes; the position at which they start. */
  skip(length: number): number {
    if (length > this.left) throw new Error(`cut off: ${length} bytes expected, ${this.left} left`);
    const start = this.#at;
    this.#at += length;
    return start;
  }

  /** Writes the next bytes out. */
  moveTo(output: UnpackedBytes, length: number): void {
    output.append(this.#bytes, this.skip(length), length);
  }
}

// Below this many bytes a loop is quicker than a call.
const shortLength = 32;

/** Bytes that are unpacked so far: grows as they come, to `maxBytes` at the most. */
export class UnpackedBytes {
  readonly #maxBytes: number;
  #bytes: Buffer;
  length = 0;

  constructor(maxBytes: number, expectedBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = Buffer.allocUnsafe(Math.min(maxBytes, expectedBytes));
  }

  append(from: Buffer, start: number, length: number): void {
    this.reserve(length);
    if (length >= shortLength) from.copy(this.#bytes, this.length, start, start + length);
    else for (let i = 0; i < length; i += 1) this.#bytes[this.length + i] = from[start + i] as number;
    this.length += length;
  }

  /** Repeats `length` bytes from `distance` back, which may reach into the bytes that it writes, but not before `base`. */
  repeat(distance: number, length: number, base: number): void {
    const start = this.length - distance;
    if (distance === 0 || start < base)
      throw new Error(`broken: ${distance} bytes back from byte ${this.length - base}`);
    this.reserve(length);
    const bytes = this.#bytes;
    const end = this.length + length;
    if (length >= shortLength && distance >= length) bytes.copyWithin(this.length, start, start + length);
    else for (let at = this.length; at < end; at += 1) bytes[at] = bytes[at - distance] as number;
    this.length = end;
  }

  /** Makes room for more bytes; throws where there would be too many. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed > this.#maxBytes) throw new Error(`unpacks to more than ${this.#maxBytes} bytes`);
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.min(this.#maxBytes, Math.max(needed, 2 * this.#bytes.length)));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }

  /** All of it. */
  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }
}
