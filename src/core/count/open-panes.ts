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

/** Rows by window and pane, from the window on that the last pane taken lies in. */
export class OpenPanes {
  readonly #settings: OpenPaneSettings;
  readonly #windows = new Map<number, PartialCount[]>();
  #takenUntilMs: number | null = null;

  constructor(settings: OpenPaneSettings) {
    this.#settings = settings;
  }

  /** Takes a row, unless its pane was taken: then it is only seen at the window's end. */
  add(row: PartialCount): void {
    if (this.#takenUntilMs !== null && row.paneStartAtMs < this.#takenUntilMs) return;
    const startAtMs = spanStartAtMs(row.paneStartAtMs, this.#settings.windowMs);
    const rows = this.#windows.get(startAtMs);
    if (rows === undefined) this.#windows.set(startAtMs, [row]);
    else if (rows.length < this.#settings.maxRowsPerWindow) rows.push(row);
  }

  /**
   * Panes with rows that end at or before `untilMs`, in order, each once. The last pane of a window is left out: the window's end says
   * all of it.
   */
  takeUntil(untilMs: number): readonly ClosedPane[] {
    const { paneMs, windowMs, maxRowsPerWindow } = this.#settings;
    const doneMs = spanStartAtMs(untilMs, paneMs);
    const panes: ClosedPane[] = [];
    for (const startAtMs of [...this.#windows.keys()].filter((start) => start < doneMs).sort((a, b) => a - b)) {
      const rows = this.#windows.get(startAtMs) ?? [];
      const endAtMs = startAtMs + windowMs;
      const byPane = Map.groupBy(rows, ({ paneStartAtMs }) => spanStartAtMs(paneStartAtMs, paneMs));
      const isWhole = rows.length < maxRowsPerWindow;
      for (const [at, own] of [...byPane].sort((a, b) => a[0] - b[0])) {
        const isNew = this.#takenUntilMs === null || at >= this.#takenUntilMs;
        if (!isWhole || !isNew || at + paneMs > doneMs || at + paneMs >= endAtMs) continue;
        panes.push({
          startAtMs: at,
          endAtMs: at + paneMs,
          windowStartAtMs: startAtMs,
          windowEndAtMs: endAtMs,
          rows: own,
        });
      }
      if (endAtMs <= doneMs) this.#windows.delete(startAtMs);
    }
    this.#takenUntilMs = Math.max(doneMs, this.#takenUntilMs ?? doneMs);
    return panes;
  }

  /** Rows of the open window whose panes were taken, for who has to begin anew with it. */
  takenRows(): readonly PartialCount[] {
    const takenUntilMs = this.#takenUntilMs ?? Number.NEGATIVE_INFINITY;
    const rows = this.#windows.get(spanStartAtMs(takenUntilMs, this.#settings.windowMs)) ?? [];
    return rows.filter(({ paneStartAtMs }) => paneStartAtMs < takenUntilMs);
  }

  /** Start of the window that the last pane taken lies in, `null` before the first. */
  get openWindowStartAtMs(): number | null {
    return this.#takenUntilMs === null ? null : spanStartAtMs(this.#takenUntilMs, this.#settings.windowMs);
  }

  snapshot(): OpenPanesSnapshot {
    const rows = [...this.#windows.values()].flat().map((row) => [row.paneStartAtMs, toWireRow(row)] as const);
    return { takenUntilMs: this.#takenUntilMs, rows };
  }

  /** Goes on where the snapshot was taken. Throws on a snapshot that is not one. */
  static restore(settings: OpenPaneSettings, snapshot: OpenPanesSnapshot): OpenPanes {
    const panes = new OpenPanes(settings);
    for (const [paneStartAtMs, wireRow] of snapshot.rows) {
      const row = parseWireRow(wireRow);
      if (row === null) throw new Error('a pane of the snapshot is malformed');
      panes.add({ ...row, paneStartAtMs });
    }
    panes.#takenUntilMs = snapshot.takenUntilMs;
    return panes;
  }
}
