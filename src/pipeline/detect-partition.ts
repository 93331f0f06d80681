// The work of detect on one partition: takes records in their order, and hands over what came of them together with their offset. What it
// decides is in detect-state.ts; here are outputs, commits, snapshots, figures, and the change of rules.
import type { Outcome } from '#core/access-log/record.ts';
import { decodeCollectRecord } from '#core/count/partial-count-wire.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { encodeTransition } from '#core/evaluate/transition-wire.ts';
import type { DetectBoard } from '#ports/detect-board.ts';
import type {
  OpenedPartition,
  OutputRecord,
  PartitionProcessor,
  StreamBatch,
  StreamRecord,
} from '#ports/record-stream.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import { metrics } from '#telemetry/metrics.ts';
import { encodeRecordLetter } from './dead-letter.ts';
import type { DetectState, DetectStateSettings } from './detect-state.ts';
import type { DetectStep } from './detect-step.ts';
import type { LoopDeps } from './loop-deps.ts';
import { RuleAnnouncer } from './rule-announcer.ts';
import type { RuleSetRecord } from './rule-set-wire.ts';
import { decodeRuleSet } from './rule-set-wire.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import type { TopicNames } from './topics.ts';
import { windowRecords } from './window-records.ts';

/** Settings of detect. */
export interface DetectSettings extends DetectStateSettings {
  readonly names: TopicNames;
  /** Those that hold where there is no `RuleSource`. */
  readonly rules: readonly AlertRule[];
  /** How long files that differ from the set in force may be old ones, which are about to change. */
  readonly ruleSettleMs?: number;
  /** A snapshot of the state is written about this often: what a restart reads again. */
  readonly snapshotIntervalMs: number;
  /** Offsets without outputs are handed over about this often. */
  readonly commitIntervalMs: number;
  readonly tickMs: number;
}

/** What detect is given besides. */
export interface DetectDeps extends LoopDeps {
  /** Rules that may change while they run. */
  readonly ruleSource?: RuleSource;
  /** Where partitions show what they hold. */
  readonly board?: DetectBoard;
}

/** Where nothing else is said: mounted files reach every machine within a minute or two. */
const defaultSettleMs = 180_000;

/** One partition of detect and its owner. */
export class DetectPartition implements PartitionProcessor {
  readonly #settings: DetectSettings;
  readonly #deps: DetectDeps;
  readonly #opened: OpenedPartition;
  readonly #state: DetectState;
  /** Outputs of records before this offset were handed over by an earlier owner. */
  readonly #silentBefore: number;
  readonly #partition: string;
  #outputs: OutputRecord[] = [];
  readonly #snapshots: SnapshotWriter;
  /** Of partition 0 alone. */
  readonly #announcer: RuleAnnouncer | null;
  #measurements: (() => void)[] = [];
  #nextOffset: number | null = null;
  #committedOffset: number;
  #lastCommitMs: number;
  #behind = 0;
  /** Something happened that the last snapshot does not know, and that the log alone does not tell, or not cheaply. */
  #isSnapshotDue = false;
  /** There is more to show than the board shows. */
  #isShowDue = true;

  constructor(settings: DetectSettings, deps: DetectDeps, opened: OpenedPartition, state: DetectState) {
    this.#settings = settings;
    this.#deps = deps;
    this.#opened = opened;
    this.#state = state;
    this.#silentBefore = opened.committedOffset ?? 0;
    this.#committedOffset = this.#silentBefore;
    this.#partition = String(opened.origin.partition);
    const { names, snapshotIntervalMs } = settings;
    this.#snapshots = new SnapshotWriter({ topic: names.detectState, intervalMs: snapshotIntervalMs }, opened);
    this.#announcer = createAnnouncer(settings, deps, opened);
    this.#lastCommitMs = deps.clock.nowMs();
    opened.signal.addEventListener('abort', () => deps.board?.remove(opened.origin), { once: true });
  }

