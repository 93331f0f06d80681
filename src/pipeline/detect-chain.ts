// One way from partial counts to transitions: a watermark, the open windows below it, the rules that judge them. detect has two:
// rules on lines follow collect's watermark; rules on faults also wait for correlate's, some seconds later, and neither for the other.

import type { LocalTime } from '#core/clock/local-time.ts';
import type { SourceMark } from '#core/clock/watermark.ts';
import { type WatermarkSettings, type WatermarkSnapshot, WatermarkTracker } from '#core/clock/watermark.ts';
import type { PartialCount } from '#core/count/count-row.ts';
import type { ClosedPane, OpenPaneSettings, OpenPanesSnapshot } from '#core/count/open-panes.ts';
import { OpenPanes } from '#core/count/open-panes.ts';
import type { ClosedWindow, CountedWindow, WindowTableSnapshot } from '#core/count/window-table.ts';
import { WindowTable } from '#core/count/window-table.ts';
import type { VerdictKind } from '#core/detect/verdict.ts';
import { verdictKinds } from '#core/detect/verdict.ts';
import { changeRules } from '#core/evaluate/change-rules.ts';
import { Evaluator } from '#core/evaluate/evaluator.ts';
import { isEvaluatorSnapshot } from '#core/evaluate/evaluator-snapshot.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleSet } from '#core/evaluate/rule-set.ts';
import type { RuleView } from '#core/evaluate/rule-view.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { VerdictObserver } from '#core/evaluate/verdict-observer.ts';
import type { RuleChange, RuleScheduleSnapshot } from './rule-schedule.ts';
import { RuleSchedule } from './rule-schedule.ts';

/** Settings of a chain. */
export interface DetectChainSettings extends WatermarkSettings {
  readonly rules: readonly AlertRule[];
  /** The set that `rules` are of, where rules change while they run. */
  readonly ruleSet?: RuleSet;
  /** Slices of a window at whose ends what only grows is judged. */
  readonly paneMs: number;
  readonly maxEdges: number;
  readonly maxSeries: number;
  /** Whose hours and weekdays tell what is usual. */
  readonly localTime: LocalTime;
  /** After a gap in event time longer than this many windows only that many empty ones are closed. */
  readonly maxGapWindows: number;
  /** Is told chosen verdicts; see `VerdictObserver`. */
  readonly observer?: VerdictObserver;
}

/** What came of a mark. */
export interface ChainStep {
  readonly windows: readonly ClosedWindow[];
  /** What came for windows that were closed before, and has been taken into what is remembered of them. */
  readonly lateWindows: readonly CountedWindow[];
  readonly transitions: readonly AlertTransition[];
  readonly verdictCounts: Readonly<Record<VerdictKind, number>>;
  /** Series not judged, because there are too many. */
  readonly overflowSeries: number;
}

/** Plain form of a chain, for snapshots. */
export interface DetectChainSnapshot {
  readonly watermarks: WatermarkSnapshot;
  readonly table: WindowTableSnapshot;
  readonly panes: OpenPanesSnapshot;
  readonly evaluator: unknown;
  /** Missing in snapshots of builds whose rules did not change while they ran. */
  readonly schedule?: RuleScheduleSnapshot;
  /** Rows that came late since the last step; missing in snapshots of builds that did not keep them. */
  readonly late?: WindowTableSnapshot;
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

/** Rows of one edge in a window: a pane of each source partition and flush. With many partitions the busiest edges have more, the rest less. */
const maxRowsPerEdge = 20;

/** What a mark has made due. */
interface Due {
  readonly windows: readonly ClosedWindow[];
  readonly lateWindows: readonly CountedWindow[];
  readonly panes: readonly ClosedPane[];
}

interface ChainParts {
  readonly watermarks: WatermarkTracker;
  readonly table: WindowTable;
  readonly late: WindowTable;
  readonly panes: OpenPanes;
  readonly evaluator: Evaluator;
  readonly schedule: RuleSchedule;
}

const nothing: ChainStep = {
  windows: [],
  lateWindows: [],
  transitions: [],
  verdictCounts: noVerdicts,
  overflowSeries: 0,
};

/** Such a way. Deterministic: the same rows and marks in the same order give the same steps. */
export class DetectChain {
  readonly #settings: DetectChainSettings;
  readonly watermarks: WatermarkTracker;
  readonly #table: WindowTable;
  /** Rows of closed windows, until the next step. */
  readonly #late: WindowTable;
  readonly #panes: OpenPanes;
  readonly #schedule: RuleSchedule;
  #evaluator: Evaluator;
  /** The window whose panes the evaluator was given last. */
  #openWindowStartAtMs: number | null = null;

