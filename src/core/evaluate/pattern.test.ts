import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, findPatternError } from './pattern.ts';

const texts = [
  '',
  'a',
  'b',
  'aa',
  'ab',
  'aab',
  'pay',
  'payments',
  'payments-v2',
  'cart',
  'x.y',
  'x-y',
  'é',
  '😀',
  'a\nb',
  '42',
];
const patterns = [
  '',
  '.*',
  '.+',
  'a*b',
  'a+?',
  'pay(ments)?(-v\\d+)?',
  'cart|pay.*',
  '(?:cart|payments)',
  '^pay.*$',
  'x\\.y',
  'x[.-]y',
  '[^a-z]+',
  '[a\\]b]+',
  'a{2}',
  'a{1,2}b?',
  'a{0,}b',
  '\\w+\\W\\w+',
  '\\S*',
  '(a|b|)*',
  '(a*)*',
  '.',
  'a|',
];

describe('patterns', () => {
  it.each(patterns)('%s matches what the built-in engine matches, anchored', (source) => {
    const pattern = compilePattern(source);
    const builtIn = new RegExp(`^(?:${source})$`, 'u');
    for (const text of texts) expect([text, pattern.matches(text)]).toEqual([text, builtIn.test(text)]);
  });

  it('agrees with the built-in engine on generated patterns', () => {
    const { pattern: generated } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d'),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}${b}`),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
        fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}')).map(([a, q]) => `(?:${a})${q}`),
      ),
    }));
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '1'), { maxLength: 6 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(generated, fc.array(text, { minLength: 1, maxLength: 10 }), (source, list) => {
        const pattern = compilePattern(source);
        const builtIn = new RegExp(`^(?:${source})$`, 'u');
        for (const value of list) expect(pattern.matches(value)).toBe(builtIn.test(value));
      }),
    );
  });

  it('takes linear time where an engine that backtracks takes for ever', () => {
    const hostile = `${'a'.repeat(5000)}!`;
    for (const source of ['(a+)+', '(a|a)*', '(.*)*(.*)*(.*)*b', '(a*)*c']) {
      expect(compilePattern(source).matches(hostile)).toBe(false);
    }
  });

  it.each([
    ['(a', '"(" without ")" at character 3'],
    ['a)', '")" without "(" at character 2'],
    ['[a', '"[" without "]" at character 3'],
    ['*a', 'nothing before "*" to repeat at character 1'],
    ['a**', 'nothing before "*" to repeat at character 3'],
    ['a{3,2}', 'malformed "{m,n}" at character 7'],
    ['(?=a)', 'only groups "(…)" and "(?:…)" are known at character 3'],
    ['(?i)a', 'only groups "(…)" and "(?:…)" are known at character 3'],
    ['(a)\\1', '"\\1" is not known at character 5'],
    ['a$b', '"$" inside a pattern (patterns are anchored at both ends) at character 2'],
    ['[z-a]', 'range "z-a" is the wrong way round at character 5'],
    ['[[:alpha:]]', 'classes such as [:alpha:] are not known at character 2'],
    ['a\\', '"\\" at the end at character 3'],
    ['(a{1000}){1000}', 'larger than 2000 states at character 1'],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, 'more than 50 groups within groups at character 52'],
  ])('refuses %s: %s', (source, message) => {
    expect(findPatternError(source)).toBe(message);
  });

  it('never throws anything but a reason', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab()[]{}*+?|\\^$.-,:1d') });
    fc.assert(
      fc.property(text, (source) => {
        expect(findPatternError(source)).not.toBe('');
      }),
    );
  });

  it('refuses nothing else', () => {
    expect(patterns.map(findPatternError)).toEqual(patterns.map(() => null));
    expect(findPatternError('((){9999}){9999}')).toBeNull();
  });
});
