import { describe, expect, it } from 'vitest';
import { maskDefaults } from './mask-settings.ts';
import { createMasker } from './masker.ts';

const masker = createMasker(maskDefaults);

describe('a line as it came', () => {
  it.each([
    ['{"path":"/a?b=c","n": 1.0}', '{"path":"/a?[masked]","n": 1.0}'],
    ['{"path":"\\/a\\u003fb=c"}', '{"path":"/a?[masked]"}'],
    ['{"a":4111111111111111}', '{"a":"[masked:card]"}'],
    ['{"authorization":"x y","password":""}', '{"authorization":"[masked:token]","password":""}'],
    ['{"message":"{\\"path\\":\\"/a?b c\\"}"}', '{"message":"{\\"path\\":\\"/a?[masked]\\"}"}'],
    ['{"kim@bank.co.kr":1}', '{"[masked:email]":1}'],
    ['{"path":"/a?b=c', '{"path":"/a?[masked]'],
    ['2026-11-21T05:21:17.136Z "GET /a?b=c HTTP/1.1" 200', '2026-11-21T05:21:17.136Z "GET /a?[masked] HTTP/1.1" 200'],
    ['{ "x" : [ "a\\n", 1 ] }', '{ "x" : [ "a\\n", 1 ] }'],
  ])('%s', (line, masked) => {
    expect(masker.maskLine(line, null)).toBe(masked);
  });

  it('masks the path that was read out of it whole, spaces and quotes in its query too', () => {
    expect(masker.maskLine('"GET /a?b="c d HTTP/1.1" 200', '/a?b="c d')).toBe('"GET /a?[masked] HTTP/1.1" 200');
    expect(masker.maskLine('{"log":"GET /a?b c H"}', '/a?b c')).toBe('{"log":"GET /a?[masked] H"}');
  });
});