  constructor(settings: DetectChainSettings, parts?: ChainParts) {
    this.#settings = settings;
    this.watermarks = parts?.watermarks ?? new WatermarkTracker(settings);
    this.#table = parts?.table ?? new WindowTable(settings);
    this.#late = parts?.late ?? new WindowTable(settings);
    this.#panes = parts?.panes ?? new OpenPanes(paneSettings(settings));
    this.#evaluator = parts?.evaluator ?? new Evaluator(settings.rules, settings);
    this.#schedule = parts?.schedule ?? new RuleSchedule(settings.ruleSet ?? null);
  }

  /** Takes a row; `late` where its window is closed. */
  add(row: PartialCount): 'counted' | 'late' {
    const outcome = this.#table.add(row);
    if (outcome === 'counted') this.#panes.add(row);
    else this.#late.add(row);
    return outcome;
  }

  /** Rows folded into `other` since the last call. */
  takeOverflowCount(): number {
    return this.#table.takeOverflowCount() + this.#late.takeOverflowCount();
  }

  /** Takes the mark of a source; judges the windows, and the panes of the open one, that the watermark has passed. `isSilent`: see `DetectState.take`. */
  mark(topic: string, partition: number, mark: SourceMark, isSilent: boolean): ChainStep {
    const watermarkAtMs = this.watermarks.update(topic, partition, mark);
    if (watermarkAtMs === null) return nothing;
    const isComplete = this.watermarks.isComplete(stallMemoryMs);
    const windows = this.#table.closeUntil(watermarkAtMs, this.#settings.maxGapWindows, isComplete);
    // Once a window: what trickles in late is put together. With no window to come there is nothing to wait for.
    const lateWindows = windows.length > 0 || this.watermarks.areAllIdle ? this.#late.takeAll() : [];
    return this.#judge({ windows, lateWindows, panes: this.#panes.takeUntil(watermarkAtMs) }, isSilent);
  }

  /** Closes every window that holds rows, whatever the watermark: the end of a finite input. */
  finish(): ChainStep {
    const isComplete = this.watermarks.isComplete(stallMemoryMs);
    const windows = this.#table.closeAll(this.#settings.maxGapWindows, isComplete);
    const untilMs = windows.at(-1)?.endAtMs;
    const panes = untilMs === undefined ? [] : this.#panes.takeUntil(untilMs);
    return this.#judge({ windows, lateWindows: this.#late.takeAll(), panes }, false);
  }

