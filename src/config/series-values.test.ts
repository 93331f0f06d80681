// The notation of series: what Prometheus expands it to, and that no text breaks it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSeriesValues, parseSeriesValues } from './series-values.ts';

describe('parseSeriesValues', () => {
  it.each<[string, (number | null)[]]>([
    ['5', [5]],
    ['1x4', [1, 1, 1, 1, 1]],
    ['1+1x4', [1, 2, 3, 4, 5]],
    ['10-2x5', [10, 8, 6, 4, 2, 0]],
    ['_x3', [null, null, null]],
    ['  0x1 _ 7\n8 ', [0, 0, null, 7, 8]],
    ['0x0', [0]],
    ['_x0', []],
  ])('%s', (text, values) => {
    expect(parseSeriesValues(text)).toEqual(values);
  });

  it.each([
    ['', 'is no value'],
    ['5 x 3', '“x” is no value'],
    ['-1', 'is no value'],
    ['1.5', 'is no value'],
    ['1+1', 'does not say how often'],
    ['3-1x4', 'leaves 0'],
    ['1x100000', 'more than 100000 values'],
    ['9999999999', 'leaves 0'],
    ['1x99999999999999999999', 'more than'],
  ])('%j is refused: %s', (text, message) => {
    expect(parseSeriesValues(text)).toMatchObject({
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/./),
    });
  });

  it('reads back what is written piece by piece', () => {
    const piece = fc.oneof(
      fc.nat(50).map((n) => ({ text: `_x${n}`, values: Array<null>(n).fill(null) })),
      fc.tuple(fc.nat(1000), fc.nat(9), fc.nat(20)).map(([from, by, n]) => ({
        text: `${from}+${by}x${n}`,
        values: Array.from({ length: n + 1 }, (_, i) => from + i * by),
      })),
      fc.nat(1000).map((value) => ({ text: String(value), values: [value] })),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1 }), (pieces) => {
        const text = pieces.map((one) => one.text).join(' ');
        expect(parseSeriesValues(text)).toEqual(pieces.flatMap((one): (number | null)[] => one.values));
      }),
    );
  });

  it('gives values or a problem for any text, never an exception', () => {
    const alphabet = fc.constantFrom(...'0123456789+-x_ .e');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: alphabet })), (text) => {
        const parsed = parseSeriesValues(text);
        if (isSeriesValues(parsed)) return parsed.every((value) => value === null || Number.isSafeInteger(value));
        return parsed.message !== '' && parsed.remedy !== '';
      }),
    );
  });
});
