// Merges partial counts into tumbling windows and closes them by watermark, in detect. Only here something is late.
import { spanStartAtMs } from '#core/clock/event-time.ts';
import type { CountExample, CountRow, PartialCount, WindowCount } from './count-row.ts';
import type { WireRow } from './count-row-wire.ts';
import { parseWireRow, toWireRow } from './count-row-wire.ts';
import type { DurationSketch } from './duration-sketch.ts';
import { addSketch, durationBuckets, emptySketch, toSketch } from './duration-sketch.ts';
import type { Edge } from './edge.ts';
import { edgeKey, edgeLabels } from './edge.ts';
import { mergeExamples } from './pane-table.ts';

/** Name that the ends of edges beyond the cap are counted under. */
const otherName = 'other';

/** Settings of the table. */
export interface WindowSettings {
  /** Length of a window. */
  readonly windowMs: number;
  /** Distinct edges that one window keeps apart; those beyond are folded into `other` for their destination service. */
  readonly maxEdges: number;
}

/** What was counted in a window: rows of edges with traffic, ordered by edge key. */
export interface CountedWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly rows: readonly CountRow[];
}

/** A closed window. One without any traffic has no rows and still closes. */
export interface ClosedWindow extends CountedWindow {
  /** All input up to the end is known to be there. */
  readonly isComplete: boolean;
}

/** The rows of a window as others get them; `late`: see `WindowCount`. */
export function windowCounts(window: CountedWindow & { readonly isComplete?: boolean }, late: string | null) {
  const { startAtMs, endAtMs, isComplete = true, rows } = window;
  return rows.map((row): WindowCount => {
    return { ...row, windowStartAtMs: startAtMs, windowEndAtMs: endAtMs, isComplete, late };
  });
}

/** Plain form of a table, for snapshots. */
export interface WindowTableSnapshot {
  readonly closedUntilMs: number | null;
  readonly windows: readonly (readonly [number, readonly WireRow[]])[];
}

interface MutableRow {
  readonly edge: Edge;
  requestCount: number;
  failedCount: number;
  readonly flagCounts: Map<string, number>;
  readonly faultCounts: Map<string, number>;
  /** That of the first row as it came; of several, laid out for adding. */
  durations: DurationSketch | Uint32Array;
  readonly examples: Map<string, CountExample[]>;
}

/** Windows that are open, by start. Deterministic: any order and split of the same rows between two closes gives the same windows. */
export class WindowTable {
  readonly #settings: WindowSettings;
  readonly #windows = new Map<number, Map<string, MutableRow>>();
  #closedUntilMs: number | null = null;
  #overflowCount = 0;

  constructor(settings: WindowSettings) {
    this.#settings = settings;
  }