  async process(batch: StreamBatch): Promise<void> {
    for (const record of batch.records) this.#take(record);
    this.#nextOffset = batch.nextOffset;
    this.#behind = batch.behind;
    if (this.#isDue(this.#deps.clock.nowMs())) await this.#commit();
  }

  async tick(nowMs: number): Promise<void> {
    this.#gauge(nowMs);
    this.#watch(nowMs);
    this.#announceRules(nowMs);
    if (this.#isDue(nowMs)) await this.#commit();
  }

  async drain(): Promise<void> {
    if (this.#hasProgress()) await this.#commit(true);
  }

  /** One of the partitions watches the input for all, and not before it has caught up with what its earlier owner did. */
  #watch(nowMs: number): void {
    const { partition, cluster } = this.#opened.origin;
    if (partition !== 0 || (this.#nextOffset ?? 0) < this.#silentBefore) return;
    const problem = this.#deps.ruleSource?.problem ?? null;
    const transitions = this.#state.watch(nowMs, cluster, problem);
    this.#emitTransitions(transitions);
    // Read from the wall clock, they do not come again from the log.
    if (transitions.length > 0) this.#isSnapshotDue = true;
  }

  #announceRules(nowMs: number): void {
    if (this.#announcer === null || this.#nextOffset === null || this.#nextOffset < this.#silentBefore) return;
    const { newestSet, nextWindowAtMs } = this.#state;
    const inForce = { newest: newestSet?.hash ?? null, nextWindowAtMs, behind: this.#behind };
    this.#outputs.push(...this.#announcer.records(inForce, nowMs));
  }

  #hasProgress(): boolean {
    return this.#nextOffset !== null && this.#nextOffset > this.#committedOffset;
  }

  #isDue(nowMs: number): boolean {
    if (this.#outputs.length > 0 || this.#isSnapshotDue) return true;
    return this.#hasProgress() && nowMs - this.#lastCommitMs >= this.#settings.commitIntervalMs;
  }

  #take(record: StreamRecord): void {
    const isSilent = record.offset < this.#silentBefore;
    const change = decodeRuleSet(record.key, record.value ?? new Uint8Array(0));
    if (change !== null) {
      this.#takeRules(record, change, isSilent);
      return;
    }
    const outcome = decodeCollectRecord(record.value ?? new Uint8Array(0));
    if (outcome.kind === 'skip') return;
    if (outcome.kind === 'dead-letter') {
      if (!isSilent) this.#setAside(record, outcome.detail);
      return;
    }
    const step = this.#state.take(outcome.value, isSilent);
    if (isSilent) return;
    const { windows } = this.#settings.names;
    for (const window of step.windows) this.#outputs.push(...windowRecords(windows, window, null));
    const addition = `${this.#partition}/${record.offset}`;
    for (const window of step.lateWindows) this.#outputs.push(...windowRecords(windows, window, addition));
    this.#emitTransitions(step.transitions);
    if (step.windows.length > 0) this.#isShowDue = true;
    this.#measure(step);
  }

  #measure(step: DetectStep): void {
    this.#measurements.push(() => {
      const { meter } = this.#deps;
      meter.add(metrics.countedLines, step.countedLines);
      meter.add(metrics.lateLines, step.lateLines);
      meter.add(metrics.lateFaults, step.lateFaults);
      meter.add(metrics.seriesOverflow, step.overflowRows);
      meter.add(metrics.windowsClosed, step.windows.length);
      for (const window of step.windows) meter.add(metrics.windowRows, window.rows.length);
      for (const window of step.lateWindows) meter.add(metrics.amendedWindowRows, window.rows.length);
      for (const [kind, count] of Object.entries(step.verdictCounts)) meter.add(metrics.verdicts, count, { kind });
    });
  }

  /** Every owner of the partition changes at this record, one that reads it again in silence too. */
  #takeRules(record: StreamRecord, change: Outcome<RuleSetRecord>, isSilent: boolean): void {
    if (change.kind !== 'ok') {
      if (change.kind === 'dead-letter' && !isSilent) this.#setAside(record, change.detail);
      return;
    }
    const { ruleSource, logger, clock } = this.#deps;
    const { set, effectiveAtMs } = change.value;
    if (ruleSource === undefined) return;
    const { current } = ruleSource;
    const rules = set.hash === current.hash ? current.rules : ruleSource.read(set.files);
    const { watermarkAtMs } = this.#state.status();
    const about = { partition: this.#partition, set: set.hash, effectiveAt: new Date(effectiveAtMs).toISOString() };
    if (rules === null) {
      this.#count('unreadable', isSilent);
      logger.error('this build cannot read the rules that come into force: it keeps those of before', about);
      return;
    }
    const isNews = this.#state.newestSet?.hash !== set.hash;
    const transitions = this.#state.changeRules({ ...set, rules }, effectiveAtMs);
    if (isSilent) return;
    this.#announcer?.heard(set.hash, clock.nowMs());
    if (!isNews) return;
    this.#count(watermarkAtMs !== null && watermarkAtMs > effectiveAtMs ? 'late' : 'scheduled', isSilent);
    this.#emitTransitions(transitions);
    this.#isShowDue = true;
    this.#isSnapshotDue = true;
    logger.info('rules change', { ...about, rules: rules.length });
  }

