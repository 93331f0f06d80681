// The countable part of an edge in a span of event time. Partial counts and window counts are rows with a span.
import type { DurationSketch } from './duration-sketch.ts';
import { emptySketch } from './duration-sketch.ts';
import type { Edge } from './edge.ts';

/** A request to begin the search with. */
export interface CountExample {
  /** Event time: end of the request. */
  readonly atMs: number;
  readonly requestId: string;
}

/** How many examples are kept for each flag. Three fit a Slack message. */
export const maxExamplesPerFlag = 3;

/** The name under which the examples of failed lines are kept, beside those of flags and faults. */
export const failedExamples = 'failed';

/**
 * Counts of one edge. Rows of the same edge and span merge by adding; the merge is associative and commutative, so any
 * split of the input over partitions, processes and flushes gives the same sums.
 */
export interface CountRow {
  readonly edge: Edge;
  /** Lines of the edge, whatever their flags. */
  readonly requestCount: number;
  /** Lines that show a failure by themselves (`isFailedFault` of their first reading), with or without flags. */
  readonly failedCount: number;
  /** Lines that carry the flag; a line with two flags counts for both. Flags not listed are zero. */
  readonly flagCounts: Readonly<Record<string, number>>;
  /** Failed requests by what correlate found to have broken on this edge. In rows of correlate alone, whose other counts are 0. */
  readonly faultCounts: Readonly<Record<string, number>>;
  /** Durations of the lines with a response code. */
  readonly durations: DurationSketch;
  /** For each flag, each fault and `failed` the earliest requests, ordered by time then id, at most `maxExamplesPerFlag`. */
  readonly examples: Readonly<Record<string, readonly CountExample[]>>;
}

/** The counts of nothing: what rows that count a part of all this build on. */
export const noCounts: Omit<CountRow, 'edge'> = {
  requestCount: 0,
  failedCount: 0,
  flagCounts: {},
  faultCounts: {},
  durations: emptySketch,
  examples: {},
};

/** Counts of a pane (a slice of a window, one second by default) that one collect flush has seen; more may come. */
export interface PartialCount extends CountRow {
  readonly paneStartAtMs: number;
}

/** Counts of one closed tumbling window `[windowStartAtMs, windowEndAtMs)`, or what came late and adds to them. */
export interface WindowCount extends CountRow {
  readonly windowStartAtMs: number;
  readonly windowEndAtMs: number;
  /** Whether all input up to the window's end was known to be there when it was judged: where not, nothing was said of what is missing. */
  readonly isComplete: boolean;
  /**
   * `null` for the counts of the window as it was closed. Else these lines came afterwards and add to those counts; the text tells one such
   * addition to an edge's window from the next.
   */
  readonly late: string | null;
}
