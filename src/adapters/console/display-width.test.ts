import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToWidth, displayWidth, wrapText } from './display-width.ts';

describe('displayWidth', () => {
  it.each([
    ['checkout', 8],
    ['요청 48건', 9],
    ['🔴 UC', 5],
    ['✅', 2],
    ['🟠', 2],
    ['é', 1],
    ['e\u0301', 1],
    ['→ · …', 5],
  ])('%j takes %d columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('cutToWidth', () => {
  it.each([
    ['checkout', 8, 'checkout'],
    ['checkout', 5, 'chec…'],
    ['요청요청', 5, '요청…'],
    ['요청요청', 4, '요…'],
    ['x', 0, ''],
  ])('%j in %d columns is %j', (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
  });
});

describe('wrapText', () => {
  it('breaks between words, and long words where it must', () => {
    expect(wrapText('48 of 600 requests ended', 10)).toEqual(['48 of 600', 'requests', 'ended']);
    expect(wrapText('abcdefghijkl mn', 5)).toEqual(['abcde', 'fghij', 'kl mn']);
    expect(wrapText('', 5)).toEqual(['']);
  });

  it('never makes a line too wide, and loses nothing', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '요', '🔴', ' ', '-'), maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (long, columns) => {
        const lines = wrapText(long, columns);
        for (const line of lines) expect(displayWidth(line.trim())).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(long.replaceAll(' ', ''));
      }),
    );
  });
});
