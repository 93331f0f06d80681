// Counts lines into panes, in collect: the hottest code after the scanner. A pane is a slice of a window (one second).
import type { CountExample, PartialCount } from './count-row.ts';
import { maxExamplesPerFlag } from './count-row.ts';
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

interface PaneCounts {
  requestCount: number;
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

  /** Counts a line without flags. */
  addHealthy(paneStartAtMs: number): void {
    if (paneStartAtMs !== this.#lastStartAtMs) this.#turnTo(paneStartAtMs);
    this.#last.requestCount += 1;
  }

  /** Counts a line with flags; `requestId` may be `null`. */
  addFlagged(
    paneStartAtMs: number,
    flags: readonly string[],
    example: { atMs: number; requestId: string | null },
  ): void {
    this.addHealthy(paneStartAtMs);
    const { flagCounts, examples } = this.#last;
    for (let i = 0; i < flags.length; i += 1) {
      let flag = (flags[i] as string).slice(0, maxFlagLength);
      if (flags.indexOf(flags[i] as string) !== i) continue;
      const before = flagCounts.get(flag);
      if (before === undefined && flagCounts.size >= maxFlagsPerPane) flag = otherFlag;
      flagCounts.set(flag, (flagCounts.get(flag) ?? 0) + 1);
      if (example.requestId !== null) {
        examples.set(
          flag,
          mergeExamples(examples.get(flag) ?? [], [{ atMs: example.atMs, requestId: example.requestId }]),
        );
      }
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
        flagCounts: Object.fromEntries(pane.flagCounts),
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
  return { requestCount: 0, flagCounts: new Map(), examples: new Map() };
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
