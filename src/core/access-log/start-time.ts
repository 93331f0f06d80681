// Reads the start of a request in the forms in which Envoy and shippers write it. Used by decode and scan.

const minuteMs = 60_000;
// Real requests began in this century. The bound keeps a garbled clock from opening windows and indices of the year 1.
const earliestAtMs = Date.UTC(2000, 0, 1);
const latestAtMs = Date.UTC(2100, 0, 1);

const isoTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/;
const epochTime = /^(\d{9,19})(?:\.(\d{1,12}))?$/;

/**
 * Epoch milliseconds (whole, rounded down) of an ISO 8601 time with a zone, or of an epoch number in seconds,
 * milliseconds, microseconds or nanoseconds: only one of these falls into the years 2000 to 2099. `null` for all else.
 */
export function parseStartTime(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.length > 40) return null;
  const atMs = parseIso(text) ?? parseEpoch(text);
  return atMs !== null && atMs >= earliestAtMs && atMs < latestAtMs ? atMs : null;
}

/** Epoch milliseconds of the midnight (UTC) that begins `YYYY-MM-DD`, or `null` where the calendar has no such day. */
export function parseDay(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const atMs = Date.UTC(year, month - 1, day);
  const date = new Date(atMs);
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists && atMs >= earliestAtMs && atMs < latestAtMs ? atMs : null;
}

function parseIso(text: string): number | null {
  const match = isoTime.exec(text);
  if (match === null) return null;
  const dayAtMs = parseDay(match[1] ?? '');
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4])];
  const [zoneHour, zoneMinute] = [Number(match[7] ?? 0), Number(match[8] ?? 0)];
  const valid = hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60;
  if (dayAtMs === null || !valid) return null;
  const zoneMs = (zoneHour * 60 + zoneMinute) * minuteMs * (match[6] === '-' ? -1 : 1);
  return dayAtMs + (hour * 60 + minute) * minuteMs + second * 1000 + milliseconds(match[5] ?? '') - zoneMs;
}

function parseEpoch(text: string): number | null {
  const match = epochTime.exec(text);
  if (match === null) return null;
  const digits = match[1] ?? '';
  // Cut as text: nanoseconds have more digits than a number keeps.
  const candidates = [
    Number(digits) * 1000 + milliseconds(match[2] ?? ''),
    Number(digits),
    Number(digits.slice(0, -3)),
    Number(digits.slice(0, -6)),
  ];
  return candidates.find((atMs) => atMs >= earliestAtMs && atMs < latestAtMs) ?? null;
}

/** Milliseconds of the digits after the decimal point, rounded down: `13` is 130, `1369` is 136. */
function milliseconds(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}
