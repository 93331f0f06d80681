import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareQuote, escapedQuote, JsonBytes, maxJsonBytes, plainEnd, skipQuote, skipValue } from './json-bytes.ts';

const bytes = new JsonBytes();

function load(text: string): DataView {
  bytes.load(new TextEncoder().encode(text));
  return bytes.view;
}

/** JSON that Envoy and the shippers could write: no white space, nothing but ASCII. */
const asciiJson = fc
  .jsonValue({ maxDepth: 5 })
  .map((value) =>
    JSON.stringify(value).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

describe('plainEnd', () => {
  it('finds the first byte that is not plain, at every place and beside every other', () => {
    const anyByte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f, 0x80),
    );
    fc.assert(
      fc.property(fc.array(anyByte, { maxLength: 24 }), fc.nat(8), (values, from) => {
        bytes.load(Uint8Array.from(values));
        const plain = (value: number) => value >= 0x20 && value < 0x80 && value !== 0x22 && value !== 0x5c;
        const start = Math.min(from, values.length);
        const hit = values.findIndex((value, i) => i >= start && !plain(value));
        expect(plainEnd(bytes.view, start)).toBe(hit < 0 ? values.length : hit);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends at the end of the text, whatever was there before', () => {
    load('x'.repeat(1000));
    expect(plainEnd(load('abc'), 0)).toBe(3);
    expect(plainEnd(load('x'.repeat(maxJsonBytes)), 0)).toBe(maxJsonBytes);
  });
});

describe('skipValue', () => {
  it('goes behind any value', () => {
    fc.assert(
      fc.property(asciiJson, (json) => {
        expect(skipValue(load(json), 0, bareQuote, 32)).toBe(json.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('goes behind any value without escapes that is escaped itself', () => {
    fc.assert(
      fc.property(asciiJson, (json) => {
        fc.pre(!json.includes('\\'));
        const escaped = json.replaceAll('"', '\\"');
        expect(skipValue(load(escaped), 0, escapedQuote, 32)).toBe(escaped.length);
      }),
    );
  });

  it('takes nothing for a value that is none', () => {
    const spoiled = fc
      .tuple(asciiJson, fc.nat(), fc.constantFrom(...'"\\{}[],:.-+eE019ntfu \u0001é'))
      .map(([json, at, character]) => {
        const place = at % (json.length + 1);
        return json.slice(0, place) + character + json.slice(place + (at % 2));
      });
    fc.assert(
      fc.property(spoiled, (json) => {
        const behind = skipValue(load(json), 0, bareQuote, 32);
        if (behind >= 0) expect(() => JSON.parse(json.slice(0, behind)) as unknown).not.toThrow();
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    '01',
    '-',
    '.5',
    '1.',
    '1e',
    '1e+',
    'nul',
    'tru',
    'fals',
    'x',
    '',
    '"',
    '"\\',
    '"\\u12',
    '"\\x"',
    '{',
    '[1',
    '{"a"}',
    '{"a":}',
    '[,]',
    '{,}',
  ])('refuses %j, or ends before what is wrong', (json) => {
    expect(skipValue(load(json), 0, bareQuote, 8)).toBeLessThan(Math.max(1, json.length));
  });

  it('counts levels', () => {
    expect(skipValue(load('[[{"a":[]}]]'), 0, bareQuote, 4)).toBe(12);
    expect(skipValue(load('[[{"a":[]}]]'), 0, bareQuote, 3)).toBe(-1);
    expect(skipValue(load('1'), 0, bareQuote, 0)).toBe(1);
    expect(skipValue(load('[]'), 0, bareQuote, -1)).toBe(-1);
  });
});

describe('skipQuote', () => {
  it('knows either form', () => {
    expect(skipQuote(load('"a'), 0, bareQuote)).toBe(1);
    expect(skipQuote(load('\\"a'), 0, escapedQuote)).toBe(2);
    expect(skipQuote(load('\\a'), 0, escapedQuote)).toBe(-1);
    expect(skipQuote(load('"'), 0, escapedQuote)).toBe(-1);
    expect(skipQuote(load(''), 0, bareQuote)).toBe(-1);
  });
});