  #count(outcome: 'scheduled' | 'late' | 'unreadable', isSilent: boolean): void {
    if (!isSilent) this.#measurements.push(() => this.#deps.meter.add(metrics.ruleChanges, 1, { outcome }));
  }

  #setAside(record: StreamRecord, detail: string): void {
    const reason = 'unreadable_internal_record';
    const letter = { origin: this.#opened.origin, loop: 'detect', record, reason, detail } as const;
    this.#outputs.push(encodeRecordLetter(this.#settings.names.deadLetters, letter));
    this.#measurements.push(() => this.#deps.meter.add(metrics.deadLetters, 1, { loop: 'detect', reason }));
  }

  #emitTransitions(transitions: readonly AlertTransition[]): void {
    for (const transition of transitions) {
      const value = encodeTransition(transition);
      this.#outputs.push({ topic: this.#settings.names.alerts, key: transition.fingerprint, value });
      this.#measurements.push(() => this.#deps.meter.add(metrics.transitions, 1, { status: transition.status }));
      this.#isShowDue = true;
    }
  }

  async #commit(isLast = false): Promise<void> {
    if (this.#opened.signal.aborted) return;
    const nextOffset = Math.max(this.#nextOffset ?? 0, this.#committedOffset);
    const nowMs = this.#deps.clock.nowMs();
    const isSnapshotDue = isLast || this.#isSnapshotDue || this.#snapshots.isDue(nowMs);
    // A snapshot stands for the state after `nextOffset`: while an earlier owner's stretch is read again there is none yet.
    const isCaughtUp = this.#nextOffset !== null && this.#nextOffset >= this.#silentBefore;
    const snapshot = isSnapshotDue && isCaughtUp ? this.#snapshot(nextOffset) : [];
    await this.#opened.handOver.commit({ records: [...this.#outputs, ...snapshot], nextOffset });
    this.#committedOffset = nextOffset;
    this.#lastCommitMs = nowMs;
    if (snapshot.length > 0) {
      this.#snapshots.noteWritten(nowMs);
      this.#isSnapshotDue = false;
    }
    for (const measure of this.#measurements) measure();
    this.#outputs = [];
    this.#measurements = [];
    if (isCaughtUp) this.#show(nowMs);
  }

  #show(nowMs: number): void {
    const { board } = this.#deps;
    if (board === undefined || !this.#isShowDue || this.#opened.signal.aborted) return;
    this.#isShowDue = false;
    const { origin, partitionCount } = this.#opened;
    const { watermarkAtMs } = this.#state.status();
    const ruleSet = this.#state.currentSet?.hash ?? null;
    board.show({ origin, partitionCount, shownAtMs: nowMs, watermarkAtMs, ruleSet, ...this.#state.views() });
  }

  #snapshot(nextOffset: number): readonly OutputRecord[] {
    const startedMs = this.#deps.clock.nowMs();
    const parts = this.#snapshots.encode({ offset: nextOffset, value: this.#state.snapshot() });
    const bytes = parts.reduce((sum, part) => sum + (part.value?.length ?? 0), 0);
    this.#deps.meter.set(metrics.snapshotBytes, bytes, { partition: this.#partition });
    this.#deps.meter.observe(metrics.snapshotSeconds, (this.#deps.clock.nowMs() - startedMs) / 1000);
    return parts;
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

function createAnnouncer(
  { names, ruleSettleMs = defaultSettleMs }: DetectSettings,
  { ruleSource }: DetectDeps,
  { origin, partitionCount }: OpenedPartition,
): RuleAnnouncer | null {
  if (ruleSource === undefined || origin.partition !== 0) return null;
  return new RuleAnnouncer(
    { topic: names.partialCounts, partitions: partitionCount, settleMs: ruleSettleMs },
    ruleSource,
  );
}
