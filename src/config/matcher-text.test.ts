import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMatcher } from '#core/evaluate/matcher.ts';
import { exactValues, isMatcher, parseMatcher, toExactMatcher } from './matcher-text.ts';

describe('parseMatcher', () => {
  it.each([
    ['destination_namespace =~ "shop.*"', { label: 'destination_namespace', operator: '=~', value: 'shop.*' }],
    ['reporter=source', { label: 'reporter', operator: '=', value: 'source' }],
    ['flag != "UC"', { label: 'flag', operator: '!=', value: 'UC' }],
    ['source_version !~ "v1|v2" ', { label: 'source_version', operator: '!~', value: 'v1|v2' }],
    ['source_service = "a \\"b\\" \\\\"', { label: 'source_service', operator: '=', value: 'a "b" \\' }],
    ['source_service = ""', { label: 'source_service', operator: '=', value: '' }],
    ['source_service =~ "a\\.b"', { label: 'source_service', operator: '=~', value: 'a\\.b' }],
  ])('reads %s', (text, matcher) => {
    expect(parseMatcher(text)).toEqual(matcher);
  });

  it.each([
    ['reporter', 'has not the form of one'],
    ['reporter == source', 'has not the form of one'],
    ['reporter = "source', 'has not the form of one'],
    ['destination_servce = x', 'names an unknown label destination_servce'],
    ['reporter =~ "("', 'has a regular expression that cannot be used'],
    ['reporter =~ "(a)\\1"', 'has a regular expression that cannot be used'],
    ['reporter =~ "(?=a)"', 'has a regular expression that cannot be used'],
    ['reporter =~ "a{1000}{1000}"', 'has a regular expression that cannot be used'],
  ])('refuses %s', (text, message) => {
    const parsed = parseMatcher(text);
    expect(isMatcher(parsed)).toBe(false);
    expect(parsed).toMatchObject({ message: expect.stringContaining(message), remedy: expect.stringMatching(/./) });
  });

  it('never throws, and what it accepts compiles', () => {
    const part = fc.constantFrom(
      'reporter',
      'flag',
      '=',
      '~',
      '!',
      '"',
      '\\',
      '(',
      ')',
      '[',
      ']',
      '*',
      '{9}',
      'a',
      ' ',
      '|',
      '?',
      '^',
      '$',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.boolean(), (parts, isPattern) => {
        const text = isPattern ? `reporter =~ "${parts.join('')}"` : parts.join('');
        const parsed = parseMatcher(text);
        if (isMatcher(parsed)) compileMatcher(parsed)('source');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('toExactMatcher', () => {
  it('accepts exactly the values given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        fc.string(),
        (values, other) => {
          const test = compileMatcher(toExactMatcher('source_service', values));
          for (const value of values) expect(test(value)).toBe(true);
          expect(test(other)).toBe(values.includes(other));
        },
      ),
    );
  });
});

describe('exactValues', () => {
  it('reads back what was made of values, or does not know them', () => {
    const service = fc.oneof(fc.stringMatching(/^[a-z0-9.|\\-]{1,8}$/), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(service, { minLength: 1, maxLength: 4 }), (values) => {
        const read = exactValues(toExactMatcher('source_service', values));
        if (read !== null) expect(read).toEqual(values);
      }),
    );
    expect(exactValues(toExactMatcher('source_service', ['a.b', 'c-d|e', '\\']))).toEqual(['a.b', 'c-d|e', '\\']);
  });

  it('knows none of a pattern', () => {
    for (const value of ['a.b', 'a*', '(a|b)', 'a|', '', '[ab]', '\\d', 'a|b+']) {
      expect(exactValues({ label: 'source_service', operator: '=~', value })).toBe(null);
    }
    expect(exactValues({ label: 'source_service', operator: '!=', value: 'a' })).toBe(null);
  });
});
