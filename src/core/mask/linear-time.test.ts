// Texts made to hold a scan up: how often it looks at a character, counted, may grow only as the text does.
import { describe, expect, it } from 'vitest';
import type { ScannedText } from './find.ts';
import { compileSearch } from './pattern-search.ts';
import type { ScanRules } from './scan-text.ts';
import { scanText } from './scan-text.ts';

const rules: ScanRules = {
  ...{ token: true, card: true, account: true, iban: true, resident: true, email: true, forms: true },
  query: 'mask',
  isPath: true,
  renderAddress: () => 'addr',
};

/** Looks of a scan at the characters of a text; a slice looks at each of its own. */
function looksAt(text: string, isPath: boolean): number {
  let looks = 0;
  const counted: ScannedText = {
    length: text.length,
    charCodeAt: (at) => {
      looks += 1;
      return text.charCodeAt(at);
    },
    slice: (start = 0, end = text.length) => {
      looks += end - start;
      return text.slice(start, end);
    },
  };
  scanText(counted, { ...rules, isPath });
  return looks;
}

const hostile = [
  ...[
    'a@',
    '@',
    'a.',
    '%40',
    'a%40b.',
    '1-',
    '1 ',
    '1111-',
    '4111 1111 1111 1111 ',
    '123456-',
    '9',
    'DE12',
    'DE89 3704 ',
  ],
  ...[
    'eyJ',
    'eyJ.',
    'eyJ_',
    'AKIA',
    'sk-',
    'bearer ',
    'basic+',
    'bearer%20',
    'token=',
    'token:',
    'sid=sid=',
    '":',
    "a'=",
    '=',
  ],
  ...[
    '?',
    '/?',
    '?a',
    '%3f',
    '/',
    '/aB1',
    '://',
    'x://a:b',
    ':',
    '::',
    'f:',
    '1.',
    '1.1.1.',
    '1.1.1.1',
    '[::',
    '카',
    ';a=',
    'ghp_x',
  ],
];

describe('scanning', () => {
  it.each(hostile)('%s, repeated, is looked at in linear time', (part) => {
    for (const isPath of [true, false]) {
      const short = looksAt(part.repeat(600), isPath);
      const long = looksAt(part.repeat(6000), isPath);
      expect(long).toBeLessThan(short * 12 + 10_000);
      // At an @ up to 64 characters before it and 190 behind it are looked at, and 128 for a password.
      expect(long).toBeLessThan(part.length * 6000 * 400);
    }
  });
});

describe('searching', () => {
  it.each(['(a+)+b', 'a|a.*b', '(a|a)*b', '(.*)(.*)(.*)b', '\\w{1,50}!', '[^x]*y'])(
    '%s takes linear time',
    (source) => {
      const search = compileSearch(source);
      const steps = (length: number) => {
        const effort = { steps: 0 };
        search.search('a'.repeat(length), effort);
        return effort.steps;
      };
      expect(steps(10_000)).toBeLessThan(steps(1000) * 10.5);
    },
  );
});
