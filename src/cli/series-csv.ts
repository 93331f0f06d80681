// The rows of a series as CSV: `timestamp,value` with or without a header, further columns ignored.

/** One data row. `value` is `null` where the field is empty: a window of which nothing is known. */
export interface SeriesRow {
  /** As it is written, to be given back unchanged. */
  readonly timestamp: string;
  readonly atMs: number;
  readonly value: number | null;
}

/** What a line turned out to be. */
export type SeriesLine =
  | { readonly kind: 'row'; readonly row: SeriesRow }
  | { readonly kind: 'header' | 'blank' }
  | { readonly kind: 'unreadable'; readonly timestamp: string; readonly reason: string };

/** Reads lines in order; the first one tells which columns are meant. */
export class SeriesCsv {
  #columns: { readonly timestamp: number; readonly value: number } | null = null;

  read(line: string): SeriesLine {
    if (line.trim() === '') return { kind: 'blank' };
    const fields = splitCsv(line);
    if (this.#columns === null) {
      const names = fields.map((field) => field.replace(/^\uFEFF/, '').toLowerCase());
      this.#columns = { timestamp: Math.max(0, names.indexOf('timestamp')), value: namedValue(names) };
      if (names.includes('timestamp') || names.includes('value')) return { kind: 'header' };
    }
    const timestamp = fields[this.#columns.timestamp] ?? '';
    const text = fields[this.#columns.value] ?? '';
    const atMs = parseTimestamp(timestamp);
    if (atMs === null) return { kind: 'unreadable', timestamp, reason: `"${timestamp}" is no timestamp` };
    if (text === '') return { kind: 'row', row: { timestamp, atMs, value: null } };
    const value = Number(text);
    if (!Number.isFinite(value)) return { kind: 'unreadable', timestamp, reason: `"${text}" is no number` };
    return { kind: 'row', row: { timestamp, atMs, value } };
  }
}

function namedValue(names: readonly string[]): number {
  const named = names.indexOf('value');
  return named === -1 ? 1 : named;
}

/** ISO 8601 (UTC where it names no zone), or epoch seconds or milliseconds; epoch milliseconds, or `null`. */
function parseTimestamp(text: string): number | null {
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{12,13}$/.test(text)) return Number(text);
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  if (iso === null) return null;
  const atMs = Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${iso[3] ?? 'Z'}`);
  return Number.isNaN(atMs) ? null : atMs;
}

/** Fields of one CSV line, trimmed, `"…"` unquoted (RFC 4180, but a field ends with its line). */
function splitCsv(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',').map((field) => field.trim());
  return [...line.matchAll(/\s*("(?:[^"]|"")*"?|[^,]*)\s*(?:,|$)/g)]
    .filter((match) => match.index < line.length)
    .map(([, field = '']) => field.replace(/^"|"$/g, '').replaceAll('""', '"').trim());
}

/** A field as CSV holds it. */
export function renderCsvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
