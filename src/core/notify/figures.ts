// Numbers and times as the messages show them: short, the same on every machine, at home in the reader's time zone.
import { DateTime } from 'luxon';

/** Whole numbers with thousands separators (`18,000`), others with one decimal, small ones with two digits (`0.046`). */
export function renderNumber(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const size = Math.abs(value);
  const text = Number.isInteger(value) || size >= 1000 ? value.toFixed(0) : toShortDecimal(value);
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `part` of `whole` in per cent (`8.0 %`); `null` where there is no whole. */
export function renderShare(part: number, whole: number): string | null {
  if (!(whole > 0) || !Number.isFinite(part)) return null;
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 1 ? toShortDecimal(percent) : percent.toFixed(1)} %`;
}

/** `2026-08-03 02:31:00 +09:00`. An unknown time zone is shown as UTC. */
export function renderTime(atMs: number, timeZone: string): string {
  return inZone(atMs, timeZone).toFormat('yyyy-MM-dd HH:mm:ss ZZ');
}

/** `02:31:00`, for where the date stands beside it. */
export function renderTimeOfDay(atMs: number, timeZone: string): string {
  return inZone(atMs, timeZone).toFormat('HH:mm:ss');
}

/** `2026-08-03 02:31:00 - 02:36:10 +09:00`, with both dates where they differ. */
export function renderSpan(fromMs: number, toMs: number, timeZone: string): string {
  const from = inZone(fromMs, timeZone);
  const to = inZone(toMs, timeZone);
  const isOneDay = from.toFormat('yyyy-MM-dd ZZ') === to.toFormat('yyyy-MM-dd ZZ');
  if (!isOneDay) return `${renderTime(fromMs, timeZone)} - ${renderTime(toMs, timeZone)}`;
  return `${from.toFormat('yyyy-MM-dd HH:mm:ss')} - ${to.toFormat('HH:mm:ss ZZ')}`;
}

function inZone(atMs: number, timeZone: string): DateTime {
  const local = DateTime.fromMillis(atMs, { zone: timeZone, locale: 'en-US' });
  return local.isValid ? local : DateTime.fromMillis(atMs, { zone: 'utc', locale: 'en-US' });
}

function toShortDecimal(value: number): string {
  // 0.0456 says more as 0.046 than as 0.0; and never in exponents, which are not for night shifts.
  return Math.abs(value) >= 1
    ? value.toFixed(1)
    : value.toFixed(Math.min(6, 1 - Math.floor(Math.log10(Math.abs(value)))));
}
