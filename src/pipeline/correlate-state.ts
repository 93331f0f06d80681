// All that correlate knows about one partition of failed lines: watermarks and the requests that wait or are remembered.
// Deterministic: the same records in the same order give the same steps.
import {
  type SourceMark,
  type WatermarkSettings,
  type WatermarkSnapshot,
  WatermarkTracker,
} from '#core/clock/watermark.ts';
import type { FailedLineRecord } from '#core/correlate/failed-line-wire.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import {
  RequestTable,
  type RequestTableCounts,
  type RequestTableSettings,
  type RequestTableSnapshot,
} from '#core/correlate/request-table.ts';

/** Settings of the state. */
export interface CorrelateStateSettings extends Omit<WatermarkSettings, 'idleGraceMs'> {
  readonly table: RequestTableSettings;
}

/** What came of one record. */
export interface CorrelateStep {
  readonly lines: number;
  readonly faults: readonly RequestFault[];
  /** What the table had to do for this record beyond its plain work. */
  readonly unusual: RequestTableCounts;
}

/** Figures for gauges. */
export interface CorrelateStatus {
  readonly heldRequests: number;
  readonly waitingRequests: number;
}

interface SnapshotForm {
  readonly v: 2;
  readonly watermarks: WatermarkSnapshot;
  readonly newestWrittenAtMs: number;
  readonly table: RequestTableSnapshot;
}

/**
 * The state of one partition. Its watermark is that of the lines: the minimum over the source partitions' marks, which collect
 * writes behind the lines of the same flush.
 *
 * When all sources are idle nothing would move it any more, and what came last would wait for ever. Then it goes to the end of
 * the last window with lines, as everywhere, and further by the wait: every line ended before that end, so every request is due
 * and is told. Less the wait it is the end of the window, to which the counts by flag are closed as well. A line that comes after
 * such silence ended after that end, or it is late for the windows too; so no wait is cut short by it. Decided by the marks
 * alone, whose word of being idle is a lease: a source whose collect died while idle holds everything until somebody reads it.
 */
export class CorrelateState {
  readonly #settings: CorrelateStateSettings;
  readonly #watermarks: WatermarkTracker;
  readonly #table: RequestTable;
  #newestWrittenAtMs = 0;

  constructor(settings: CorrelateStateSettings, parts?: { watermarks: WatermarkTracker; table: RequestTable }) {
    this.#settings = settings;
    this.#watermarks = parts?.watermarks ?? new WatermarkTracker(watermarkSettings(settings));
    this.#table = parts?.table ?? new RequestTable(settings.table);
  }

  /** Takes the next record in its order. */
  take(record: FailedLineRecord): CorrelateStep {
    const before = { ...this.#table.counts };
    const faults = record.kind === 'line' ? this.#add(record.line) : this.#advance(record);
    const { counts } = this.#table;
    const unusual = {
      repeatedLines: counts.repeatedLines - before.repeatedLines,
      droppedLines: counts.droppedLines - before.droppedLines,
      lateLines: counts.lateLines - before.lateLines,
      givenUpRequests: counts.givenUpRequests - before.givenUpRequests,
      forgottenRequests: counts.forgottenRequests - before.forgottenRequests,
    };
    return { lines: record.kind === 'line' ? 1 : 0, faults, unusual };
  }

  #add(line: Parameters<RequestTable['add']>[0]): readonly RequestFault[] {
    this.#table.add(line);
    return [];
  }

  #advance({ source, mark }: Extract<FailedLineRecord, { kind: 'watermark' }>): readonly RequestFault[] {
    const [cluster, topic, partition] = source;
    const name = `${cluster}/${topic}`;
    // A topic that is no longer read sends no more marks: its last ones would hold the rest.
    if (!this.#settings.sourceTopics.includes(name)) return [];
    this.#newestWrittenAtMs = Math.max(this.#newestWrittenAtMs, mark.writtenAtMs);
    const watermarkAtMs = this.#watermarks.update(name, partition, mark);
    return watermarkAtMs === null ? [] : this.#table.closeUntil(watermarkAtMs);
  }

  /** All requests whose last line ended before this are told, but for late ones; `null` before the watermark has started. Never goes back. */
  get toldUntilMs(): number | null {
    const { currentAtMs } = this.#watermarks;
    // A request is told when the watermark has passed its last line by the wait.
    return currentAtMs === null ? null : currentAtMs - this.#settings.table.waitMs;
  }

  /**
   * Correlate's own mark, `null` before the watermark has started. Never idle: it moves with the marks of the lines, and they go to
   * the end when all sources are idle. While this loop is down, nothing else may close the windows of its counts. Its clock is the
   * newest of the marks that it rests on: by its own, a slow correlate would end the lease of sources that are idle.
   */
  mark(partitionCount: number): SourceMark | null {
    const { toldUntilMs } = this;
    if (toldUntilMs === null) return null;
    const writtenAtMs = this.#newestWrittenAtMs;
    return { partitionCount, streamAtMs: toldUntilMs, watermarkAtMs: toldUntilMs, isIdle: false, writtenAtMs };
  }

  status(): CorrelateStatus {
    return {
      heldRequests: this.#table.size,
      waitingRequests: this.#table.waitingCount,
    };
  }

  /** Plain JSON value from which `restore` goes on. */
  snapshot(): unknown {
    const form: SnapshotForm = {
      v: 2,
      watermarks: this.#watermarks.snapshot(),
      newestWrittenAtMs: this.#newestWrittenAtMs,
      table: this.#table.snapshot(),
    };
    return form;
  }

  /** The state of a snapshot, or `null` where another build made it and it cannot be gone on from. */
  static restore(settings: CorrelateStateSettings, snapshot: unknown): CorrelateState | null {
    const form = snapshot as Partial<SnapshotForm> | null;
    if (form?.v !== 2 || form.watermarks === undefined || form.table === undefined) return null;
    const state = new CorrelateState(settings, {
      watermarks: WatermarkTracker.restore(watermarkSettings(settings), form.watermarks),
      table: RequestTable.restore(settings.table, form.table),
    });
    state.#newestWrittenAtMs = form.newestWrittenAtMs ?? 0;
    return state;
  }
}

function watermarkSettings({ table, ...settings }: CorrelateStateSettings): WatermarkSettings {
  return { ...settings, idleGraceMs: table.waitMs };
}
