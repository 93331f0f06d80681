import { mean } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { HourProfile } from './hour-profile.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Monday. */
const mondayMs = Date.UTC(2026, 10, 2);

/** A profile that has seen whole hours from Monday on. */
function learned(days: number, levelAt: (day: number, hour: number) => number) {
  const localTime = localTimeOf('UTC');
  const profile = new HourProfile();
  const at = (atMs: number) => localTime.at(atMs);
  for (let i = 0; i <= days * 24; i += 1) {
    const middle = at(mondayMs + (i + 0.5) * hourMs);
    profile.add(middle, levelAt(Math.floor(i / 24), Math.floor(middle.hour)));
  }
  return { profile, expected: (atMs: number) => profile.expected(at(atMs)) };
}

describe('HourProfile', () => {
  it('is unknown for two days, then the hour’s mean, and between hours in between', () => {
    expect(learned(1, (_, hour) => 10 * hour).expected(mondayMs + dayMs + 5.5 * hourMs)).toBeNull();
    const { expected } = learned(2, (day, hour) => 10 * hour + 10 * day);
    const nextDayMs = mondayMs + 2 * dayMs;
    expect(expected(nextDayMs + 5.5 * hourMs)).toBe(mean([50, 60]));
    expect(expected(nextDayMs + 6 * hourMs)).toBe(60);
    // Between the middle of hour 23 and that of hour 0.
    expect(expected(nextDayMs)).toBe(mean([235, 5]));
  });

  it('tells weekends from working days after two weeks, and each weekday after four', () => {
    const isWeekend = (day: number) => day % 7 >= 5;
    const byKind = (day: number) => (isWeekend(day) ? 20 : 100);
    const noon = (day: number) => mondayMs + day * dayMs + 12.5 * hourMs;
    const young = learned(12, byKind);
    expect(young.expected(noon(12))).toBeCloseTo(mean([100, 100, 100, 100, 100, 20, 20]), 0);
    const old = learned(14, byKind);
    expect(old.expected(noon(14))).toBe(100);
    expect(old.expected(noon(19))).toBe(20);
    const byWeekday = learned(28, (day) => (day % 7 === 2 ? 200 : 100));
    expect(byWeekday.expected(noon(28))).toBe(100);
    expect(byWeekday.expected(noon(30))).toBe(200);
  });

  it('follows what changes', () => {
    const { expected } = learned(70, (day) => (day < 35 ? 100 : 50));
    expect(expected(mondayMs + 70 * dayMs + 12.5 * hourMs)).toBeLessThan(60);
  });

  it('goes by the clocks of its zone, also when they change', () => {
    // New York goes back to winter time on 1 November 2026: the hour of the clocks is what comes every day, not that of UTC.
    const localTime = localTimeOf('America/New_York');
    const profile = new HourProfile();
    const startAtMs = Date.UTC(2026, 9, 28);
    for (let i = 0; i < 6 * 24; i += 1) {
      const middle = localTime.at(startAtMs + (i + 0.5) * hourMs);
      const expected = profile.expected(middle);
      if (expected !== null) expect(expected).toBeCloseTo(10 * Math.floor(middle.hour), 5);
      profile.add(middle, 10 * Math.floor(middle.hour));
    }
  });
});
