// detect: partial counts → closed windows, verdicts, alert transitions. Its state is a function of the input partition's records alone:
// a restart reads on from the last snapshot and keeps silent up to the committed offset, because that was handed over before.

import type { WindowCount } from '#core/count/count-row.ts';
import { decodeCollectRecord } from '#core/count/partial-count-wire.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { encodeTransition } from '#core/evaluate/transition-wire.ts';
import type {
  ConsumeOptions,
  OpenedPartition,
  OutputRecord,
  PartitionProcessor,
  StreamBatch,
  StreamRecord,
} from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { encodeDeadLetter } from './dead-letter.ts';
import type { DetectStateSettings } from './detect-state.ts';
import { DetectState } from './detect-state.ts';
import type { LoopDeps } from './loop-deps.ts';
import { decodeSnapshot, encodeSnapshot, snapshotKeys } from './snapshot-wire.ts';
import type { TopicNames } from './topics.ts';

/** Settings of detect. */
export interface DetectSettings extends DetectStateSettings {
  readonly names: TopicNames;
  readonly rules: readonly AlertRule[];
  /** A snapshot of the state is written about this often: what a restart reads again. */
  readonly snapshotIntervalMs: number;
  /** Offsets without outputs are handed over about this often. */
  readonly commitIntervalMs: number;
  readonly tickMs: number;
}

/** Rows in one record of the topic of windows. */
const rowsPerRecord = 500;

/** The detect loop, to be run by a record stream. */
export function createDetectLoop(settings: DetectSettings, deps: LoopDeps): ConsumeOptions {
  return {
    loop: 'detect',
    topics: [settings.names.partialCounts],
    stateTopic: settings.names.detectState,
    tickMs: settings.tickMs,
    open: (opened) => Promise.resolve(openDetectPartition(settings, deps, opened)),
  };
}

function openDetectPartition(
  settings: DetectSettings,
  deps: LoopDeps,
  opened: OpenedPartition,
): { processor: PartitionProcessor; startOffset: number | 'earliest' } {
  const { committedOffset } = opened;
  const restored = restore(settings, deps, opened);
  const state = restored?.state ?? new DetectState(settings);
  const startOffset = restored?.offset ?? committedOffset ?? 'earliest';
  const processor = new DetectPartition(settings, deps, opened, state);
  return { processor, startOffset };
}

/** The state of the last snapshot that these settings can go on from. */
function restore(
  settings: DetectSettings,
  deps: LoopDeps,
  opened: OpenedPartition,
): { state: DetectState; offset: number } | null {
  const snapshot = decodeSnapshot(opened.state);
  if (snapshot === null) {
    if (opened.committedOffset !== null) {
      deps.logger.warn('no usable snapshot: baselines are learned anew', { partition: opened.origin.partition });
    }
    return null;
  }
  const state = DetectState.restore(settings, snapshot.value);
  if (state !== null) return { state, offset: snapshot.offset };
  deps.logger.warn('the snapshot was made with another window or pane: baselines are learned anew', {
    partition: opened.origin.partition,
  });
  return null;
}

class DetectPartition implements PartitionProcessor {
  readonly #settings: DetectSettings;
  readonly #deps: LoopDeps;
  readonly #opened: OpenedPartition;
  readonly #state: DetectState;
  /** Outputs of records before this offset were handed over by an earlier owner. */
  readonly #silentBefore: number;
  readonly #partition: string;
  #outputs: OutputRecord[] = [];
  #measurements: (() => void)[] = [];
  #nextOffset: number | null = null;
  #committedOffset: number;
  #lastCommitMs: number;
  #lastSnapshotMs: number | null = null;
  #snapshotParts = 0;

  constructor(settings: DetectSettings, deps: LoopDeps, opened: OpenedPartition, state: DetectState) {
    this.#settings = settings;
    this.#deps = deps;
    this.#opened = opened;
    this.#state = state;
    this.#silentBefore = opened.committedOffset ?? 0;
    this.#committedOffset = this.#silentBefore;
    this.#partition = String(opened.origin.partition);
    this.#snapshotParts = snapshotKeys(opened.state).length;
    this.#lastCommitMs = deps.clock.nowMs();
  }

