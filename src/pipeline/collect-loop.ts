// collect: access-log lines → partial counts, failed lines, watermarks and dead letters. Works on one source partition at a time; everything that
// came of a stretch of lines is handed over with their offset in one transaction.
import type { DecodedLine } from '#core/access-log/decode-line.ts';
import { decodeValue } from '#core/access-log/decode-line.ts';
import type { LineReading } from '#core/access-log/line-reading.ts';
import { anyReading } from '#core/access-log/line-reading.ts';
import type { DeadLetterReason } from '#core/access-log/record.ts';
import { eventAtMs, isTooFarAhead } from '#core/clock/event-time.ts';
import type { SourceName } from '#core/clock/source-mark-wire.ts';
import type { SourceMark } from '#core/clock/watermark.ts';
import { encodeFailedLineRecord } from '#core/correlate/failed-line-wire.ts';
import type { RequestLine } from '#core/correlate/request-line.ts';
import { correlationKey } from '#core/correlate/request-line.ts';
import type {
  ConsumeOptions,
  OpenedPartition,
  OutputRecord,
  PartitionProcessor,
  StreamBatch,
  StreamRecord,
} from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { countRecords, watermarkRecords } from './count-records.ts';
import { encodeDeadLetter } from './dead-letter.ts';
import { LineCounter } from './line-counter.ts';
import type { LoopDeps } from './loop-deps.ts';
import type { TopicNames } from './topics.ts';

/** Settings of collect. */
export interface CollectSettings {
  readonly topics: readonly string[];
  /** How the lines of a topic are read, where it is pinned. */
  readonly readings?: ReadonlyMap<string, LineReading>;
  readonly names: TopicNames;
  /** Partitions of the topic of partial counts: each gets every watermark. */
  readonly outputPartitions: number;
  /** Partitions of the topic of failed lines: the same. */
  readonly failedLinePartitions: number;
  readonly paneMs: number;
  readonly allowedLatenessMs: number;
  /** A partition without news for so long is idle; its word counts for as long (detect's `idleLeaseMs`). */
  readonly idleTimeoutMs: number;
  readonly futureBoundMs: number;
  /** What was read is handed over after this long at most. */
  readonly flushIntervalMs: number;
  /** And after this many lines. */
  readonly maxLinesPerFlush: number;
  /** Distinct edges of one partition that are kept at hand. */
  readonly maxEdges: number;
  readonly tickMs: number;
}

/** Kept bytes of dead letters that wait for a flush; more of them flush at once, so that bad lines cannot fill the memory. */
const maxPendingDeadLetters = 64;
/** Failed lines that wait for a flush, some 2 KB each: a backlog of an outage, in which all fail, must not fill it either. */
const maxPendingFailedLines = 5000;

/** A line in its topic: a value of several has one of these for each. `value` is the line alone. */
interface LinePlace {
  readonly offset: number;
  readonly index: number | null;
  readonly value: Uint8Array;
}

/** The collect loop, to be run by a record stream. */
export function createCollectLoop(settings: CollectSettings, deps: LoopDeps): ConsumeOptions {
  return {
    loop: 'collect',
    topics: settings.topics,
    tickMs: settings.tickMs,
    open: (opened) => {
      const processor = new CollectPartition(settings, deps, opened);
      return Promise.resolve({ processor, startOffset: opened.committedOffset ?? 'earliest' });
    },
  };
}

class CollectPartition implements PartitionProcessor {
  readonly #settings: CollectSettings;
  readonly #deps: LoopDeps;
  readonly #opened: OpenedPartition;
  readonly #source: SourceName;
  readonly #reading: LineReading;
  readonly #counter: LineCounter;
  readonly #deadLetters: OutputRecord[] = [];
  readonly #deadLetterReasons: DeadLetterReason[] = [];
  #nextOffset: number;
  #committedOffset: number;
  /** Wall clock at which the oldest line that is not handed over was read; `null` if there is none. */
  #pendingSinceMs: number | null = null;
  #lastArrivalMs: number;
  #sentMark: SourceMark | null = null;

  constructor(settings: CollectSettings, deps: LoopDeps, opened: OpenedPartition) {
    this.#settings = settings;
    this.#deps = deps;
    this.#opened = opened;
    const { cluster, topic, partition } = opened.origin;
    this.#source = [cluster, topic, partition];
    this.#reading = settings.readings?.get(topic) ?? anyReading;
    const { paneMs, maxEdges } = settings;
    this.#counter = new LineCounter({ dataCenter: cluster, paneMs, maxEdges, reading: this.#reading });
    this.#nextOffset = opened.committedOffset ?? 0;
    this.#committedOffset = this.#nextOffset;
    this.#lastArrivalMs = deps.clock.nowMs();
  }

  async process(batch: StreamBatch): Promise<void> {
    const nowMs = this.#deps.clock.nowMs();
    this.#lastArrivalMs = nowMs;
    for (const record of batch.records) {
      this.#pendingSinceMs ??= nowMs;
      this.#take(record, nowMs);
      if (this.#isFull()) {
        this.#nextOffset = record.offset + 1;
        await this.#flush(false);
      }
    }
    this.#nextOffset = batch.nextOffset;
    await this.#flushIfDue();
  }

