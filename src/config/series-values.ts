// Values of a test's series in Prometheus' expanding notation: `100x59`, `0+5x10`, `_x3` → one value an interval. Used by the schema of
// rule tests.

/** A value for each interval, `null` where nothing came; a bare number holds for all intervals. */
export type SeriesValues = number | readonly (number | null)[];

/** What is wrong with a piece of the text. */
export interface SeriesProblem {
  readonly within: string;
  readonly message: string;
  readonly remedy: string;
}

/** Values of one series: a week of windows of 10 s and some. */
const maxSeriesValues = 100_000;
/** The greatest count: sums of it over a test stay whole numbers. */
const maxValue = 1_000_000_000;

const piecePattern = /^(?:_|(\d+)(?:([+-])(\d+))?)(?:x(\d+))?$/;
const remedy =
  'write values, and repeats as Prometheus does: 5 5 5 or 5x2, 0+10x5 (0 10 20 30 40 50), _ or _x3 for nothing';

/**
 * The values of `a`, `axn` (a, then n more), `a+bxn` (a, a+b, … a+n·b), `a-bxn`, `_` and `_xn` (n times nothing), separated by spaces.
 * Whole numbers of 0 or more, at most `maxSeriesValues` of them.
 */
export function parseSeriesValues(text: string): readonly (number | null)[] | SeriesProblem {
  const values: (number | null)[] = [];
  const pieces = text.trim().split(/\s+/);
  for (const piece of pieces) {
    const problem = expand(piece, values);
    if (problem !== null) return { within: piece, ...problem };
  }
  return values;
}

/** Whether parsing gave values. */
export function isSeriesValues(
  parsed: readonly (number | null)[] | SeriesProblem,
): parsed is readonly (number | null)[] {
  return Array.isArray(parsed);
}

function expand(piece: string, values: (number | null)[]): Omit<SeriesProblem, 'within'> | null {
  const match = piecePattern.exec(piece);
  if (match === null) return { message: `“${piece}” is no value of a series`, remedy };
  const [, first, sign = '', step, repeats] = match;
  if (step !== undefined && repeats === undefined) {
    return { message: `“${piece}” does not say how often`, remedy: `write ${piece}x10 for ten more values` };
  }
  const count = first === undefined ? Number(repeats ?? 1) : Number(repeats ?? 0) + 1;
  if (values.length + count > maxSeriesValues) {
    return { message: `more than ${maxSeriesValues} values`, remedy: 'write fewer: a test is no load test' };
  }
  if (first === undefined) {
    for (let i = 0; i < count; i += 1) values.push(null);
    return null;
  }
  const by = Number(`${sign}${step ?? 0}`);
  const ends = [Number(first), Number(first) + by * (count - 1)];
  if (ends.some((end) => end < 0 || end > maxValue)) {
    return { message: `“${piece}” leaves 0 to ${maxValue}`, remedy: 'counts are 0 or more' };
  }
  for (let i = 0; i < count; i += 1) values.push(Number(first) + by * i);
  return null;
}
