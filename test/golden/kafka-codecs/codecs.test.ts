// Snappy and lz4 as other implementations write them: unpacked to the byte, never beyond the bound, whatever was damaged.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from '#adapters/kafka/decompress.ts';
import { goldenLines } from '../../support/line-arbitraries.ts';

interface Packed {
  readonly content: keyof typeof contents;
  readonly codec: 'snappy' | 'lz4';
  readonly how: string;
  readonly packed: string;
}

const codecNumbers = { snappy: 2, lz4: 3 } as const;
const contents = {
  empty: Buffer.alloc(0),
  short: Buffer.from('a'),
  run: Buffer.from('ab'.repeat(5000)),
  noise: noise(1000),
  lines: Buffer.from(`${goldenLines('istio-json').join('\n')}\n`).subarray(0, 12_000),
  rows: Buffer.from(Array.from({ length: 12_000 }, (_, i) => `row ${i % 700}\n`).join('')),
};
const all = (JSON.parse(readFileSync(join(import.meta.dirname, 'packed.json'), 'utf8')) as readonly Packed[]).map(
  ({ packed, codec, ...rest }) => ({ ...rest, codec, number: codecNumbers[codec], bytes: Buffer.from(packed, 'base64') }),
);

/** Bytes that do not shrink, the same every time. */
function noise(length: number): Buffer {
  let state = 12_345;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return (state >> 16) & 0xff;
    }),
  );
}

const rejected = expect.objectContaining({ code: 'KAFKA_REJECTED', retryable: false });

/** What unpacking gave; `null` where it was refused, which must be with `KAFKA_REJECTED`. */
function tryUnpack(codec: number, bytes: Buffer, maxBytes: number): Buffer | null {
  try {
    return decompress(codec, bytes, maxBytes);
  } catch (error) {
    expect(error).toEqual(rejected);
    return null;
  }
}

describe.each(all)('$codec of $how: $content', ({ content, number, bytes }) => {
  const whole = contents[content];

  it('unpacks to the same bytes, at the bound and not over it', () => {
    expect(decompress(number, bytes, whole.length).equals(whole)).toBe(true);
    expect(decompress(number, bytes, 1_000_000).equals(whole)).toBe(true);
    if (whole.length > 0) expect(() => decompress(number, bytes, whole.length - 1)).toThrow(rejected);
  });

  it('unpacks several that follow each other, where the form allows it', () => {
    const isRawSnappy = number === 2 && bytes[0] !== 0x82;
    const twice = tryUnpack(number, Buffer.concat([bytes, bytes]), 1_000_000);
    if (!isRawSnappy) expect(twice?.equals(Buffer.concat([whole, whole]))).toBe(true);
  });
});

describe('damaged bytes', () => {
  const sample = fc.constantFrom(...all.filter(({ bytes }) => bytes.length < 4000));
  const limit = 200_000;

  it('are refused, or unpack within the bound', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(sample, fc.array(change, { minLength: 1, maxLength: 4 }), ({ number, bytes }, changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) if (damaged.length > 0) damaged[at % damaged.length] = value;
        expect(tryUnpack(number, damaged, limit)?.length ?? 0).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 3000 },
    );
  });

  it('that are cut never unpack to something else', () => {
    fc.assert(
      fc.property(sample, fc.nat(), ({ number, bytes, content }, length) => {
        const unpacked = tryUnpack(number, bytes.subarray(0, length % Math.max(1, bytes.length)), limit);
        // The framing of snappy-java has no end: cut between two blocks, what is left is whole.
        if (unpacked !== null) expect(contents[content].subarray(0, unpacked.length).equals(unpacked)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('of any kind are refused, or unpack within the bound', () => {
    const head = fc.constantFrom('82534e4150505900000000010000000100000003', '04224d186040827f000000', '04224d18', '').map(
      (hex) => Buffer.from(hex, 'hex'),
    );
    fc.assert(
      fc.property(fc.constantFrom(2, 3), head, fc.uint8Array({ maxLength: 60 }), (codec, start, rest) => {
        const unpacked = tryUnpack(codec, Buffer.concat([start, rest]), 500);
        expect(unpacked?.length ?? 0).toBeLessThanOrEqual(500);
      }),
      { numRuns: 5000 },
    );
  });
});