  async process(batch: StreamBatch): Promise<void> {
    for (const record of batch.records) this.#take(record);
    this.#nextOffset = batch.nextOffset;
    if (this.#outputs.length > 0 || this.#isDue(this.#deps.clock.nowMs())) await this.#commit();
  }

  async tick(nowMs: number): Promise<void> {
    this.#gauge(nowMs);
    this.#watch(nowMs);
    if (this.#outputs.length > 0 || this.#isDue(nowMs)) await this.#commit();
  }

  async drain(): Promise<void> {
    if (this.#hasProgress()) await this.#commit(true);
  }

  /** One of the partitions watches the input for all, and not before it has caught up with what its earlier owner did. */
  #watch(nowMs: number): void {
    const { partition } = this.#opened.origin;
    if (partition !== 0 || (this.#nextOffset ?? 0) < this.#silentBefore) return;
    for (const transition of this.#state.watch(nowMs)) {
      this.#emitTransition(transition);
      this.#measurements.push(() => this.#deps.meter.add(metrics.transitions, 1, { status: transition.status }));
    }
  }

  #hasProgress(): boolean {
    return this.#nextOffset !== null && this.#nextOffset > this.#committedOffset;
  }

  #isDue(nowMs: number): boolean {
    return this.#hasProgress() && nowMs - this.#lastCommitMs >= this.#settings.commitIntervalMs;
  }

  #take(record: StreamRecord): void {
    const isSilent = record.offset < this.#silentBefore;
    const outcome = decodeCollectRecord(record.value ?? new Uint8Array(0));
    if (outcome.kind === 'skip') return;
    if (outcome.kind === 'dead-letter') {
      if (!isSilent) this.#setAside(record, outcome.detail);
      return;
    }
    const step = this.#state.take(outcome.value, isSilent);
    if (isSilent) return;
    for (const window of step.windows) this.#emitWindow(window.rows);
    for (const transition of step.transitions) this.#emitTransition(transition);
    this.#measurements.push(() => {
      const { meter } = this.#deps;
      meter.add(metrics.countedLines, step.countedLines);
      meter.add(metrics.lateLines, step.lateLines);
      meter.add(metrics.lateFaults, step.lateFaults);
      meter.add(metrics.seriesOverflow, step.overflowRows);
      meter.add(metrics.windowsClosed, step.windows.length);
      for (const window of step.windows) meter.add(metrics.windowRows, window.rows.length);
      for (const [kind, count] of Object.entries(step.verdictCounts)) meter.add(metrics.verdicts, count, { kind });
      for (const { status } of step.transitions) meter.add(metrics.transitions, 1, { status });
    });
  }

  #setAside(record: StreamRecord, detail: string): void {
    const reason = 'unreadable_internal_record';
    const value = record.value ?? new Uint8Array(0);
    const letter = {
      origin: this.#opened.origin,
      offset: record.offset,
      loop: 'detect',
      reason,
      detail,
      value,
    } as const;
    this.#outputs.push(encodeDeadLetter(this.#settings.names.deadLetters, letter));
    this.#measurements.push(() => this.#deps.meter.add(metrics.deadLetters, 1, { loop: 'detect', reason }));
  }

  #emitWindow(rows: readonly WindowCount[]): void {
    const byService = Map.groupBy(rows, (row) => row.edge.destination_service);
    for (const [service, list] of byService) {
      for (let i = 0; i < list.length; i += rowsPerRecord) {
        const value = encodeWindowCounts(list.slice(i, i + rowsPerRecord));
        this.#outputs.push({ topic: this.#settings.names.windows, key: service, value });
      }
    }
  }

  #emitTransition(transition: AlertTransition): void {
    const value = encodeTransition(transition);
    this.#outputs.push({ topic: this.#settings.names.alerts, key: transition.fingerprint, value });
  }

  async #commit(isLast = false): Promise<void> {
    if (this.#opened.signal.aborted) return;
    const nextOffset = Math.max(this.#nextOffset ?? 0, this.#committedOffset);
    const nowMs = this.#deps.clock.nowMs();
    const isSnapshotDue =
      isLast || this.#lastSnapshotMs === null || nowMs - this.#lastSnapshotMs >= this.#settings.snapshotIntervalMs;
    // A snapshot stands for the state after `nextOffset`: while an earlier owner's stretch is read again there is none yet.
    const isCaughtUp = this.#nextOffset !== null && this.#nextOffset >= this.#silentBefore;
    const snapshot = isSnapshotDue && isCaughtUp ? this.#snapshot(nextOffset) : [];
    await this.#opened.handOver.commit({ records: [...this.#outputs, ...snapshot], nextOffset });
    this.#committedOffset = nextOffset;
    this.#lastCommitMs = nowMs;
    if (snapshot.length > 0) this.#lastSnapshotMs = nowMs;
    for (const measure of this.#measurements) measure();
    this.#outputs = [];
    this.#measurements = [];
  }

  #snapshot(nextOffset: number): OutputRecord[] {
    const startedMs = this.#deps.clock.nowMs();
    const parts = encodeSnapshot({ offset: nextOffset, value: this.#state.snapshot() }, this.#snapshotParts);
    this.#snapshotParts = parts.filter((part) => part.value !== null).length;
    const bytes = parts.reduce((sum, part) => sum + (part.value?.length ?? 0), 0);
    this.#deps.meter.set(metrics.snapshotBytes, bytes, { partition: this.#partition });
    this.#deps.meter.observe(metrics.snapshotSeconds, (this.#deps.clock.nowMs() - startedMs) / 1000);
    const { partition } = this.#opened.origin;
    return parts.map((part) => ({
      topic: this.#settings.names.detectState,
      partition,
      key: part.key,
      value: part.value,
    }));
  }

  #gauge(nowMs: number): void {
    const { meter } = this.#deps;
    const labels = { partition: this.#partition };
    const { watermarkAtMs, idleSources, openWindows, seriesCount, firingCount } = this.#state.status();
    if (watermarkAtMs !== null) meter.set(metrics.watermarkLagSeconds, (nowMs - watermarkAtMs) / 1000, labels);
    meter.set(metrics.idlePartitions, idleSources);
    meter.set(metrics.openWindows, openWindows, labels);
    meter.set(metrics.series, seriesCount, labels);
    meter.set(metrics.firingAlerts, firingCount, labels);
  }
}
