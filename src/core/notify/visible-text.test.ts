// What must hold of text that is shown: nothing invisible, nothing too long, nothing torn.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, toVisibleLines, toVisibleText } from './visible-text.ts';

describe('toVisibleText', () => {
  it.each([
    ['plain', 'plain'],
    ['a\u001b[31mred', 'a␛[31mred'],
    ['two\nlines\r\n\ttab', 'two␊lines␍␊␉tab'],
    ['del\u007f', 'del␡'],
    ['c1\u009b31m', 'c1\\u009b31m'],
    ['admin\u202etxt.exe', 'admin\\u202etxt.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['lone \ud83d surrogate', 'lone \ufffd surrogate'],
    ['한국어 🔴 ✅', '한국어 🔴 ✅'],
  ])('shows %j', (text, shown) => {
    expect(toVisibleText(text)).toBe(shown);
  });

  it('leaves nothing that moves a cursor, ends a line or cannot be encoded, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = toVisibleText(text);
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(() => encodeURIComponent(shown)).not.toThrow();
        expect(toVisibleText(shown)).toBe(shown);
      }),
    );
  });

  it('keeps lines where asked', () => {
    expect(toVisibleLines('one\n\u001btwo\n')).toBe('one\n␛two\n');
  });
});

describe('cutText', () => {
  it('cuts with an ellipsis, never through a character', () => {
    expect(cutText('checkout', 8)).toBe('checkout');
    expect(cutText('checkout', 5)).toBe('chec…');
    expect(cutText('🔴🔴🔴', 4)).toBe('🔴…');
    expect(cutText('ab', 1)).toBe('…');
  });

  it('keeps the bound and leaves well-formed text well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const cut = cutText(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(() => encodeURIComponent(cut)).not.toThrow();
      }),
    );
  });
});
