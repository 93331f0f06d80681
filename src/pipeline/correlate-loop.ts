// correlate: failed lines → request faults, counts by fault, and how far all of them are told. Its state is a function of its input
// partition's records alone: a restart reads on from the last snapshot and keeps silent up to the committed offset.
import type { SourceMark, WatermarkSettings } from '#core/clock/watermark.ts';
import { decodeFailedLineRecord } from '#core/correlate/failed-line-wire.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { encodeRequestFault } from '#core/correlate/request-fault-wire.ts';
import type { RequestTableSettings } from '#core/correlate/request-table.ts';
import type {
  ConsumeOptions,
  OpenedPartition,
  OutputRecord,
  PartitionProcessor,
  StreamBatch,
  StreamRecord,
} from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { CorrelateStep } from './correlate-state.ts';
import { CorrelateState } from './correlate-state.ts';
import { countRecords, watermarkRecords } from './count-records.ts';
import { encodeRecordLetter } from './dead-letter.ts';
import { FaultCounts } from './fault-counts.ts';
import type { LoopDeps } from './loop-deps.ts';
import { decodeSnapshot } from './snapshot-wire.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import type { TopicNames } from './topics.ts';

/** Settings of correlate. */
export interface CorrelateSettings extends Omit<WatermarkSettings, 'idleGraceMs'> {
  readonly names: TopicNames;
  readonly table: RequestTableSettings;
  /** Partitions of the topic of partial counts: each gets every watermark. */
  readonly outputPartitions: number;
  readonly paneMs: number;
  /** A snapshot of the state is written about this often: what a restart reads again. */
  readonly snapshotIntervalMs: number;
  /** What came of the lines is handed over after this long at most. */
  readonly commitIntervalMs: number;
  readonly tickMs: number;
}

/** Outputs that wait for a hand-over; more of them are handed over at once, so that an outage of everything cannot fill the memory. */
const maxPendingOutputs = 2000;

/** The correlate loop, to be run by a record stream. */
export function createCorrelateLoop(settings: CorrelateSettings, deps: LoopDeps): ConsumeOptions {
  return {
    loop: 'correlate',
    topics: [settings.names.failedLines],
    stateTopic: settings.names.correlateState,
    tickMs: settings.tickMs,
    open: (opened) => {
      const restored = restore(settings, deps, opened);
      const state = restored?.state ?? new CorrelateState(settings);
      const processor = new CorrelatePartition(settings, deps, opened, state);
      return Promise.resolve({ processor, startOffset: restored?.offset ?? opened.committedOffset ?? 'earliest' });
    },
  };
}

function restore(
  settings: CorrelateSettings,
  deps: LoopDeps,
  opened: OpenedPartition,
): { state: CorrelateState; offset: number } | null {
  const snapshot = decodeSnapshot(opened.state);
  const state = snapshot === null ? null : CorrelateState.restore(settings, snapshot.value);
  if (snapshot !== null && state !== null) return { state, offset: snapshot.offset };
  if (opened.committedOffset !== null) {
    deps.logger.warn('no usable snapshot: failed requests that wait for their partners are told by half', {
      partition: opened.origin.partition,
    });
  }
  return null;
}

class CorrelatePartition implements PartitionProcessor {
  readonly #settings: CorrelateSettings;
  readonly #deps: LoopDeps;
  readonly #opened: OpenedPartition;
  readonly #state: CorrelateState;
  readonly #counts: FaultCounts;
  readonly #snapshots: SnapshotWriter;
  /** Outputs of records before this offset were handed over by an earlier owner. */
  readonly #silentBefore: number;
  readonly #labels: { readonly partition: string };
  #outputs: OutputRecord[] = [];
  #measurements: (() => void)[] = [];
  #nextOffset: number | null = null;
  #committedOffset: number;
  #lastCommitMs: number;
  #sentUntilMs: number | null = null;

  constructor(settings: CorrelateSettings, deps: LoopDeps, opened: OpenedPartition, state: CorrelateState) {
    this.#settings = settings;
    this.#deps = deps;
    this.#opened = opened;
    this.#state = state;
    const { cluster, partition } = opened.origin;
    this.#counts = new FaultCounts({ dataCenter: cluster, paneMs: settings.paneMs });
    const { snapshotIntervalMs: intervalMs, names } = settings;
    this.#snapshots = new SnapshotWriter({ topic: names.correlateState, intervalMs }, opened);
    this.#silentBefore = opened.committedOffset ?? 0;
    this.#committedOffset = this.#silentBefore;
    this.#labels = { partition: String(partition) };
    this.#lastCommitMs = deps.clock.nowMs();
  }

