// One way from partial counts to transitions: a watermark, the open windows below it, the rules that judge them. detect has two:
// rules on lines follow collect's watermark; rules on faults also wait for correlate's, some seconds later, and neither for the other.

import type { SourceMark } from '#core/clock/watermark.ts';
import { type WatermarkSettings, type WatermarkSnapshot, WatermarkTracker } from '#core/clock/watermark.ts';
import type { PartialCount } from '#core/count/count-row.ts';
import { type ClosedWindow, WindowTable, type WindowTableSnapshot } from '#core/count/window-table.ts';
import type { VerdictKind } from '#core/detect/verdict.ts';
import { verdictKinds } from '#core/detect/verdict.ts';
import { Evaluator } from '#core/evaluate/evaluator.ts';
import { isEvaluatorSnapshot } from '#core/evaluate/evaluator-snapshot.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';

/** Settings of a chain. */
export interface DetectChainSettings extends WatermarkSettings {
  readonly rules: readonly AlertRule[];
  readonly maxEdges: number;
  readonly maxSeries: number;
  /** After a gap in event time longer than this many windows only that many empty ones are closed. */
  readonly maxGapWindows: number;
}

/** What came of a mark. */
export interface ChainStep {
  readonly windows: readonly ClosedWindow[];
  readonly transitions: readonly AlertTransition[];
  readonly verdictCounts: Readonly<Record<VerdictKind, number>>;
  /** Series not judged, because there are too many. */
  readonly overflowSeries: number;
}

/** Plain form of a chain, for snapshots. */
export interface DetectChainSnapshot {
  readonly watermarks: WatermarkSnapshot;
  readonly table: WindowTableSnapshot;
  readonly evaluator: unknown;
}

/** No verdicts. */
export const noVerdicts: Readonly<Record<VerdictKind, number>> = Object.fromEntries(
  verdictKinds.map((kind) => [kind, 0]),
) as Record<VerdictKind, number>;

/**
 * A source that had lines so lately and is idle now may be stalled: what is missing then may come yet. Longer ago, and it has been
 * a matter for the rules on the pipeline.
 */
const stallMemoryMs = 3_600_000;

/** Such a way. Deterministic: the same rows and marks in the same order give the same steps. */
export class DetectChain {
  readonly #settings: DetectChainSettings;
  readonly watermarks: WatermarkTracker;
  readonly #table: WindowTable;
  readonly #evaluator: Evaluator;

  constructor(
    settings: DetectChainSettings,
    parts?: { watermarks: WatermarkTracker; table: WindowTable; evaluator: Evaluator },
  ) {
    this.#settings = settings;
    this.watermarks = parts?.watermarks ?? new WatermarkTracker(settings);
    this.#table = parts?.table ?? new WindowTable(settings);
    this.#evaluator = parts?.evaluator ?? new Evaluator(settings.rules, settings);
  }

  /** Takes a row; `late` where its window is closed. */
  add(row: PartialCount): 'counted' | 'late' {
    return this.#table.add(row);
  }

  /** Rows folded into `other` since the last call. */
  takeOverflowCount(): number {
    return this.#table.takeOverflowCount();
  }

  /** Takes the mark of a source; closes and judges the windows that the watermark has passed. `isSilent`: see `DetectState.take`. */
  mark(topic: string, partition: number, mark: SourceMark, isSilent: boolean): ChainStep {
    const watermarkAtMs = this.watermarks.update(topic, partition, mark);
    if (watermarkAtMs === null) return this.#judge([], isSilent);
    return this.#judge(this.#table.closeUntil(watermarkAtMs, this.#settings.maxGapWindows), isSilent);
  }

  /** Closes every window that holds rows, whatever the watermark: the end of a finite input. */
  finish(): ChainStep {
    return this.#judge(this.#table.closeAll(this.#settings.maxGapWindows), false);
  }

  #judge(windows: readonly ClosedWindow[], isSilent: boolean): ChainStep {
    if (windows.length === 0) return { windows, transitions: [], verdictCounts: noVerdicts, overflowSeries: 0 };
    const transitions: AlertTransition[] = [];
    const verdictCounts = { ...noVerdicts };
    let overflowSeries = 0;
    const isComplete = this.watermarks.isComplete(stallMemoryMs);
    for (const window of windows) {
      const evaluated = this.#evaluator.closeWindow({ ...window, isComplete }, { holdsOrphans: isSilent });
      transitions.push(...evaluated.transitions);
      overflowSeries += evaluated.overflowCount;
      for (const kind of verdictKinds) verdictCounts[kind] += evaluated.verdictCounts[kind];
    }
    return { windows, transitions, verdictCounts, overflowSeries };
  }

  get openWindows(): number {
    return this.#table.openCount;
  }

  get seriesCount(): number {
    return this.#evaluator.seriesCount;
  }

  get firingCount(): number {
    return this.#evaluator.firingCount;
  }

  snapshot(): DetectChainSnapshot {
    return {
      watermarks: this.watermarks.snapshot(),
      table: this.#table.snapshot(),
      evaluator: this.#evaluator.snapshot(),
    };
  }

  /** A chain that goes on where the snapshot was taken, `null` where another build made it. */
  static restore(settings: DetectChainSettings, snapshot: DetectChainSnapshot): DetectChain | null {
    if (!isEvaluatorSnapshot(snapshot.evaluator)) return null;
    return new DetectChain(settings, {
      watermarks: WatermarkTracker.restore(settings, snapshot.watermarks),
      table: WindowTable.restore(settings, snapshot.table),
      evaluator: Evaluator.restore(settings.rules, settings, snapshot.evaluator),
    });
  }
}
