// All that detect knows about one partition of partial counts: watermarks, open windows, baselines, alerts. Deterministic: the same
// records in the same order give the same steps. Used by the detect loop and by `replay`.

import { type WatermarkSettings, type WatermarkSnapshot, WatermarkTracker } from '#core/clock/watermark.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';
import { type ClosedWindow, WindowTable, type WindowTableSnapshot } from '#core/count/window-table.ts';
import type { VerdictKind } from '#core/detect/verdict.ts';
import { Evaluator } from '#core/evaluate/evaluator.ts';
import { isEvaluatorSnapshot } from '#core/evaluate/evaluator-snapshot.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';

/** Settings of the state. */
export interface DetectStateSettings extends WatermarkSettings {
  readonly rules: readonly AlertRule[];
  readonly maxEdges: number;
  readonly maxSeries: number;
  /** After a gap in event time longer than this many windows only that many empty ones are closed. */
  readonly maxGapWindows: number;
}

/** What came of one record. */
export interface DetectStep {
  readonly countedLines: number;
  readonly lateLines: number;
  /** Rows folded into `other`, and series not judged, because a cap was reached. */
  readonly overflowRows: number;
  readonly windows: readonly ClosedWindow[];
  readonly transitions: readonly AlertTransition[];
  readonly verdictCounts: Readonly<Record<VerdictKind, number>>;
}

/** Figures for gauges and the live status. */
export interface DetectStatus {
  readonly watermarkAtMs: number | null;
  readonly idleSources: number;
  readonly openWindows: number;
  readonly seriesCount: number;
  readonly firingCount: number;
}

interface SnapshotForm {
  readonly v: 1;
  readonly windowMs: number;
  readonly watermarks: WatermarkSnapshot;
  readonly table: WindowTableSnapshot;
  readonly evaluator: unknown;
}

const noVerdicts: Readonly<Record<VerdictKind, number>> = { learning: 0, held: 0, normal: 0, anomaly: 0 };

/** The state of one partition. */
export class DetectState {
  readonly #settings: DetectStateSettings;
  readonly #watermarks: WatermarkTracker;
  readonly #table: WindowTable;
  readonly #evaluator: Evaluator;

  constructor(
    settings: DetectStateSettings,
    parts?: { watermarks: WatermarkTracker; table: WindowTable; evaluator: Evaluator },
  ) {
    this.#settings = settings;
    this.#watermarks = parts?.watermarks ?? new WatermarkTracker(settings);
    this.#table = parts?.table ?? new WindowTable(settings);
    this.#evaluator = parts?.evaluator ?? new Evaluator(settings.rules, settings);
  }

  /** Takes the next record in its order. `isSilent`: what comes of it was handed over before, and is not heard again. */
  take(record: CollectRecord, isSilent: boolean = false): DetectStep {
    if (record.kind === 'counts') {
      let countedLines = 0;
      let lateLines = 0;
      for (const row of record.rows) {
        if (this.#table.add(row) === 'late') lateLines += row.requestCount;
        else countedLines += row.requestCount;
      }
      const overflowRows = this.#table.takeOverflowCount();
      return { countedLines, lateLines, overflowRows, windows: [], transitions: [], verdictCounts: noVerdicts };
    }
    const [cluster, topic, partition] = record.source;
    const watermarkAtMs = this.#watermarks.update(`${cluster}/${topic}`, partition, record.mark);
    const windows = watermarkAtMs === null ? [] : this.#table.closeUntil(watermarkAtMs, this.#settings.maxGapWindows);
    return { countedLines: 0, lateLines: 0, windows, ...this.#evaluate(windows, isSilent) };
  }

  /** Closes every window that holds rows, whatever the watermark: the end of a finite input. */
  finish(): DetectStep {
    const windows = this.#table.closeAll(this.#settings.maxGapWindows);
    return { countedLines: 0, lateLines: 0, windows, ...this.#evaluate(windows, false) };
  }

  #evaluate(
    windows: readonly ClosedWindow[],
    isSilent: boolean,
  ): Pick<DetectStep, 'transitions' | 'verdictCounts' | 'overflowRows'> {
    if (windows.length === 0) return { transitions: [], verdictCounts: noVerdicts, overflowRows: 0 };
    const transitions: AlertTransition[] = [];
    const verdictCounts = { ...noVerdicts };
    let overflowRows = 0;
    for (const window of windows) {
      const evaluated = this.#evaluator.closeWindow(window, { holdsOrphans: isSilent });
      transitions.push(...evaluated.transitions);
      overflowRows += evaluated.overflowCount;
      for (const kind of Object.keys(verdictCounts) as VerdictKind[]) {
        verdictCounts[kind] += evaluated.verdictCounts[kind];
      }
    }
    return { transitions, verdictCounts, overflowRows };
  }

  status(): DetectStatus {
    return {
      watermarkAtMs: this.#watermarks.currentAtMs,
      idleSources: this.#watermarks.idleCount,
      openWindows: this.#table.openCount,
      seriesCount: this.#evaluator.seriesCount,
      firingCount: this.#evaluator.firingCount,
    };
  }

  /** Plain JSON value from which `restore` goes on. */
  snapshot(): unknown {
    const form: SnapshotForm = {
      v: 1,
      windowMs: this.#settings.windowMs,
      watermarks: this.#watermarks.snapshot(),
      table: this.#table.snapshot(),
      evaluator: this.#evaluator.snapshot(),
    };
    return form;
  }

  /** The state of a snapshot, or `null` where it was made with another window or by another build, and cannot be gone on from. */
  static restore(settings: DetectStateSettings, snapshot: unknown): DetectState | null {
    const form = snapshot as Partial<SnapshotForm> | null;
    if (form?.v !== 1 || form.windowMs !== settings.windowMs) return null;
    if (form.watermarks === undefined || form.table === undefined || !isEvaluatorSnapshot(form.evaluator)) return null;
    return new DetectState(settings, {
      watermarks: WatermarkTracker.restore(settings, form.watermarks),
      table: WindowTable.restore(settings, form.table),
      evaluator: Evaluator.restore(settings.rules, settings, form.evaluator),
    });
  }
}
