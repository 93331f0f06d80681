// The panes of windows that are not closed yet, for verdicts before a window's end: rows by pane, handed on when the watermark has
// passed them. So what is judged early does not depend on the order in which lines came.
import { spanStartAtMs } from '#core/clock/event-time.ts';
import type { PartialCount } from './count-row.ts';
import type { WireRow } from './count-row-wire.ts';
import { parseWireRow, toWireRow } from './count-row-wire.ts';

/** Settings of open panes. */
export interface OpenPaneSettings {
  readonly paneMs: number;
  readonly windowMs: number;
  /** Rows that one window keeps; with more it is judged at its end alone. */
  readonly maxRowsPerWindow: number;
}

/** A pane that is complete. */
export interface ClosedPane {
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly windowStartAtMs: number;
  readonly windowEndAtMs: number;
  readonly rows: readonly PartialCount[];
}

/** Plain form, for snapshots. */
export interface OpenPanesSnapshot {
  readonly takenUntilMs: number | null;
  readonly rows: readonly (readonly [number, WireRow])[];
}

/** What of a window is kept. */
interface OpenWindow {
  /** By the start of the pane. */
  readonly panes: Map<number, PartialCount[]>;
  rowCount: number;
}

/** Rows by window and pane, from the window on that the last pane taken lies in. */
export class OpenPanes {
  readonly #settings: OpenPaneSettings;
  readonly #windows = new Map<number, OpenWindow>();
  #takenUntilMs: number | null = null;

  constructor(settings: OpenPaneSettings) {
    this.#settings = settings;
  }

  /** Takes a row, unless its pane was taken: then it is only seen at the window's end. */
  add(row: PartialCount): void {
    if (this.#takenUntilMs === null || row.paneStartAtMs >= this.#takenUntilMs) this.#put(row);
  }

  #put(row: PartialCount): void {
    const { paneMs, windowMs, maxRowsPerWindow } = this.#settings;
    const startAtMs = spanStartAtMs(row.paneStartAtMs, windowMs);
    let window = this.#windows.get(startAtMs);
    if (window === undefined) {
      window = { panes: new Map(), rowCount: 0 };
      this.#windows.set(startAtMs, window);
    }
    if (window.rowCount >= maxRowsPerWindow) return;
    window.rowCount += 1;
    const paneStartAtMs = spanStartAtMs(row.paneStartAtMs, paneMs);
    const rows = window.panes.get(paneStartAtMs);
    if (rows === undefined) window.panes.set(paneStartAtMs, [row]);
    else rows.push(row);
  }

  /**
   * Panes with rows that end at or before `untilMs`, in order, each once. The last pane of a window is left out: the window's end says
   * all of it.
   */
  takeUntil(untilMs: number): readonly ClosedPane[] {
    const doneMs = spanStartAtMs(untilMs, this.#settings.paneMs);
    if (this.#takenUntilMs !== null && doneMs <= this.#takenUntilMs) return [];
    const panes: ClosedPane[] = [];
    for (const startAtMs of [...this.#windows.keys()].filter((start) => start < doneMs).sort((a, b) => a - b)) {
      panes.push(...this.#panesOf(startAtMs, doneMs));
      if (startAtMs + this.#settings.windowMs <= doneMs) this.#windows.delete(startAtMs);
    }
    this.#takenUntilMs = doneMs;
    return panes;
  }

  #panesOf(windowStartAtMs: number, doneMs: number): readonly ClosedPane[] {
    const { paneMs, windowMs, maxRowsPerWindow } = this.#settings;
    const { panes = new Map<number, PartialCount[]>(), rowCount = 0 } = this.#windows.get(windowStartAtMs) ?? {};
    // What is not whole would be judged by a part of its requests.
    if (rowCount >= maxRowsPerWindow) return [];
    const windowEndAtMs = windowStartAtMs + windowMs;
    const fromMs = this.#takenUntilMs ?? Number.NEGATIVE_INFINITY;
    return [...panes]
      .filter(([at]) => at >= fromMs && at + paneMs <= doneMs && at + paneMs < windowEndAtMs)
      .sort((a, b) => a[0] - b[0])
      .map(([at, rows]) => ({ startAtMs: at, endAtMs: at + paneMs, windowStartAtMs, windowEndAtMs, rows }));
  }

  /** Rows of the open window whose panes were taken, for who has to begin anew with it. */
  takenRows(): readonly PartialCount[] {
    const takenUntilMs = this.#takenUntilMs ?? Number.NEGATIVE_INFINITY;
    const window = this.#windows.get(spanStartAtMs(takenUntilMs, this.#settings.windowMs));
    return [...(window?.panes.values() ?? [])].flat().filter(({ paneStartAtMs }) => paneStartAtMs < takenUntilMs);
  }

  /** Start of the window that the last pane taken lies in, `null` before the first. */
  get openWindowStartAtMs(): number | null {
    return this.#takenUntilMs === null ? null : spanStartAtMs(this.#takenUntilMs, this.#settings.windowMs);
  }

  snapshot(): OpenPanesSnapshot {
    const all = [...this.#windows.values()].flatMap(({ panes }) => [...panes.values()].flat());
    return {
      takenUntilMs: this.#takenUntilMs,
      rows: all.map((row) => [row.paneStartAtMs, toWireRow(row)] as const),
    };
  }

  /** Goes on where the snapshot was taken. Throws on a snapshot that is not one. */
  static restore(settings: OpenPaneSettings, snapshot: OpenPanesSnapshot): OpenPanes {
    const panes = new OpenPanes(settings);
    for (const [paneStartAtMs, wireRow] of snapshot.rows) {
      const row = parseWireRow(wireRow);
      if (row === null) throw new Error('a pane of the snapshot is malformed');
      panes.#put({ ...row, paneStartAtMs });
    }
    panes.#takenUntilMs = snapshot.takenUntilMs;
    return panes;
  }
}
