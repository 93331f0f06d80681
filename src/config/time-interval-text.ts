// The parts of a time interval as people write them (`09:00`, `monday:friday`, `-3:-1`, `january:march`) → numbers of core, or `null`.
import type { NumberRange } from '#core/notify/time-interval.ts';

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** Minutes since midnight of `HH:MM`, `24:00` the end of the day. */
export function parseTimeOfDay(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match !== null) return Number(match[1]) * 60 + Number(match[2]);
  return text === '24:00' ? 1440 : null;
}

/** `monday` or `monday:friday`; Sunday is 0. */
export function parseWeekdays(text: string): NumberRange | null {
  return parseRange(text, (part) => indexOrNull(weekdays, part));
}

/** `1`, `1:5`, `-3:-1`; never 0, and not from the end back to the beginning. */
export function parseDaysOfMonth(text: string): NumberRange | null {
  const match = /^(-?\d{1,2})(?::(-?\d{1,2}))?$/.exec(text);
  if (match === null) return null;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  const isDay = (day: number): boolean => day !== 0 && day >= -31 && day <= 31;
  // `1:-1` is the whole month; what begins at its end has to stay there.
  const isOrdered = from < 0 === to < 0 ? from <= to : from > 0;
  return isDay(from) && isDay(to) && isOrdered ? { from, to } : null;
}

/** `january`, `january:march`, `1:3`. */
export function parseMonths(text: string): NumberRange | null {
  return parseRange(text, (part) => {
    const named = indexOrNull(months, part);
    if (named !== null) return named + 1;
    return /^\d{1,2}$/.test(part) && Number(part) >= 1 && Number(part) <= 12 ? Number(part) : null;
  });
}

/** `2026`, `2026:2027`. */
export function parseYears(text: string): NumberRange | null {
  return parseRange(text, (part) => (/^\d{4}$/.test(part) ? Number(part) : null));
}

function parseRange(text: string, parse: (part: string) => number | null): NumberRange | null {
  const parts = text.split(':');
  const from = parse(parts[0] ?? '');
  const to = parse(parts[1] ?? parts[0] ?? '');
  return parts.length <= 2 && from !== null && to !== null && from <= to ? { from, to } : null;
}

function indexOrNull(names: readonly string[], part: string): number | null {
  const index = names.indexOf(part.toLowerCase());
  return index < 0 ? null : index;
}
