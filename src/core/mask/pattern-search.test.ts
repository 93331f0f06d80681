import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSearch, findSearchError } from './pattern-search.ts';

const found = (source: string, text: string) =>
  compileSearch(source)
    .search(text)
    .map(({ start, end }) => text.slice(start, end));

describe('a search', () => {
  it.each([
    ['\\d+', 'a1b22c333', ['1', '22', '333']],
    ['\\d{4}', '12345', ['12345']],
    ['ab|bc', 'abc abd', ['abc', 'ab']],
    ['x', 'xx', ['x', 'x']],
    ['한+', 'a한한b', ['한한']],
    ['😀.', '😀😀a', ['😀😀a']],
    ['acct-[0-9]+(-[0-9]+)*', 'acct-1-2, acct-', ['acct-1-2']],
    ['q', 'none', []],
  ])('for %s in %s', (source, text, matches) => {
    expect(found(source, text)).toEqual(matches);
  });

  it('leaves nothing over that matches, and finds nothing that does not', () => {
    const pattern = fc.constantFrom('a+b', 'ab|b+', '(ab)+', 'a.b', '[ab]c?b', 'b{2,3}');
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        const intervals = compileSearch(source).search(value);
        const isIn = (at: number) => intervals.some(({ start, end }) => at >= start && at < end);
        const covered = [...value].map((_, at) => isIn(at));
        const wanted = [...value].map(() => false);
        for (let start = 0; start < value.length; start += 1) {
          for (let end = start + 1; end <= value.length; end += 1) {
            if (new RegExp(`^(?:${source})$`).test(value.slice(start, end))) wanted.fill(true, start, end);
          }
        }
        expect(covered).toEqual(wanted);
      }),
    );
  });

  it.each([
    ['^a', '"^" and "$" are not known: a pattern is searched anywhere in a text, at character 1'],
    ['a$', '"^" and "$" are not known: a pattern is searched anywhere in a text, at character 1'],
    ['a*', 'the pattern matches the empty text, which is everywhere, at character 1'],
    ['(a', '"(" without ")" at character 3'],
    ['a\\$', null],
  ])('refuses %s', (source, message) => {
    expect(findSearchError(source)).toBe(message);
  });
});