  #judge({ windows, lateWindows, panes }: Due, isSilent: boolean): ChainStep {
    if (windows.length === 0 && lateWindows.length === 0 && panes.length === 0) return nothing;
    const transitions: AlertTransition[] = [...this.#amend(lateWindows)];
    const verdictCounts = { ...noVerdicts };
    let overflowSeries = 0;
    const changeBefore = (startAtMs: number): void => {
      const change = this.#schedule.takeDue(startAtMs);
      if (change !== null) transitions.push(...this.#change(change, change.effectiveAtMs));
    };
    let nextPane = 0;
    const judgePanesUntil = (endAtMs: number): void => {
      for (let pane = panes[nextPane]; pane !== undefined && pane.endAtMs <= endAtMs; pane = panes[nextPane]) {
        changeBefore(pane.windowStartAtMs);
        transitions.push(...this.#judgePane(pane));
        nextPane += 1;
      }
    };
    for (const window of windows) {
      judgePanesUntil(window.endAtMs);
      changeBefore(window.startAtMs);
      const evaluated = this.#evaluator.closeWindow(window, { holdsOrphans: isSilent });
      transitions.push(...evaluated.transitions);
      overflowSeries += evaluated.overflowCount;
      for (const kind of verdictKinds) verdictCounts[kind] += evaluated.verdictCounts[kind];
    }
    judgePanesUntil(Number.POSITIVE_INFINITY);
    if (this.watermarks.currentAtMs !== null) changeBefore(this.watermarks.currentAtMs);
    return { windows, lateWindows, transitions, verdictCounts, overflowSeries };
  }

  /** Before the next windows are judged: what only seemed to be missing is not missed any longer. */
  #amend(lateWindows: readonly CountedWindow[]): readonly AlertTransition[] {
    if (lateWindows.length === 0) return [];
    const nowMs = this.watermarks.currentAtMs ?? lateWindows.at(-1)?.endAtMs ?? 0;
    return this.#evaluator.amendWindows(lateWindows, nowMs);
  }

  /**
   * Schedules other rules. A time that windows have passed already is changed at once, in the middle of a window. Returns what the
   * change tells then.
   */
  scheduleRules(change: RuleChange): readonly AlertTransition[] {
    this.#schedule.add(change);
    const { currentAtMs } = this.watermarks;
    const due = currentAtMs === null ? null : this.#schedule.takeDue(currentAtMs);
    if (due === null || currentAtMs === null) return [];
    const transitions = this.#change(due, Math.max(due.effectiveAtMs, this.#evaluator.closedUntilMs ?? 0));
    this.#takeOpenWindow();
    return transitions;
  }

  #change({ rules }: RuleChange, atMs: number): readonly AlertTransition[] {
    const { evaluator, transitions } = changeRules(this.#evaluator, rules, this.#settings, atMs);
    this.#evaluator = evaluator;
    this.#openWindowStartAtMs = null;
    return transitions;
  }

  /** The evaluator is new in the middle of a window: it is given what of the window was judged already. */
  #takeOpenWindow(): void {
    this.#openWindowStartAtMs = this.#panes.openWindowStartAtMs;
    this.#evaluator.openWindow();
    this.#evaluator.addPane(this.#panes.takenRows(), null);
  }

  /** Which rules judge, and which are to come. */
  get schedule(): RuleSchedule {
    return this.#schedule;
  }

  views(): readonly RuleView[] {
    return this.#evaluator.views();
  }

  #judgePane({ rows, endAtMs, windowStartAtMs, windowEndAtMs }: ClosedPane): readonly AlertTransition[] {
    if (this.#openWindowStartAtMs !== windowStartAtMs) {
      this.#evaluator.openWindow();
      this.#openWindowStartAtMs = windowStartAtMs;
    }
    return this.#evaluator.addPane(rows, {
      startAtMs: windowStartAtMs,
      untilAtMs: endAtMs,
      endAtMs: windowEndAtMs,
    });
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
      late: this.#late.snapshot(),
      panes: this.#panes.snapshot(),
      evaluator: this.#evaluator.snapshot(),
      schedule: this.#schedule.snapshot(),
    };
  }

  /** A chain that goes on where the snapshot was taken, `null` where another build made it. */
  static restore(
    settings: DetectChainSettings,
    snapshot: DetectChainSnapshot,
    schedule: RuleSchedule,
  ): DetectChain | null {
    if (!isEvaluatorSnapshot(snapshot.evaluator)) return null;
    const chain = new DetectChain(settings, {
      watermarks: WatermarkTracker.restore(settings, snapshot.watermarks),
      table: WindowTable.restore(settings, snapshot.table),
      late: WindowTable.restore(settings, snapshot.late ?? { closedUntilMs: null, windows: [] }),
      panes: OpenPanes.restore(paneSettings(settings), snapshot.panes),
      evaluator: Evaluator.restore(settings.rules, settings, snapshot.evaluator),
      schedule,
    });
    chain.#takeOpenWindow();
    return chain;
  }
}

function paneSettings({ paneMs, windowMs, maxEdges }: DetectChainSettings): OpenPaneSettings {
  return { paneMs, windowMs, maxRowsPerWindow: maxRowsPerEdge * maxEdges };
}
