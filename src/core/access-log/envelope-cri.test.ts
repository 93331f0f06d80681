import { describe, expect, it } from 'vitest';
import { withoutCriPrefix } from './envelope-cri.ts';

describe('withoutCriPrefix', () => {
  it.each([
    ['2026-11-21T05:21:17.136Z stdout F {"a":1}', '{"a":1}'],
    ['2026-11-21T05:21:17.150463829Z stderr F  x ', ' x '],
    ['2026-11-21T05:21:17+09:00 stdout F x', 'x'],
    ['2026-11-21T05:21:17Z stdout F:tag:other x', 'x'],
    [' \n2026-11-21T05:21:17Z stdout F x', 'x'],
    ['2026-11-21T05:21:17Z stdout F ', ''],
    ['2026-11-21T05:21:17Z stdout P2 x', '2026-11-21T05:21:17Z stdout P2 x'],
    ['2026-11-21T05:21:17Z stdout x', '2026-11-21T05:21:17Z stdout x'],
    ['2026-11-21 stdout F x', '2026-11-21 stdout F x'],
    ['{"a":1}', '{"a":1}'],
    ['', ''],
  ])('%j is the line %j', (text, line) => {
    expect(withoutCriPrefix(text)).toBe(line);
  });

  it('refuses parts of lines, which are no lines', () => {
    expect(withoutCriPrefix('2026-11-21T05:21:17Z stdout P {"a":')).toMatchObject({
      kind: 'dead-letter',
      reason: 'partial_line',
      detail: expect.stringMatching(/^line: "2026.*": expected a whole line/),
    });
  });
});
