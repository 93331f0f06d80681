import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import type { TimeInterval } from './time-interval.ts';
import { isInInterval, isInIntervals } from './time-interval.ts';

const anyTime: TimeInterval = { times: [], weekdays: [], daysOfMonth: [], months: [], years: [], location: 'UTC' };
const at = (text: string): number => DateTime.fromISO(text, { zone: 'UTC' }).toMillis();
const holds = (interval: Partial<TimeInterval>, text: string) => isInInterval({ ...anyTime, ...interval }, at(text));

describe('a time interval', () => {
  it.each([
    ['times begin', { times: [{ from: 540, to: 1020 }] }, '2026-08-03T09:00:00Z', true],
    ['times end before their end', { times: [{ from: 540, to: 1020 }] }, '2026-08-03T17:00:00Z', false],
    ['24:00 is the end of the day', { times: [{ from: 1320, to: 1440 }] }, '2026-08-03T23:59:59Z', true],
    ['Monday to Friday on a Monday', { weekdays: [{ from: 1, to: 5 }] }, '2026-08-03T00:00:00Z', true],
    ['Monday to Friday on a Sunday', { weekdays: [{ from: 1, to: 5 }] }, '2026-08-02T00:00:00Z', false],
    ['Sunday is 0', { weekdays: [{ from: 0, to: 0 }] }, '2026-08-02T00:00:00Z', true],
    ['the last day of February', { daysOfMonth: [{ from: -1, to: -1 }] }, '2028-02-29T00:00:00Z', true],
    ['the last day of a year without it', { daysOfMonth: [{ from: -1, to: -1 }] }, '2026-02-28T00:00:00Z', true],
    ['the 31st in a month of 30', { daysOfMonth: [{ from: 31, to: 31 }] }, '2026-06-30T00:00:00Z', false],
    ['a whole month', { daysOfMonth: [{ from: 1, to: -1 }] }, '2026-06-30T00:00:00Z', true],
    ['months', { months: [{ from: 3, to: 5 }] }, '2026-06-01T00:00:00Z', false],
    ['years', { years: [{ from: 2026, to: 2027 }] }, '2027-12-31T23:59:59Z', true],
    ['a place’s Monday', { weekdays: [{ from: 1, to: 1 }], location: 'Asia/Seoul' }, '2026-08-02T15:00:00Z', true],
  ])('%s', (_name, interval, text, expected) => {
    expect(holds(interval, text)).toBe(expected);
  });

  it('leaves out what the clock leaves out, and has twice what it shows twice', () => {
    const night = { times: [{ from: 150, to: 180 }], location: 'Europe/Berlin' };
    const minutesOn = (day: string): number => {
      const start = DateTime.fromISO(day, { zone: 'Europe/Berlin' });
      const minutes = Math.round(start.plus({ days: 1 }).diff(start, 'minutes').minutes);
      const inside = Array.from({ length: minutes }, (_, i) => start.toMillis() + i * 60_000);
      return inside.filter((ms) => isInInterval({ ...anyTime, ...night }, ms)).length;
    };
    // 02:30 to 03:00: in March it does not come, in October it comes twice.
    expect([minutesOn('2026-03-28'), minutesOn('2026-03-29'), minutesOn('2026-10-25')]).toEqual([30, 0, 60]);
  });

  it('is never, where the place is not known', () => {
    expect(holds({ location: 'Nowhere/City' }, '2026-08-03T00:00:00Z')).toBe(false);
    expect(isInIntervals([], 0)).toBe(false);
  });

  it('reads every time of every place', () => {
    const zones = fc.constantFrom('UTC', 'Asia/Seoul', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), zones, (ms, location) => {
        const local = new Intl.DateTimeFormat('en-GB', {
          timeZone: location,
          hour: '2-digit',
          minute: '2-digit',
          weekday: 'short',
          hourCycle: 'h23',
        }).formatToParts(ms);
        const part = (type: string): string => local.find((one) => one.type === type)?.value ?? '';
        const minute = Number(part('hour')) * 60 + Number(part('minute'));
        const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part('weekday'));
        const exact = {
          times: [{ from: minute, to: minute + 1 }],
          weekdays: [{ from: weekday, to: weekday }],
          location,
        };
        expect(isInInterval({ ...anyTime, ...exact }, ms)).toBe(true);
      }),
    );
  });
});
