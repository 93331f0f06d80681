import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { isTimeZone, localTimeOf } from './local-time.ts';

const at = (zone: string, text: string) => localTimeOf(zone).at(Date.parse(text));

describe('localTimeOf', () => {
  it('tells the hour, the day and the weekday of a zone', () => {
    expect(at('UTC', '1970-01-01T00:00:00Z')).toEqual({ dayNumber: 0, weekday: 3, hour: 0 });
    // Sunday evening in London is Monday morning in Seoul.
    expect(at('UTC', '2026-11-15T21:30:00Z')).toMatchObject({ weekday: 6, hour: 21.5 });
    expect(at('Asia/Seoul', '2026-11-15T21:30:00Z')).toMatchObject({ weekday: 0, hour: 6.5 });
    expect(at('Asia/Kolkata', '2026-11-15T21:30:00Z')).toMatchObject({ weekday: 0, hour: 3 });
  });

  it('goes by the clocks when they change', () => {
    // In Berlin 29 March 2026 has no hour 2, and 25 October has two.
    expect(at('Europe/Berlin', '2026-03-29T00:59:00Z').hour).toBeCloseTo(1 + 59 / 60);
    expect(at('Europe/Berlin', '2026-03-29T01:00:00Z').hour).toBe(3);
    expect(at('Europe/Berlin', '2026-10-25T00:30:00Z')).toEqual(at('Europe/Berlin', '2026-10-25T01:30:00Z'));
  });

  it('agrees with luxon at any instant, in any order', () => {
    const zone = fc.constantFrom('UTC', 'Asia/Seoul', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    const instants = fc.array(fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2037, 0) }), { maxLength: 20 });
    fc.assert(
      fc.property(zone, instants, (name, list) => {
        const localTime = localTimeOf(name);
        for (const atMs of list) {
          const expected = DateTime.fromMillis(atMs, { zone: name });
          const { weekday, hour, dayNumber } = localTime.at(atMs);
          expect(weekday).toBe(expected.weekday - 1);
          expect(Math.floor(hour)).toBe(expected.hour);
          expect(new Date(dayNumber * 86_400_000).toISOString().slice(0, 10)).toBe(expected.toISODate());
        }
      }),
    );
  });

  it('refuses a zone that is none', () => {
    expect(['UTC', 'Asia/Seoul', 'Asia/Nowhere', ''].map(isTimeZone)).toEqual([true, true, false, false]);
    expect(() => localTimeOf('Asia/Nowhere')).toThrow('time zone "Asia/Nowhere" is not known');
  });
});
