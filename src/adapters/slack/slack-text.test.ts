import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeCode, escapeLink, escapeMrkdwn, escapeText } from './slack-text.ts';

const shownText = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

describe('escapeText', () => {
  it.each([
    ['a <!channel> & b', 100, 'a &lt;!channel&gt; &amp; b'],
    ['<@U123>', 100, '&lt;@U123&gt;'],
    ['&lt;', 100, '&amp;lt;'],
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    // An entity counts as what it is in the message, and is whole or not there.
    ['a&b', 6, 'a…'],
    ['a&b', 7, 'a&amp;b'],
    ['🔴🔴', 3, '🔴…'],
  ])('%j within %d is %j', (text, max, escaped) => {
    expect(escapeText(text, max)).toBe(escaped);
  });

  it('keeps the bound, leaves no control character, and says what the text said', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        const escaped = escapeText(text, max);
        expect(escaped.length).toBeLessThanOrEqual(max);
        expect(escaped).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
        const shown = shownText(escaped);
        if (shown !== text) expect(text.startsWith(shown.replace(/…$/, ''))).toBe(true);
      }),
    );
  });
});

describe('escapeMrkdwn', () => {
  it.each([
    ['48 of 600 requests in 10s (8.0 %)', '48 of 600 requests in 10s (8.0 %)'],
    ['02:31:00', '02:31:00'],
    ['*bold*', '`*bold*`'],
    ['my_service_v2', '`my_service_v2`'],
    [':rotating_light:', '`:rotating_light:`'],
    ['`code` <b>', '`´code´ &lt;b&gt;`'],
  ])('%j is %j', (text, escaped) => {
    expect(escapeMrkdwn(text, 100)).toBe(escaped);
  });
});

describe('escapeLink', () => {
  it('links, with an address that cannot break out', () => {
    expect(escapeLink({ text: 'r|1', url: 'https://k/?a=1&b=<x>|`' }, 100)).toBe(
      '<https://k/?a=1&amp;b=%3Cx%3E%7C%60|r¦1>',
    );
  });

  it('shows the text alone where the address is none or too long', () => {
    expect(escapeLink({ text: 'r1', url: 'javascript:alert(1)' }, 100)).toBe('`r1`');
    expect(escapeLink({ text: 'r1', url: `https://k/${'x'.repeat(100)}` }, 100)).toBe('`r1`');
  });

  it('keeps the bound', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.webUrl(), fc.integer({ min: 30, max: 200 }), (text, url, max) => {
        expect(escapeLink({ text, url }, max).length).toBeLessThanOrEqual(max);
        expect(escapeCode(text, max).length).toBeLessThanOrEqual(max);
        expect(escapeMrkdwn(text, max).length).toBeLessThanOrEqual(max);
      }),
    );
  });
});
