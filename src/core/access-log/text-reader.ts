// Reads lines of one known layout: text, value, text, value …, where a value may hold the text that should end it. Finds how many
// ways there are to read a line, and takes the only one: what can be read in two ways is unreadable, so that nobody can choose a
// header that shifts one field into another. The time is linear in the line for each field. Used by compile-text-format.ts.
import type { ValueShape } from './text-operators.ts';

/** One value of a layout. */
export interface LayoutField {
  readonly shape: ValueShape;
  /** Matches the value itself, sticky; takes the place of `shape`. */
  readonly pattern: RegExp | null;
  /** The text behind it; the last one's ends the line. */
  readonly after: string;
}

/** What became of a line: its values, in order, or the field at which no reading is left (or more than one). */
export type Reading =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'none' | 'several'; readonly field: number };

/**
 * Most places at which one field may end that are followed. Real lines have a handful, for a path or a user agent some dozens;
 * this bounds what a forged line costs.
 */
const maxPlaces = 1024;

/** Places where a field can begin, in order, and in how many ways the line up to there can be read (2 for more). */
interface Places {
  readonly at: readonly number[];
  readonly ways: readonly number[];
}

const unfit: Readonly<Record<ValueShape, RegExp | null>> = {
  text: null,
  word: /[\s"]/g,
  digits: /[^0-9-]/g,
};

/** The only reading of a line, or why there is none. `head` is the text before the first value. */
export function readLayout(line: string, head: string, fields: readonly LayoutField[]): Reading {
  if (!line.startsWith(head)) return { kind: 'none', field: 0 };
  let places: Places = { at: [head.length], ways: [1] };
  const starts: Places[] = [];
  for (const [index, field] of fields.entries()) {
    starts.push(places);
    const isLast = index === fields.length - 1;
    places =
      field.pattern === null ? nextPlaces(line, field, places, isLast) : matchedPlaces(line, field, places, isLast);
    if (places.at.length === 0) return { kind: 'none', field: index };
    if (places.at.length > maxPlaces) return { kind: 'several', field: index };
  }
  if (places.ways[0] !== 1) return { kind: 'several', field: firstDoubt(starts) };
  return { kind: 'values', values: trace(line, fields, starts) };
}

/** The first field with more than one beginning: where doubt comes from, as far as people can see it. */
function firstDoubt(starts: readonly Places[]): number {
  return Math.max(0, starts.findIndex(({ at }) => at.length > 1) - 1);
}

function nextPlaces(line: string, field: LayoutField, from: Places, isLast: boolean): Places {
  const at: number[] = [];
  const ways: number[] = [];
  const beginnings = new Beginnings(line, unfit[field.shape], from);
  let end = firstEnd(line, field, from, isLast);
  while (end !== -1 && at.length <= maxPlaces) {
    const sum = beginnings.waysTo(end);
    if (sum > 0) {
      at.push(end + field.after.length);
      ways.push(Math.min(2, sum));
    }
    end = isLast || beginnings.isExhausted ? -1 : line.indexOf(field.after, end + 1);
  }
  return { at, ways };
}

/** The places where a value can begin, seen from ends that only move on: those before an end, with nothing unfit between. */
class Beginnings {
  readonly #line: string;
  readonly #unfit: RegExp | null;
  readonly #places: Places;
  #low = 0;
  #high = 0;
  #sum = 0;
  #unfitAt: number;

  constructor(line: string, pattern: RegExp | null, places: Places) {
    this.#line = line;
    this.#unfit = pattern;
    this.#places = places;
    this.#unfitAt = nextUnfit(line, pattern, places.at[0] ?? 0);
  }

  /** No later end has a beginning. */
  get isExhausted(): boolean {
    return this.#low === this.#places.at.length;
  }

  waysTo(end: number): number {
    const { at, ways } = this.#places;
    for (; this.#high < at.length && (at[this.#high] as number) <= end; this.#high += 1) {
      this.#sum += ways[this.#high] as number;
    }
    // A character that does not fit rules out all that begins before it or at it.
    while (this.#unfitAt < end && !this.isExhausted) {
      for (; !this.isExhausted && (at[this.#low] as number) <= this.#unfitAt; this.#low += 1) {
        this.#sum -= ways[this.#low] as number;
      }
      this.#unfitAt = nextUnfit(this.#line, this.#unfit, Math.max(this.#unfitAt + 1, at[this.#low] ?? 0));
    }
    return this.#sum;
  }
}

function firstEnd(line: string, { after }: LayoutField, { at }: Places, isLast: boolean): number {
  const from = at[0] ?? 0;
  if (!isLast) return line.indexOf(after, from);
  const end = line.length - after.length;
  return end >= from && line.endsWith(after) ? end : -1;
}

function nextUnfit(line: string, bad: RegExp | null, from: number): number {
  if (bad === null) return Number.POSITIVE_INFINITY;
  bad.lastIndex = from;
  return bad.exec(line)?.index ?? Number.POSITIVE_INFINITY;
}

/** The places behind a value that its own pattern ends. */
function matchedPlaces(line: string, field: LayoutField, from: Places, isLast: boolean): Places {
  const found = new Map<number, number>();
  for (const [i, start] of from.at.entries()) {
    const end = matchedEnd(line, field, start);
    if (end === -1 || !line.startsWith(field.after, end)) continue;
    const behind = end + field.after.length;
    if (isLast && behind !== line.length) continue;
    found.set(behind, Math.min(2, (found.get(behind) ?? 0) + (from.ways[i] as number)));
  }
  const sorted = [...found].sort(([a], [b]) => a - b);
  return { at: sorted.map(([place]) => place), ways: sorted.map(([, count]) => count) };
}

function matchedEnd(line: string, { pattern }: LayoutField, start: number): number {
  if (pattern === null) return -1;
  pattern.lastIndex = start;
  return pattern.test(line) ? pattern.lastIndex : -1;
}

/** The values of the only reading, from the last to the first: the beginning of each is the last one that fits its end. */
function trace(line: string, fields: readonly LayoutField[], starts: readonly Places[]): readonly string[] {
  const values: string[] = [];
  let behind = line.length;
  for (let index = fields.length - 1; index >= 0; index -= 1) {
    const field = fields[index] as LayoutField;
    const end = behind - field.after.length;
    const candidates = starts[index]?.at ?? [];
    const start = candidates.findLast((at) =>
      field.pattern === null ? at <= end : at <= end && matchedEnd(line, field, at) === end,
    );
    behind = start ?? 0;
    values.push(line.slice(behind, end));
  }
  return values.reverse();
}
