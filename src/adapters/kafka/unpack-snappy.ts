// Unpacks snappy: raw, or in the framing of snappy-java, which Kafka's Java clients and brokers write.
// https://github.com/google/snappy/blob/main/format_description.txt
import { PackedBytes, UnpackedBytes } from './packed-bytes.ts';

const framingMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
// The magic, the version and the oldest version that can read it.
const framingHeaderBytes = 16;
// Three packed bytes repeat at most 64.
const maxRatio = 22;
// A length has 32 bits, seven in a byte.
const maxLengthBytes = 5;

/** The unpacked bytes. Throws on broken bytes, and before memory grows over `maxBytes`. */
export function unpackSnappy(payload: Buffer, maxBytes: number): Buffer {
  const packed = new PackedBytes(payload);
  const output = new UnpackedBytes(maxBytes, 4 * payload.length);
  // No raw block begins like this: its first element would repeat what is not there.
  if (!packed.startsWith(framingMagic)) unpackBlock(packed, output);
  while (packed.left > 0) {
    // Streams may follow each other, each with its header.
    if (packed.startsWith(framingMagic)) packed.skip(framingHeaderBytes);
    else unpackBlock(packed.part(bigEndian(packed)), output);
  }
  return output.toBuffer();
}

function bigEndian(packed: PackedBytes): number {
  let value = 0;
  for (let i = 0; i < 4; i += 1) value = value * 256 + packed.byte();
  return value;
}

function unpackBlock(packed: PackedBytes, output: UnpackedBytes): void {
  const packedBytes = packed.left;
  const length = readLength(packed);
  if (length > maxRatio * packedBytes) throw new Error(`broken: ${packedBytes} bytes cannot hold ${length}`);
  output.reserve(length);
  const base = output.length;
  const end = base + length;
  while (packed.left > 0) {
    unpackElement(packed, output, base);
    if (output.length > end) throw new Error(`broken: more than the ${length} bytes that it says`);
  }
  if (output.length < end) throw new Error(`cut off: ${output.length - base} bytes of the ${length} that it says`);
}

function readLength(packed: PackedBytes): number {
  let length = 0;
  for (let i = 0; i < maxLengthBytes; i += 1) {
    const byte = packed.byte();
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  throw new Error('broken: a length of more than 32 bits');
}

function unpackElement(packed: PackedBytes, output: UnpackedBytes, base: number): void {
  const tag = packed.byte();
  const upper = tag >> 2;
  const kind = tag & 3;
  if (kind === 0) packed.moveTo(output, upper < 60 ? upper + 1 : packed.number(upper - 59) + 1);
  else if (kind === 1) output.repeat(((tag >> 5) << 8) | packed.byte(), 4 + (upper & 7), base);
  else output.repeat(packed.number(kind === 2 ? 2 : 4), upper + 1, base);
}