  /** Adds a row; `late` if its window is closed: then nothing is changed, and the caller counts `row.requestCount` lines as late. */
  add(row: PartialCount): 'counted' | 'late' {
    const startAtMs = spanStartAtMs(row.paneStartAtMs, this.#settings.windowMs);
    if (this.#closedUntilMs !== null && startAtMs < this.#closedUntilMs) return 'late';
    this.#addTo(startAtMs, row);
    return 'counted';
  }

  #addTo(startAtMs: number, row: CountRow): void {
    let window = this.#windows.get(startAtMs);
    if (window === undefined) {
      window = new Map();
      this.#windows.set(startAtMs, window);
    }
    let edge = row.edge;
    let key = edgeKey(edge);
    if (window.size >= this.#settings.maxEdges && !window.has(key)) {
      edge = foldedEdge(edge);
      key = edgeKey(edge);
      this.#overflowCount += 1;
    }
    let sum = window.get(key);
    if (sum === undefined) {
      sum = newRow(edge);
      window.set(key, sum);
    }
    mergeInto(sum, row);
  }

  /**
   * Closes every window that ends at or before the watermark, oldest first. Windows without traffic between two others are
   * closed too: zeros are data. After a gap longer than `maxGapWindows` only that many empty ones are, the newest. `isComplete`: what is
   * said of all of them.
   */
  closeUntil(watermarkAtMs: number, maxGapWindows: number, isComplete = true): ClosedWindow[] {
    const { windowMs } = this.#settings;
    const untilMs = spanStartAtMs(watermarkAtMs, windowMs);
    const starts = [...this.#windows.keys()].filter((start) => start < untilMs).sort((a, b) => a - b);
    const closed: ClosedWindow[] = [];
    let nextStartAtMs = this.#closedUntilMs ?? starts[0] ?? untilMs;
    for (const startAtMs of [...starts, untilMs]) {
      nextStartAtMs = Math.max(nextStartAtMs, startAtMs - maxGapWindows * windowMs);
      for (; nextStartAtMs < startAtMs; nextStartAtMs += windowMs) {
        closed.push(this.#close(nextStartAtMs, isComplete));
      }
      if (startAtMs < untilMs) closed.push(this.#close(startAtMs, isComplete));
      nextStartAtMs = startAtMs + windowMs;
    }
    this.#closedUntilMs = Math.max(untilMs, this.#closedUntilMs ?? untilMs);
    return closed;
  }

  /** Closes every window up to the last one that holds rows: the end of a finite input. */
  closeAll(maxGapWindows: number, isComplete = true): ClosedWindow[] {
    if (this.#windows.size === 0) return [];
    let lastStartAtMs = Number.NEGATIVE_INFINITY;
    for (const startAtMs of this.#windows.keys()) lastStartAtMs = Math.max(lastStartAtMs, startAtMs);
    return this.closeUntil(lastStartAtMs + this.#settings.windowMs, maxGapWindows, isComplete);
  }

  /** Takes out every window that holds rows, oldest first, whatever the watermark; none of them is closed by that. */
  takeAll(): CountedWindow[] {
    return [...this.#windows.keys()].sort((a, b) => a - b).map((startAtMs) => this.#takeOut(startAtMs));
  }

  #takeOut(startAtMs: number): CountedWindow {
    const rows = [...(this.#windows.get(startAtMs) ?? [])]
      .sort((a, b) => (a[0] < b[0] ? -1 : 1))
      .map(([, row]) => toRow(row));
    this.#windows.delete(startAtMs);
    return { startAtMs, endAtMs: startAtMs + this.#settings.windowMs, rows };
  }

  #close(startAtMs: number, isComplete: boolean): ClosedWindow {
    return { ...this.#takeOut(startAtMs), isComplete };
  }

  /** Windows that hold rows and are not closed. */
  get openCount(): number {
    return this.#windows.size;
  }

  /** Rows folded into `other` since the last call. */
  takeOverflowCount(): number {
    const count = this.#overflowCount;
    this.#overflowCount = 0;
    return count;
  }

  snapshot(): WindowTableSnapshot {
    const windows = [...this.#windows].map(
      ([start, rows]) => [start, [...rows.values()].map((row) => toWireRow(toRow(row)))] as const,
    );
    return { closedUntilMs: this.#closedUntilMs, windows };
  }

  /** A table that goes on where the snapshot was taken. Throws on a snapshot that is not one. */
  static restore(settings: WindowSettings, snapshot: WindowTableSnapshot): WindowTable {
    const table = new WindowTable(settings);
    table.#closedUntilMs = snapshot.closedUntilMs;
    for (const [startAtMs, rows] of snapshot.windows) {
      for (const wireRow of rows) {
        const row = parseWireRow(wireRow);
        if (row === null) throw new Error('a row of the snapshot is malformed');
        table.#addTo(startAtMs, row);
      }
    }
    return table;
  }
}

function mergeInto(sum: MutableRow, row: CountRow): void {
  sum.requestCount += row.requestCount;
  sum.failedCount += row.failedCount;
  addCounts(sum.flagCounts, row.flagCounts);
  addCounts(sum.faultCounts, row.faultCounts);
  addDurations(sum, row.durations);
  for (const [flag, examples] of Object.entries(row.examples)) {
    sum.examples.set(flag, mergeExamples(sum.examples.get(flag) ?? [], examples));
  }
}

function newRow(edge: Edge): MutableRow {
  return {
    edge,
    requestCount: 0,
    failedCount: 0,
    flagCounts: new Map(),
    faultCounts: new Map(),
    durations: emptySketch,
    examples: new Map(),
  };
}

function addCounts(sum: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum.set(name, (sum.get(name) ?? 0) + count);
}

function addDurations(sum: MutableRow, durations: DurationSketch): void {
  if (durations.length === 0) return;
  if (sum.durations.length === 0) {
    sum.durations = durations;
    return;
  }
  if (!(sum.durations instanceof Uint32Array)) {
    const counts = new Uint32Array(durationBuckets);
    addSketch(counts, sum.durations);
    sum.durations = counts;
  }
  addSketch(sum.durations, durations);
}

function toRow(row: MutableRow): CountRow {
  return {
    edge: row.edge,
    requestCount: row.requestCount,
    failedCount: row.failedCount,
    flagCounts: Object.fromEntries(row.flagCounts),
    faultCounts: Object.fromEntries(row.faultCounts),
    durations: row.durations instanceof Uint32Array ? toSketch(row.durations) : row.durations,
    examples: Object.fromEntries(row.examples),
  };
}

/** Keeps the destination service and namespace, so that sums by service stay right. */
function foldedEdge(edge: Edge): Edge {
  const kept = new Set(['reporter', 'data_center', 'destination_service', 'destination_namespace']);
  return Object.fromEntries(edgeLabels.map((label) => [label, kept.has(label) ? edge[label] : otherName])) as Edge;
}
