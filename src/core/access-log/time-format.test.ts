import { describe, expect, it } from 'vitest';
import { parseStartTime } from './start-time.ts';
import { compileTimeFormat } from './time-format.ts';

const at = Date.UTC(2026, 10, 1, 5, 21, 17);

function read(format: string, written: string): number | null {
  const time = compileTimeFormat(format);
  if (typeof time === 'string') throw new Error(time);
  time.pattern.lastIndex = 0;
  expect(time.pattern.test(written)).toBe(true);
  expect(time.pattern.lastIndex).toBe(written.length);
  return parseStartTime(time.toText(written));
}

describe('compileTimeFormat', () => {
  it.each([
    ['%s', '1793510477', at],
    ['%s.%3f', '1793510477.136', at + 136],
    ['%s%3f', '1793510477136', at + 136],
    ['%s.%f', '1793510477.136999000', at + 136],
    ['%Y/%m/%dT%H:%M:%S%z %s', '2026/11/01T05:21:17+0000 1793510477', at],
    ['%FT%T.%6fZ', '2026-11-01T05:21:17.136999Z', at + 136],
    ['%d/%b/%Y:%H:%M:%S %z', '01/Nov/2026:07:21:17 +0200', at],
    ['%a %b %e %H:%M:%S %Y', 'Sun Nov  1 05:21:17 2026', at],
    ['%D %T %Z', '11/01/26 05:21:17 UTC', at],
    ['at %Y.%m.%d %R:%S %%', 'at 2026.11.01 05:21:17 %', at],
  ])('%s reads %s', (format, written, expected) => {
    expect(read(format, written)).toBe(expected);
  });

  it.each([
    ['', 'it does not tell the year'],
    ['%H:%M:%S', 'it does not tell the year'],
    ['%Y %d %T', 'it does not tell the month'],
    ['%Y-%m %T', 'it does not tell the day'],
    ['%F %H:%M', 'it does not tell the time of day to the second'],
    ['%F %I:%M:%S %p', '%I cannot be read back'],
    ['%s %', '% cannot be read back'],
    ['%s %E3f', '%E cannot be read back'],
  ])('%s: %s', (format, problem) => {
    expect(compileTimeFormat(format)).toBe(problem);
  });
});