  async process(batch: StreamBatch): Promise<void> {
    for (const record of batch.records) {
      this.#take(record);
      if (this.#outputs.length < maxPendingOutputs) continue;
      this.#nextOffset = record.offset + 1;
      await this.#commit();
    }
    this.#nextOffset = batch.nextOffset;
    await this.#commitIfDue(this.#deps.clock.nowMs());
  }

  async tick(nowMs: number): Promise<void> {
    const { toldUntilMs } = this.#state;
    if (toldUntilMs !== null) {
      const lagMs = nowMs - toldUntilMs;
      this.#deps.meter.set(metrics.correlateLagSeconds, lagMs / 1000, this.#labels);
    }
    await this.#commitIfDue(nowMs);
  }

  async drain(): Promise<void> {
    if (this.#hasProgress()) await this.#commit(true);
  }

  #hasProgress(): boolean {
    return this.#nextOffset !== null && this.#nextOffset > this.#committedOffset;
  }

  async #commitIfDue(nowMs: number): Promise<void> {
    if (this.#hasProgress() && nowMs - this.#lastCommitMs >= this.#settings.commitIntervalMs) await this.#commit();
  }

  #take(record: StreamRecord): void {
    const isSilent = record.offset < this.#silentBefore;
    const outcome = decodeFailedLineRecord(record.value ?? new Uint8Array(0));
    if (outcome.kind === 'skip') return;
    if (outcome.kind === 'dead-letter') {
      if (!isSilent) this.#setAside(record, outcome.detail);
      return;
    }
    const step = this.#state.take(outcome.value);
    if (isSilent) return;
    for (const fault of step.faults) this.#emit(fault);
    this.#measurements.push(() => this.#measure(step));
  }

  #emit(fault: RequestFault): void {
    const value = encodeRequestFault(fault);
    this.#outputs.push({ topic: this.#settings.names.requestFaults, key: fault.id, value });
    if (fault.revision === 1) this.#counts.add(fault);
  }

  #setAside(record: StreamRecord, detail: string): void {
    const reason = 'unreadable_internal_record';
    const letter = { origin: this.#opened.origin, loop: 'correlate', record, reason, detail } as const;
    this.#outputs.push(encodeRecordLetter(this.#settings.names.deadLetters, letter));
    this.#measurements.push(() => this.#deps.meter.add(metrics.deadLetters, 1, { loop: 'correlate', reason }));
  }

  async #commit(isLast = false): Promise<void> {
    if (this.#nextOffset === null || this.#opened.signal.aborted) return;
    const nextOffset = Math.max(this.#nextOffset, this.#committedOffset);
    const nowMs = this.#deps.clock.nowMs();
    const mark = this.#mark();
    // A snapshot stands for the state after `nextOffset`: while an earlier owner's stretch is read again there is none yet.
    const isWhole = this.#nextOffset >= this.#silentBefore;
    const snapshot = isWhole && (isLast || this.#snapshots.isDue(nowMs)) ? this.#snapshot(nextOffset) : [];
    // The mark comes behind the counts that it speaks for: their reader takes one after the other.
    const records = [...this.#outputs, ...this.#countRecords(), ...this.#markRecords(mark), ...snapshot];
    await this.#opened.handOver.commit({ records, nextOffset });
    this.#committedOffset = nextOffset;
    this.#lastCommitMs = nowMs;
    this.#sentUntilMs = mark?.watermarkAtMs ?? this.#sentUntilMs;
    if (snapshot.length > 0) this.#snapshots.noteWritten(nowMs);
    for (const measure of this.#measurements) measure();
    this.#gauge();
    this.#outputs = [];
    this.#measurements = [];
  }

  /** How far this partition has told everything; `null` where that is no news. */
  #mark(): SourceMark | null {
    if (this.#nextOffset === null || this.#nextOffset < this.#silentBefore) return null;
    const { toldUntilMs } = this.#state;
    if (toldUntilMs === null || (this.#sentUntilMs !== null && toldUntilMs <= this.#sentUntilMs)) return null;
    return this.#state.mark(this.#opened.partitionCount);
  }

  #countRecords(): Iterable<OutputRecord> {
    const { cluster, topic, partition } = this.#opened.origin;
    return countRecords(this.#settings.names.partialCounts, [cluster, topic, partition], this.#counts.take());
  }

  #markRecords(mark: SourceMark | null): Iterable<OutputRecord> {
    if (mark === null) return [];
    const { cluster, topic, partition } = this.#opened.origin;
    const { names, outputPartitions } = this.#settings;
    const watermark = { kind: 'watermark', source: [cluster, topic, partition], mark } as const;
    return watermarkRecords(names.partialCounts, outputPartitions, watermark);
  }

  #snapshot(nextOffset: number): readonly OutputRecord[] {
    const records = this.#snapshots.encode({ offset: nextOffset, value: this.#state.snapshot() });
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    this.#deps.meter.set(metrics.correlateSnapshotBytes, bytes, this.#labels);
    return records;
  }

  #measure({ lines, faults, unusual }: CorrelateStep): void {
    const { meter } = this.#deps;
    meter.add(metrics.correlatedLines, lines);
    const noted = [
      [metrics.unusualLines, 'repeated', unusual.repeatedLines],
      [metrics.unusualLines, 'late', unusual.lateLines],
      [metrics.unusualLines, 'dropped', unusual.droppedLines],
      [metrics.curtailedRequests, 'given_up', unusual.givenUpRequests],
      [metrics.curtailedRequests, 'forgotten', unusual.forgottenRequests],
    ] as const;
    for (const [metric, reason, count] of noted) if (count > 0) meter.add(metric, count, { reason });
    for (const { revision, party, evidence } of faults) {
      if (revision === 1) meter.add(metrics.requestFaults, 1, { party, evidence });
      else meter.add(metrics.faultCorrections, 1, { kind: party === 'none' ? 'taken_back' : 'changed' });
    }
  }

  /** Of what is handed over: who waits for these figures may rely on it. Counting who waits looks at every request held. */
  #gauge(): void {
    const { meter } = this.#deps;
    const { heldRequests, waitingRequests } = this.#state.status();
    meter.set(metrics.heldRequests, heldRequests, this.#labels);
    meter.set(metrics.waitingRequests, waitingRequests, this.#labels);
  }
}
