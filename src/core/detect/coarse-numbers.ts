// Many numbers in little room: the seasonal memory of thousands of series. Part of the state of detectors.

/** The greatest number that 16 bits hold; all bits above it say "infinite" or "not known". */
const greatest = 3.3895313892515355e38;
/** What stands for a number that is not known. */
export const unknownBits = 0x7fc0;
const floats = new Float32Array(1);
const floatBits = new Uint32Array(floats.buffer);

/** The 16 bits of a number: the upper half of a Float32, so within 0.4 % and up to 3.4e38; what is greater is kept as that. */
export function toCoarse(value: number): number {
  if (Number.isNaN(value)) return unknownBits;
  floats[0] = Math.max(-greatest, Math.min(greatest, value));
  // Half of the last digit kept is added, so that the cut rounds.
  return Math.min((floatBits[0] as number) + 0x8000, 0xffff_ffff) >>> 16;
}

/** The number of such bits; `NaN` where it is not known. */
export function fromCoarse(bits: number): number {
  floatBits[0] = bits << 16;
  return floats[0] as number;
}

/** Text of a row of numbers, for snapshots; empty where none is known. */
export function encodeCoarse(row: Uint16Array): string {
  if (row.every((bits) => bits === unknownBits)) return '';
  const bytes = new Uint8Array(2 * row.length);
  row.forEach((bits, i) => {
    bytes[2 * i] = bits & 0xff;
    bytes[2 * i + 1] = bits >>> 8;
  });
  return Buffer.from(bytes).toString('base64');
}

/** The row of such a text. Throws when it is none of that length. */
export function decodeCoarse(length: number, text: string): Uint16Array {
  if (text === '') return new Uint16Array(length).fill(unknownBits);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 2 * length) throw new Error(`a row of ${length} numbers of the snapshot is malformed`);
  return Uint16Array.from({ length }, (_, i) => bytes.readUInt16LE(2 * i));
}
