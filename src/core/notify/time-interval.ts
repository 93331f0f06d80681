// Times at which routes are muted or active: Alertmanager's time intervals, on the clock of a place, summer time included.
import { DateTime } from 'luxon';

/** Both ends belong to it. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** Minutes of the day, 0 to 1440; `to` does not belong to it. */
interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

/** A set of times: all of the parts that are given must hold, and of each part one entry. An empty part holds always. */
export interface TimeInterval {
  readonly times: readonly MinuteRange[];
  /** Sunday is 0. */
  readonly weekdays: readonly NumberRange[];
  /** 1 to 31; negative ones count from the end of the month, -1 the last. */
  readonly daysOfMonth: readonly NumberRange[];
  readonly months: readonly NumberRange[];
  readonly years: readonly NumberRange[];
  /** IANA name of the time zone whose clock is meant. */
  readonly location: string;
}

/** Whether one of `intervals` holds at a time. */
export function isInIntervals(intervals: readonly TimeInterval[], atMs: number): boolean {
  return intervals.some((interval) => isInInterval(interval, atMs));
}

/**
 * Whether an interval holds at a time. What the clock of the place shows counts: where it is put forward, the minutes that it leaves
 * out do not come; where it is put back, they come twice.
 */
export function isInInterval(interval: TimeInterval, atMs: number): boolean {
  const local = DateTime.fromMillis(atMs, { zone: interval.location, locale: 'en-US' });
  if (!local.isValid) return false;
  const minute = local.hour * 60 + local.minute;
  const inTimes = interval.times.some(({ from, to }) => minute >= from && minute < to);
  return (
    (interval.times.length === 0 || inTimes) &&
    isInRanges(interval.weekdays, local.weekday % 7) &&
    isInRanges(interval.months, local.month) &&
    isInRanges(interval.years, local.year) &&
    isDayOfMonth(interval.daysOfMonth, local.day, local.daysInMonth ?? 31)
  );
}

function isInRanges(ranges: readonly NumberRange[], value: number): boolean {
  return ranges.length === 0 || ranges.some(({ from, to }) => value >= from && value <= to);
}

function isDayOfMonth(ranges: readonly NumberRange[], day: number, daysInMonth: number): boolean {
  const toDay = (given: number): number => (given < 0 ? daysInMonth + given + 1 : given);
  return isInRanges(
    ranges.map(({ from, to }) => ({ from: toDay(from), to: toDay(to) })),
    day,
  );
}
