import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IsoClock } from './iso-clock.ts';
import { parseStartTime } from './start-time.ts';

const clock = new IsoClock();

function read(text: string): number {
  const bytes = new TextEncoder().encode(`"${text}" and so on`);
  return clock.read(new DataView(bytes.buffer), 1, bytes.length - 11);
}

describe('IsoClock', () => {
  it('agrees with parseStartTime about every time that it reads, in any order of days', () => {
    const instant = fc.date({ min: new Date('1990-01-01'), max: new Date('2110-01-01'), noInvalidDate: true });
    const digits = fc.stringMatching(/^\d{0,8}$/);
    fc.assert(
      fc.property(instant, digits, (date, more) => {
        const text = date.toISOString().replace('Z', `${more.slice(0, 6)}Z`);
        expect(read(text)).toBe(parseStartTime(text) ?? -1);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads no more than parseStartTime does', () => {
    const spoiled = fc
      .tuple(
        fc.constantFrom('2026-11-21T05:21:17.136Z', '2026-02-29T00:00:00Z', '2026-11-21T05:21:17.136999Z'),
        fc.nat(26),
        fc.constantFrom(...'0123456789T:.-Z +,x'),
        fc.boolean(),
      )
      .map(([text, at, character, insert]) => text.slice(0, at) + character + text.slice(insert ? at : at + 1));
    fc.assert(
      fc.property(spoiled, (text) => {
        const atMs = read(text);
        if (atMs >= 0) expect(atMs).toBe(parseStartTime(text));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    '',
    '2026-11-21',
    '2026-11-21T05:21:17',
    '2026-11-21T05:21:17.1Z',
    '2026-11-21 05:21:17.136Z',
    '2026-11-21T05:21:17.136+00:00',
  ])('leaves %j to others', (text) => {
    expect(read(text)).toBe(-1);
  });

  it('takes whole seconds', () => {
    expect(read('2026-11-21T05:21:17Z')).toBe(Date.UTC(2026, 10, 21, 5, 21, 17));
  });
});
