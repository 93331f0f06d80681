import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from './decompress.ts';

const limit = 1_000_000;
const [snappy, lz4] = [2, 3];
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const rejected = expect.objectContaining({ code: 'KAFKA_REJECTED', retryable: false });

/** The innermost reason why bytes were refused. */
function reason(codec: number, bytes: string, maxBytes = limit): string {
  try {
    decompress(codec, hex(bytes), maxBytes);
  } catch (error) {
    expect(error).toEqual(rejected);
    return String((error as Error).cause);
  }
  return 'unpacked';
}

describe('decompress', () => {
  it('gives back what is not compressed', () => {
    const bytes = Buffer.from('x');
    expect(decompress(0, bytes, limit)).toBe(bytes);
  });

  it.each([
    [1, gzipSync(Buffer.alloc(limit, 'a'))],
    [4, zstdCompressSync(Buffer.alloc(limit, 'a'))],
  ])('unpacks codec %d of Node and refuses more than the limit', (codec, packed) => {
    expect(decompress(codec, packed, limit)).toHaveLength(limit);
    expect(() => decompress(codec, packed, limit - 1)).toThrow(rejected);
  });

  it('names a codec that it cannot unpack', () => {
    expect(() => decompress(7, Buffer.alloc(1), limit)).toThrow(/codec 7: only none, gzip, snappy, lz4, zstd are read/);
  });
});

describe('snappy', () => {
  it.each([
    ['03 08 616263', 'abc'],
    // A copy of each kind: of two, three and five bytes.
    ['07 08 616263 01 03', 'abcabca'],
    ['06 08 616263 0a 0300', 'abcabc'],
    ['06 08 616263 0b 03000000', 'abcabc'],
    ['09 00 61 1e 0100', 'aaaaaaaaa'],
    ['03 f0 02 616263', 'abc'],
    ['03 f4 0200 616263', 'abc'],
    ['03 fc 02000000 616263', 'abc'],
    ['82534e4150505900 00000001 00000001 00000005 03 08 616263 00000003 01 00 64', 'abcd'],
  ])('unpacks %s', (bytes, text) => {
    expect(decompress(snappy, hex(bytes), limit).toString()).toBe(text);
  });

  it.each([
    ['', 'cut off'],
    ['03 08 6162', 'cut off'],
    ['04 08 616263', 'cut off: 3 bytes of the 4'],
    ['02 08 616263', 'more than the 2 bytes'],
    ['07 08 616263 01 04', 'broken: 4 bytes back from byte 3'],
    ['07 08 616263 01 00', 'broken: 0 bytes back'],
    ['07 08 616263 02 ff', 'cut off'],
    ['07 08 616263 0f ffffffff', 'broken: 4294967295 bytes back'],
    ['ffffffff0f 00 61', 'cannot hold 4294967295'],
    ['ffffffffff01 00 61', 'more than 32 bits'],
    ['03 fc ffffffff 616263', 'cut off: 4294967296 bytes expected'],
    ['82534e4150505900 00000001', 'cut off'],
    ['82534e4150505900 00000001 00000001 ffffffff 03', 'cut off: 4294967295 bytes expected'],
    // The second block may not reach into the first.
    ['82534e4150505900 00000001 00000001 00000005 03 08 616263 00000003 04 01 03', 'broken: 3 bytes back from byte 0'],
  ])('refuses %j: %s', (bytes, why) => {
    expect(reason(snappy, bytes)).toContain(why);
  });

  it('refuses more than the limit before it makes room', () => {
    expect(reason(snappy, '14 00 61 4a 0100', 19)).toContain('more than 19 bytes');
  });
});

describe('lz4', () => {
  const end = '00000000';

  it.each([
    [`04224d18 6040 82 04000000 30 616263 ${end}`, 'abc'],
    [`04224d18 6040 82 03000080 616263 ${end}`, 'abc'],
    [`04224d18 6040 82 08000000 31 616263 0300 10 64 ${end}`, 'abcabcabd'],
    // Linked: the second block repeats the first.
    [`04224d18 4040 82 03000080 616263 05000000 00 0300 10 64 ${end}`, 'abcabcad'],
    // Size of the content, checksums of blocks and content.
    [`04224d18 7c40 0300000000000000 82 03000080 616263 aaaaaaaa ${end} bbbbbbbb`, 'abc'],
    // A frame to skip, and a second one.
    [`512a4d18 02000000 ffff 04224d18 6040 82 01000080 61 ${end} 04224d18 6040 82 01000080 62 ${end}`, 'ab'],
  ])('unpacks %s', (bytes, text) => {
    expect(decompress(lz4, hex(bytes), limit).toString()).toBe(text);
  });

  it.each([
    ['', 'cut off'],
    ['04224d19', 'no frame of lz4'],
    ['04224d18 a040 82', 'a frame of version 2'],
    ['04224d18 6140 00000000 82', 'needs a dictionary'],
    ['04224d18 6030 82', 'no known size'],
    ['04224d18 6040 82 03000080 616263', 'cut off'],
    ['04224d18 6040 82 04000000 40 616263 00000000', 'cut off: 4 bytes expected, 3 left'],
    ['04224d18 6040 82 ffffff7f 30 616263', 'cut off: 2147483647 bytes expected'],
    ['04224d18 6040 82 08000000 31 616263 0000 10 64 00000000', 'broken: 0 bytes back'],
    // Independent blocks: the second may not repeat the first.
    ['04224d18 6040 82 03000080 616263 05000000 00 0300 10 64 00000000', 'broken: 3 bytes back from byte 0'],
    ['04224d18 6040 82 03000080 616263 00000000 00', 'cut off'],
  ])('refuses %j: %s', (bytes, why) => {
    expect(reason(lz4, bytes)).toContain(why);
  });

  it('refuses more than the limit, or than a block may hold, before it makes room', () => {
    // One byte, repeated 255 times for each ff.
    const bomb = (repeats: number) =>
      `04224d18 6040 82 ${length(1 + 1 + 2 + repeats + 1 + 2)} 1f 61 0100 ${'ff'.repeat(repeats)}00 10 62 ${end}`;
    const length = (bytes: number) => Buffer.from(Uint32Array.of(bytes).buffer).toString('hex');
    expect(decompress(lz4, hex(bomb(10)), limit)).toHaveLength(1 + 15 + 2550 + 4 + 1);
    expect(reason(lz4, bomb(10), 2000)).toContain('more than 2000 bytes');
    expect(reason(lz4, bomb(300))).toContain('a block of more than 65536 bytes');
  });
});
