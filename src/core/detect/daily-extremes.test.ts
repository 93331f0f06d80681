import { describe, expect, it } from 'vitest';
import { DailyExtremes } from './daily-extremes.ts';

const at = (dayNumber: number, hour: number) => ({ dayNumber, weekday: 0, hour: hour + 0.5 });

describe('DailyExtremes', () => {
  it('calls ordinary what came at that hour on two of the last four days', () => {
    const extremes = new DailyExtremes();
    extremes.add(at(0, 12), 200);
    extremes.add(at(1, 12), 90);
    expect(extremes.isOrdinary(at(2, 12), 200, 10)).toBe(false);
    extremes.add(at(2, 12), 165);
    expect(extremes.isOrdinary(at(3, 12), 200, 10)).toBe(true);
    expect(extremes.isOrdinary(at(3, 12), 300, 10)).toBe(false);
    expect(extremes.isOrdinary(at(3, 13), 200, 10)).toBe(false);
  });

  it('keeps rises and falls apart', () => {
    const extremes = new DailyExtremes();
    for (let day = 0; day < 3; day += 1) extremes.add(at(day, 3), 0);
    expect(extremes.isOrdinary(at(3, 3), 0, 100)).toBe(true);
    expect(extremes.isOrdinary(at(3, 3), 200, 100)).toBe(false);
  });

  it('does not count the running day, nor what is long ago', () => {
    const extremes = new DailyExtremes();
    for (let i = 0; i < 5; i += 1) extremes.add(at(0, 5), 200);
    extremes.add(at(1, 5), 200);
    expect(extremes.isOrdinary(at(1, 5), 200, 10)).toBe(false);
    expect(extremes.isOrdinary(at(9, 5), 200, 10)).toBe(false);
  });
});
