import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDay, parseStartTime } from './start-time.ts';

const atMs = Date.UTC(2026, 10, 21, 5, 21, 17, 136);

describe('parseStartTime', () => {
  it.each([
    ['2026-11-21T05:21:17.136Z', atMs],
    ['2026-11-21T05:21:17.136999Z', atMs],
    ['2026-11-21T05:21:17.136999999Z', atMs],
    ['2026-11-21T05:21:17Z', atMs - 136],
    ['2026-11-21T05:21:17.1Z', atMs - 36],
    ['2026-11-21 05:21:17,136Z', atMs],
    ['2026-11-21T07:51:17.136+02:30', atMs],
    ['2026-11-21T00:21:17.136-0500', atMs],
    ['2024-02-29T00:00:00.000Z', Date.UTC(2024, 1, 29)],
    [1795238477.136, atMs],
    [1795238477, atMs - 136],
    [atMs, atMs],
    [`${atMs}`, atMs],
    ['1795238477.1369', atMs],
    [`${atMs}999`, atMs],
    [`${atMs}999999`, atMs],
    [946_684_800, Date.UTC(2000, 0, 1)],
    [946_684_800_000, Date.UTC(2000, 0, 1)],
  ])('reads %j', (value, expected) => {
    expect(parseStartTime(value)).toBe(expected);
  });

  it.each([
    '2026-02-29T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-00-10T00:00:00.000Z',
    '2026-11-21T24:00:00.000Z',
    '2026-11-21T05:60:00.000Z',
    '2026-11-21T05:21:60.000Z',
    '2026-11-21T05:21:17.136',
    '2026-11-21T05:21:17.Z',
    '2026-11-21',
    '1999-12-31T23:59:59.999Z',
    '2100-01-01T00:00:00.000Z',
    '0001-01-01T00:00:00.000Z',
    '+2026-11-21T05:21:17.136Z',
    '',
    'yesterday',
    '12',
    12,
    -1795238477,
    1e30,
    Number.NaN,
    true,
    null,
    undefined,
    {},
  ])('refuses %j', (value) => {
    expect(parseStartTime(value)).toBeNull();
  });

  it('agrees with Date for every instant of its range', () => {
    const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, (date) => {
        expect(parseStartTime(date.toISOString())).toBe(date.getTime());
        expect(parseStartTime(date.getTime())).toBe(date.getTime());
        expect(parseStartTime(`${Math.floor(date.getTime() / 1000)}`)).toBe(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });
});

describe('parseDay', () => {
  it('knows the calendar', () => {
    expect(parseDay('2028-02-29')).toBe(Date.UTC(2028, 1, 29));
    expect(parseDay('2026-02-29')).toBeNull();
    expect(parseDay('2026-2-28')).toBeNull();
  });
});
