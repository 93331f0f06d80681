// Unpacks lz4 in its frame format, as every Kafka client writes it. Checksums are not compared: a record batch has its own.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
import { PackedBytes, UnpackedBytes } from './packed-bytes.ts';

const frameMagic = 0x184d_2204;
const skippableMagic = 0x184d_2a50;
const uncompressedBit = 0x8000_0000;
/** By the number in the header, from 4 on. */
const blockMaxBytes = [65_536, 262_144, 1_048_576, 4_194_304];
const minMatchLength = 4;

/** Flags of a frame's header. */
const flag = { dictionary: 1, contentChecksum: 4, contentSize: 8, blockChecksum: 16, independentBlocks: 32 } as const;

/** The unpacked bytes of all frames. Throws on broken bytes, and before memory grows over `maxBytes`. */
export function unpackLz4(payload: Buffer, maxBytes: number): Buffer {
  const packed = new PackedBytes(payload);
  const output = new UnpackedBytes(maxBytes, 4 * payload.length);
  do {
    const magic = packed.number(4);
    if (magic === frameMagic) unpackFrame(packed, output);
    else if (magic - (magic % 16) === skippableMagic) packed.skip(packed.number(4));
    else throw new Error('broken: no frame of lz4');
  } while (packed.left > 0);
  return output.toBuffer();
}

function unpackFrame(packed: PackedBytes, output: UnpackedBytes): void {
  const { flags, maxBlock } = readHeader(packed);
  const frameStart = output.length;
  for (let size = packed.number(4); size !== 0; size = packed.number(4)) {
    const start = output.length;
    if (size >= uncompressedBit) packed.moveTo(output, size - uncompressedBit);
    else unpackBlock(packed.part(size), output, flags & flag.independentBlocks ? start : frameStart);
    if (output.length - start > maxBlock) throw new Error(`broken: a block of more than ${maxBlock} bytes`);
    if (flags & flag.blockChecksum) packed.skip(4);
  }
  if (flags & flag.contentChecksum) packed.skip(4);
}

function readHeader(packed: PackedBytes): { readonly flags: number; readonly maxBlock: number } {
  const flags = packed.byte();
  if (flags >> 6 !== 1) throw new Error(`a frame of version ${flags >> 6}: only 1 is read`);
  if (flags & flag.dictionary) throw new Error('a frame that needs a dictionary');
  const maxBlock = blockMaxBytes[((packed.byte() >> 4) & 7) - 4];
  if (maxBlock === undefined) throw new Error('broken: no known size of blocks');
  // The size tells nothing that the blocks do not; the header ends with a byte of checksum.
  packed.skip((flags & flag.contentSize ? 8 : 0) + 1);
  return { flags, maxBlock };
}

function unpackBlock(packed: PackedBytes, output: UnpackedBytes, base: number): void {
  for (;;) {
    const token = packed.byte();
    packed.moveTo(output, readLength(packed, token >> 4));
    // The last sequence of a block has nothing to repeat.
    if (packed.left === 0) return;
    const distance = packed.number(2);
    output.repeat(distance, readLength(packed, token & 15) + minMatchLength, base);
  }
}

/** A length: what stands in the token, and where that is full, bytes to add up to the first that is not full. */
function readLength(packed: PackedBytes, inToken: number): number {
  if (inToken < 15) return inToken;
  let length = inToken;
  for (;;) {
    const byte = packed.byte();
    length += byte;
    if (byte < 255) return length;
  }
}
