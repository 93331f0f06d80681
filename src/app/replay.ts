// Recorded lines through the whole core, without loops and as fast as it can: `flagwatch replay`. Each file is a source partition, so
// several are merged by event time, and the result is that of the live pipeline.
import { type Line, readLineBatches } from '#adapters/file/line-reader.ts';
import type { Settings } from '#config/settings.ts';
import { decodeValue } from '#core/access-log/decode-line.ts';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { SourceName } from '#core/clock/source-mark-wire.ts';
import type { ClosedWindow } from '#core/count/window-table.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { VerdictObserver } from '#core/evaluate/verdict-observer.ts';
import { DetectState, type DetectStateSettings } from '#pipeline/detect-state.ts';
import type { DetectStep } from '#pipeline/detect-step.ts';
import { LineCounter } from '#pipeline/line-counter.ts';
import { ReplayedCorrelation } from './replayed-correlation.ts';

/** A file of lines to be replayed. */
interface ReplaySource {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a replay has seen: every line is in one of these. */
export interface ReplayTotals {
  readonly counted: number;
  readonly late: number;
  readonly skipped: number;
  readonly unreadable: number;
}

/** What is replayed, and what takes the results. */
export interface Replay {
  readonly settings: Settings;
  readonly rules: readonly AlertRule[];
  readonly sources: readonly ReplaySource[];
  readonly onTransition: (transition: AlertTransition) => void;
  /** Is told the windows of the counts by flag as they close. */
  readonly onWindow?: (window: ClosedWindow) => void;
  /** Is told chosen verdicts. */
  readonly observer?: VerdictObserver;
}

const cluster = 'replay';
const topic = 'files';
const failedLines = 'failed-lines';

/** Replays to the end of all sources, which closes every window. Deterministic. */
export async function replay({
  settings,
  rules,
  sources,
  onTransition,
  onWindow,
  observer,
}: Replay): Promise<ReplayTotals> {
  const sourceTopics = [`${cluster}/${topic}`];
  const hasFaultRules = rules.some(({ select }) => select.counted === 'faults');
  const correlation = hasFaultRules
    ? new ReplayedCorrelation(settings, { cluster, topic: failedLines, sourceTopics })
    : null;
  const faultTopic = hasFaultRules ? `${cluster}/${failedLines}` : null;
  const state = new DetectState({
    ...detectSettings(settings, { sourceTopics, rules, faultTopic }),
    ...(observer === undefined ? {} : { observer }),
  });
  const totals = { counted: 0, late: 0, skipped: 0, unreadable: 0 };
  const inOrder = new OrderedTransitions(onTransition);
  const take = (step: DetectStep): void => {
    totals.counted += step.countedLines;
    totals.late += step.lateLines;
    for (const transition of step.transitions) inOrder.push(transition);
    if (onWindow !== undefined) for (const window of step.windows) onWindow(window);
  };
  const files = sources.map((source, partition) => new ReplayFile(source, partition, sources.length, settings));
  for (let next = earliest(files); next !== null; next = earliest(files)) {
    const read = await next.readOn();
    totals.skipped += read.skipped;
    totals.unreadable += read.unreadable;
    if (read.counts !== null) take(state.take(read.counts));
    take(state.take(read.mark));
    for (const record of correlation?.take(read.failedLines, read.mark) ?? []) take(state.take(record));
    inOrder.release(state.settledUntilMs);
  }
  take(state.finish());
  inOrder.release(Number.POSITIVE_INFINITY);
  return totals;
}

/** The settings of detect without loops, on input that ends. */
export function detectSettings(
  settings: Pick<Settings, 'windowMs' | 'paneMs' | 'idleTimeoutMs' | 'detect'>,
  parts: Pick<DetectStateSettings, 'sourceTopics' | 'rules' | 'faultTopic'>,
): DetectStateSettings {
  const { windowMs, paneMs, idleTimeoutMs, detect } = settings;
  const localTime = localTimeOf(detect.timeZone);
  return { ...parts, windowMs, paneMs, localTime, idleLeaseMs: idleTimeoutMs, isFinite: true, ...detect };
}

/** Rules on faults are judged later than rules on lines: puts what both tell into the order of event time. */
class OrderedTransitions {
  readonly #onTransition: (transition: AlertTransition) => void;
  #waiting: AlertTransition[] = [];

  constructor(onTransition: (transition: AlertTransition) => void) {
    this.#onTransition = onTransition;
  }

  push(transition: AlertTransition): void {
    this.#waiting.push(transition);
  }

  /** Gives away what is dated up to then: nothing earlier will come. */
  release(untilMs: number | null): void {
    if (untilMs === null || this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ atMs }) => atMs <= untilMs);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ atMs }) => atMs > untilMs);
    // Ids of the same instant differ.
    due.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
    for (const transition of due) this.#onTransition(transition);
  }
}

/** The file that is furthest behind in event time: the others would only wait for it. */
function earliest(files: readonly ReplayFile[]): ReplayFile | null {
  let first: ReplayFile | null = null;
  for (const file of files) {
    if (!file.isDone && (first === null || file.streamAtMs < first.streamAtMs)) first = file;
  }
  return first;
}

class ReplayFile {
  readonly #batches: AsyncIterator<readonly Line[]>;
  readonly #counter: LineCounter;
  readonly #source: SourceName;
  readonly #partitionCount: number;
  readonly #allowedLatenessMs: number;
  isDone = false;

  constructor(source: ReplaySource, partition: number, partitionCount: number, settings: Settings) {
    this.#batches = readLineBatches(source.bytes)[Symbol.asyncIterator]();
    const { paneMs, collect } = settings;
    this.#counter = new LineCounter({ dataCenter: cluster, paneMs, maxEdges: collect.maxEdges });
    this.#source = [cluster, topic, partition];
    this.#partitionCount = partitionCount;
    this.#allowedLatenessMs = settings.allowedLatenessMs;
  }

  /** Stream time; minus infinity before the first line. */
  get streamAtMs(): number {
    return this.#counter.streamAtMs ?? Number.NEGATIVE_INFINITY;
  }

  async readOn() {
    const { value: lines, done } = await this.#batches.next();
    let unreadable = 0;
    if (done === true) this.isDone = true;
    else for (const line of lines) unreadable += this.#take(line);
    const { rows, skipped, failedLines: failed } = this.#counter.take();
    const { streamAtMs } = this.#counter;
    const watermarkAtMs = streamAtMs === null ? null : streamAtMs - this.#allowedLatenessMs;
    const mark = {
      partitionCount: this.#partitionCount,
      streamAtMs,
      watermarkAtMs,
      isIdle: this.isDone,
      writtenAtMs: 0,
    };
    return {
      counts: rows.length === 0 ? null : ({ kind: 'counts', source: this.#source, rows } as const),
      mark: { kind: 'watermark', source: this.#source, mark } as const,
      failedLines: failed,
      skipped: [...skipped.values()].reduce((sum, count) => sum + count, 0),
      unreadable,
    };
  }

  /** Lines in it that cannot be read: a line of a file may hold several, as OTLP does. */
  #take(line: Line): number {
    const isWhole = line.totalBytes === line.bytes.length;
    if (isWhole && this.#counter.scan(line.bytes)) {
      this.#counter.countScanned();
      return 0;
    }
    let unreadable = isWhole ? 0 : 1;
    for (const { outcome } of isWhole ? decodeValue(line.bytes) : []) {
      if (outcome.kind === 'ok') this.#counter.countRecord(outcome.value);
      else if (outcome.kind === 'skip') this.#counter.skip(outcome.reason);
      else unreadable += 1;
    }
    return unreadable;
  }
}
