// The hour of the day and the day of the week where the users live. Detection takes seasons from it; whoever puts the detectors together
// says the zone.
import { IANAZone } from 'luxon';

/** An instant on the clocks and the calendar of a time zone. */
export interface LocalInstant {
  /** Days of the local calendar since 1 January 1970. */
  readonly dayNumber: number;
  /** 0 is Monday, 6 is Sunday. */
  readonly weekday: number;
  /** Time of the day in hours as clocks show it, 0 up to 24: 13.5 is half past one. When clocks go back, an hour comes twice. */
  readonly hour: number;
}

/** Turns event time into local time. */
export interface LocalTime {
  /** Name of the zone: `Asia/Seoul`. */
  readonly zone: string;
  at(atMs: number): LocalInstant;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Clocks of every zone change at a full quarter of an hour, so an offset holds for one at least. */
const offsetHoldsMs = 15 * minuteMs;

/** Whether a text is the IANA name of a time zone: `UTC`, `Asia/Seoul`. */
export function isTimeZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/** The local time of a zone by its IANA name (`UTC`, `Asia/Seoul`); throws on a name that is none. */
export function localTimeOf(zone: string): LocalTime {
  const iana = IANAZone.create(zone);
  if (!iana.isValid) throw new Error(`time zone "${zone}" is not known: use an IANA name such as Asia/Seoul`);
  // Every series asks for the same windows in turn, the latest and one before: the last two answers nearly always serve again.
  let offsetFromMs = Number.NaN;
  let offsetMs = 0;
  let last = { atMs: 0, instant: localInstant(iana.offset(0) * minuteMs) };
  let before = last;
  return {
    zone,
    at(atMs) {
      if (atMs === last.atMs) return last.instant;
      if (atMs === before.atMs) return before.instant;
      const fromMs = Math.floor(atMs / offsetHoldsMs) * offsetHoldsMs;
      if (fromMs !== offsetFromMs) {
        offsetFromMs = fromMs;
        offsetMs = iana.offset(fromMs) * minuteMs;
      }
      before = last;
      last = { atMs, instant: localInstant(atMs + offsetMs) };
      return last.instant;
    },
  };
}

/** The weekday of a day of the calendar, 0 for Monday. */
export function weekdayOf(dayNumber: number): number {
  // 1 January 1970 was a Thursday.
  return (((dayNumber + 3) % 7) + 7) % 7;
}

/** `localMs`: what the clocks show, as if it were UTC. */
function localInstant(localMs: number): LocalInstant {
  const dayNumber = Math.floor(localMs / dayMs);
  return { dayNumber, weekday: weekdayOf(dayNumber), hour: (localMs - dayNumber * dayMs) / hourMs };
}