  async tick(nowMs: number): Promise<void> {
    await this.#flushIfDue();
    if (this.#isIdleDue(nowMs) && (await this.#opened.isAtEnd())) await this.#flush(true);
  }

  /** Idle after the idle timeout; said again before the word is too old to count. */
  #isIdleDue(nowMs: number): boolean {
    const { idleTimeoutMs } = this.#settings;
    if (nowMs - this.#lastArrivalMs < idleTimeoutMs) return false;
    const sent = this.#sentMark;
    return sent?.isIdle !== true || nowMs - sent.writtenAtMs >= idleTimeoutMs / 2;
  }

  async drain(): Promise<void> {
    if (this.#nextOffset > this.#committedOffset) await this.#flush(false);
  }

  #take(record: StreamRecord, nowMs: number): void {
    const value = record.value ?? new Uint8Array(0);
    const counter = this.#counter;
    if (counter.scan(value)) {
      const place = { offset: record.offset, index: null, value };
      if (this.#isBelievable(counter.scannedAtMs, nowMs, place)) counter.countScanned();
      return;
    }
    const lines = decodeValue(value, this.#reading);
    lines.forEach((line, at) => {
      const place = { offset: record.offset, index: lines.length > 1 ? at : null, value: line.value ?? value };
      this.#takeLine(line.outcome, nowMs, place);
    });
  }

  #takeLine(outcome: DecodedLine['outcome'], nowMs: number, place: LinePlace): void {
    if (outcome.kind === 'skip') this.#counter.skip(outcome.reason);
    else if (outcome.kind === 'dead-letter') this.#setAside(place, outcome.reason, outcome.detail);
    else if (this.#isBelievable(eventAtMs(outcome.value), nowMs, place)) this.#counter.countRecord(outcome.value);
  }

  #isBelievable(atMs: number, nowMs: number, place: LinePlace): boolean {
    if (!isTooFarAhead(atMs, nowMs, this.#settings.futureBoundMs)) return true;
    this.#setAside(place, 'future_timestamp', this.#futureDetail(atMs, nowMs));
    return false;
  }

  #futureDetail(atMs: number, nowMs: number): string {
    const bound = this.#settings.futureBoundMs;
    return `the request ended at ${new Date(atMs).toISOString()}, ${Math.round((atMs - nowMs) / 1000)} s ahead of the clock; the bound is ${bound / 1000} s`;
  }

  #setAside(place: LinePlace, reason: DeadLetterReason, detail: string): void {
    const letter = { origin: this.#opened.origin, ...place, loop: 'collect', reason, detail };
    this.#deadLetters.push(encodeDeadLetter(this.#settings.names.deadLetters, letter));
    this.#deadLetterReasons.push(reason);
  }

  #isFull(): boolean {
    return (
      this.#counter.lineCount >= this.#settings.maxLinesPerFlush ||
      this.#counter.failedLineCount >= maxPendingFailedLines ||
      this.#deadLetters.length >= maxPendingDeadLetters
    );
  }

  async #flushIfDue(): Promise<void> {
    const isDue =
      this.#pendingSinceMs !== null &&
      this.#deps.clock.nowMs() - this.#pendingSinceMs >= this.#settings.flushIntervalMs;
    if (isDue) await this.#flush(false);
  }

  async #flush(isIdle: boolean): Promise<void> {
    if (this.#opened.signal.aborted) return;
    const mark = this.#mark(isIdle);
    const counted = this.#counter.take();
    const records = [
      ...countRecords(this.#settings.names.partialCounts, this.#source, counted.rows),
      ...this.#lineRecords(counted.failedLines),
      ...this.#markRecords(mark),
      ...this.#deadLetters,
    ];
    await this.#opened.handOver.commit({ records, nextOffset: this.#nextOffset });
    // Only after the commit: what fails is read again, and must not be counted twice.
    this.#sentMark = mark;
    this.#committedOffset = this.#nextOffset;
    this.#pendingSinceMs = null;
    this.#measure(counted);
    this.#deadLetters.length = 0;
    this.#deadLetterReasons.length = 0;
  }

  #mark(isIdle: boolean): SourceMark {
    const streamAtMs = this.#counter.streamAtMs;
    const watermarkAtMs = streamAtMs === null ? null : streamAtMs - this.#settings.allowedLatenessMs;
    const writtenAtMs = this.#deps.clock.nowMs();
    return { partitionCount: this.#opened.partitionCount, streamAtMs, watermarkAtMs, isIdle, writtenAtMs };
  }

  *#lineRecords(lines: readonly RequestLine[]): Generator<OutputRecord> {
    const topic = this.#settings.names.failedLines;
    for (const line of lines) {
      const value = encodeFailedLineRecord({ kind: 'line', source: this.#source, line });
      yield { topic, key: correlationKey(line), value };
    }
  }

  /** Behind what it speaks for, in both topics; nothing where nothing changed. */
  *#markRecords(mark: SourceMark): Generator<OutputRecord> {
    const sent = this.#sentMark;
    const isNews = sent === null || sent.watermarkAtMs !== mark.watermarkAtMs || sent.isIdle !== mark.isIdle;
    if (!isNews && !mark.isIdle) return;
    const { names, outputPartitions, failedLinePartitions } = this.#settings;
    const watermark = { kind: 'watermark', source: this.#source, mark } as const;
    yield* watermarkRecords(names.partialCounts, outputPartitions, watermark);
    yield* watermarkRecords(names.failedLines, failedLinePartitions, watermark);
  }

  #measure(counted: ReturnType<LineCounter['take']>): void {
    const { meter } = this.#deps;
    const topic = this.#opened.origin.topic;
    meter.add(metrics.lines, counted.countedLines, { topic, outcome: 'counted' });
    meter.add(metrics.forwardedLines, counted.failedLines.length);
    for (const [reason, count] of counted.skipped) {
      meter.add(metrics.lines, count, { topic, outcome: 'skipped' });
      meter.add(metrics.skippedLines, count, { reason });
    }
    meter.add(metrics.lines, this.#deadLetters.length, { topic, outcome: 'dead_lettered' });
    for (const reason of this.#deadLetterReasons) meter.add(metrics.deadLetters, 1, { loop: 'collect', reason });
  }
}
