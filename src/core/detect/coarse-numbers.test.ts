import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCoarse, encodeCoarse, fromCoarse, toCoarse, unknownBits } from './coarse-numbers.ts';

const any = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e38, max: 1e38, noNaN: true }),
  fc.constant(Number.NaN),
);

describe('coarse numbers', () => {
  it('are kept within 0.4 %', () => {
    fc.assert(
      fc.property(any, (value) => {
        const kept = fromCoarse(toCoarse(value));
        if (Number.isNaN(value)) expect(kept).toBeNaN();
        else expect(Math.abs(kept - value)).toBeLessThanOrEqual(Math.max(0.004 * Math.abs(value), 1e-38));
      }),
    );
    expect(fromCoarse(unknownBits)).toBeNaN();
  });

  it('are exact for small whole numbers, and bounded where they are too great', () => {
    const kept = [0, -255, 1e300, -1e300].map((value) => fromCoarse(toCoarse(value)));
    expect(kept.slice(0, 2)).toEqual([0, -255]);
    expect(kept[2]).toBeCloseTo(3.39e38, -37);
    expect(kept[3]).toBe(-(kept[2] as number));
  });

  it('go through text unchanged', () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (values) => {
        const row = Uint16Array.from(values, toCoarse);
        expect(decodeCoarse(values.length, encodeCoarse(row))).toEqual(row);
      }),
    );
    expect(encodeCoarse(new Uint16Array(9).fill(unknownBits))).toBe('');
    expect(() => decodeCoarse(3, 'AAAA')).toThrow('malformed');
  });
});
