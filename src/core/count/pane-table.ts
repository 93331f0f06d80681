// Counts lines into panes, in collect: the hottest code after the scanner. A pane is a slice of a window (one second).
import type { CountExample, PartialCount } from './count-row.ts';
import { failedExamples, maxExamplesPerFlag } from './count-row.ts';
import { durationBucket, durationBuckets, toSketch } from './duration-sketch.ts';
import type { Edge } from './edge.ts';
import { edgeKey } from './edge.ts';

/** Name that flags beyond the bound are counted under. */
const otherFlag = 'other';
/**
 * Distinct flags that one pane of one edge counts apart: Envoy has 30, extensions add a few. What comes beyond is hostile or broken,
 * and is counted as `other`.
 */
const maxFlagsPerPane = 64;
/** A flag longer than this is cut: Envoy’s longest short name has five characters. */
const maxFlagLength = 64;

/** What the counter takes of a line that is not surely healthy. */
export interface CountedLine {
  readonly flags: readonly string[];
  /** Whether it shows a failure by itself. */
  readonly isFailed: boolean;
  readonly durationMs: number;
  /** 0 where no response headers were sent: such a line took as long as somebody waited, and its duration is not counted. */
  readonly responseCode: number;
  readonly atMs: number;
  readonly requestId: string | null;
}

interface PaneCounts {
  requestCount: number;
  failedCount: number;
  readonly durations: Uint32Array;
  readonly flagCounts: Map<string, number>;
  readonly examples: Map<string, CountExample[]>;
}

/** Counters of one edge; kept by the caller beside the edge, so that a line costs no lookup. */
export class EdgeCounter {
  readonly edge: Edge;
  readonly key: string;
  readonly #panes = new Map<number, PaneCounts>();
  #lastStartAtMs = Number.NaN;
  #last: PaneCounts = newPane();

  constructor(edge: Edge) {
    this.edge = edge;
    this.key = edgeKey(edge);
  }

  /** Counts a line that is healthy and has a response code. */
  addHealthy(paneStartAtMs: number, durationMs: number): void {
    if (paneStartAtMs !== this.#lastStartAtMs) this.#turnTo(paneStartAtMs);
    const pane = this.#last;
    pane.requestCount += 1;
    const bucket = durationBucket(durationMs);
    pane.durations[bucket] = (pane.durations[bucket] as number) + 1;
  }

  /** Counts any line. */
  add(paneStartAtMs: number, line: CountedLine): void {
    if (paneStartAtMs !== this.#lastStartAtMs) this.#turnTo(paneStartAtMs);
    const pane = this.#last;
    pane.requestCount += 1;
    if (line.responseCode > 0) {
      const bucket = durationBucket(line.durationMs);
      pane.durations[bucket] = (pane.durations[bucket] as number) + 1;
    }
    if (line.isFailed) {
      pane.failedCount += 1;
      addExample(pane, failedExamples, line);
    }
    for (let i = 0; i < line.flags.length; i += 1) {
      const flag = line.flags[i] as string;
      if (line.flags.indexOf(flag) === i) addFlag(pane, flag.slice(0, maxFlagLength), line);
    }
  }

  #turnTo(paneStartAtMs: number): void {
    let pane = this.#panes.get(paneStartAtMs);
    if (pane === undefined) {
      pane = newPane();
      this.#panes.set(paneStartAtMs, pane);
    }
    this.#last = pane;
    this.#lastStartAtMs = paneStartAtMs;
  }

  /** What was counted since the last call, ordered by pane; the counter is empty afterwards. */
  take(): PartialCount[] {
    const rows = [...this.#panes]
      .sort((a, b) => a[0] - b[0])
      .map(([paneStartAtMs, pane]) => ({
        paneStartAtMs,
        edge: this.edge,
        requestCount: pane.requestCount,
        failedCount: pane.failedCount,
        flagCounts: Object.fromEntries(pane.flagCounts),
        faultCounts: {},
        durations: toSketch(pane.durations),
        examples: Object.fromEntries(pane.examples),
      }));
    this.#panes.clear();
    this.#lastStartAtMs = Number.NaN;
    return rows;
  }

  /** Whether nothing was counted since the last `take`. */
  get isEmpty(): boolean {
    return this.#panes.size === 0;
  }
}

function newPane(): PaneCounts {
  return {
    requestCount: 0,
    failedCount: 0,
    durations: new Uint32Array(durationBuckets),
    flagCounts: new Map(),
    examples: new Map(),
  };
}

function addFlag(pane: PaneCounts, flag: string, line: CountedLine): void {
  const isKnown = pane.flagCounts.has(flag) || pane.flagCounts.size < maxFlagsPerPane;
  const name = isKnown ? flag : otherFlag;
  pane.flagCounts.set(name, (pane.flagCounts.get(name) ?? 0) + 1);
  addExample(pane, name, line);
}

function addExample({ examples }: PaneCounts, name: string, { atMs, requestId }: CountedLine): void {
  if (requestId !== null) examples.set(name, mergeExamples(examples.get(name) ?? [], [{ atMs, requestId }]));
}

/** The earliest of both lists, by time then id, without repeats: the same whatever the order of merging. `a` is the result of a merge, or empty. */
export function mergeExamples(a: readonly CountExample[], b: readonly CountExample[]): CountExample[] {
  const last = a[maxExamplesPerFlag - 1];
  if (last !== undefined && b.every((example) => compareExamples(example, last) >= 0)) return a as CountExample[];
  const merged = [...a, ...b].sort(compareExamples);
  return merged
    .filter((example, i) => i === 0 || compareExamples(example, merged[i - 1] as CountExample) !== 0)
    .slice(0, maxExamplesPerFlag);
}

function compareExamples(a: CountExample, b: CountExample): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs;
  if (a.requestId === b.requestId) return 0;
  return a.requestId < b.requestId ? -1 : 1;
}
