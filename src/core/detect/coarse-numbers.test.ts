import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CoarseNumbers } from './coarse-numbers.ts';

const any = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e38, max: 1e38, noNaN: true }),
  fc.constant(Number.NaN),
);

describe('CoarseNumbers', () => {
  it('keeps numbers within 0.4 %', () => {
    fc.assert(
      fc.property(any, (value) => {
        const numbers = new CoarseNumbers(3);
        numbers.set(1, value);
        const kept = numbers.at(1);
        expect(numbers.at(0)).toBeNaN();
        if (Number.isNaN(value)) expect(kept).toBeNaN();
        else expect(Math.abs(kept - value)).toBeLessThanOrEqual(Math.max(0.004 * Math.abs(value), 1e-38));
      }),
    );
  });

  it('keeps small whole numbers, and bounds what is too great', () => {
    const numbers = new CoarseNumbers(4);
    for (const [i, value] of [0, -255, 1e300, -1e300].entries()) numbers.set(i, value);
    expect([0, 1].map((i) => numbers.at(i))).toEqual([0, -255]);
    expect(numbers.at(2)).toBeCloseTo(3.39e38, -37);
    expect(numbers.at(3)).toBe(-numbers.at(2));
  });

  it('goes through text unchanged', () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (values) => {
        const numbers = new CoarseNumbers(values.length);
        values.forEach((value, i) => {
          numbers.set(i, value);
        });
        const read = CoarseNumbers.decode(values.length, numbers.encode());
        expect(values.map((_, i) => read.at(i))).toEqual(values.map((_, i) => numbers.at(i)));
      }),
    );
    expect(new CoarseNumbers(9).encode()).toBe('');
    expect(() => CoarseNumbers.decode(3, 'AAAA')).toThrow('malformed');
  });
});
