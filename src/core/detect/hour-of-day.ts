// Where in the day (UTC) a window lies: its middle decides.

const hourMs = 3_600_000;
const hoursInDay = 24;

/** One window of time, epoch milliseconds. */
export interface Span {
  readonly startAtMs: number;
  readonly endAtMs: number;
}

/** Days since the epoch. */
export function dayOf(window: Span): number {
  return Math.floor(middleAtMs(window) / (hoursInDay * hourMs));
}

/** The hour, 0..23. */
export function hourOf(window: Span): number {
  return Math.floor(hourWithin(window));
}

/** The time of day in hours, 0 up to 24. */
export function hourWithin(window: Span): number {
  const hour = (middleAtMs(window) / hourMs) % hoursInDay;
  return hour < 0 ? hour + hoursInDay : hour;
}

/** Windows of that length in an hour; 1 where they are longer. */
export function windowsInHour({ startAtMs, endAtMs }: Span): number {
  return Math.max(1, hourMs / (endAtMs - startAtMs));
}

function middleAtMs({ startAtMs, endAtMs }: Span): number {
  return (startAtMs + endAtMs) / 2;
}
