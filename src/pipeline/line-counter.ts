// The inner part of collect: one line at a time into counters by edge. Healthy lines of a known edge cost a scan and an addition.

import { decodeLine } from '#core/access-log/decode-line.ts';
import type { LineReading } from '#core/access-log/line-reading.ts';
import type { AccessLogRecord, SkipReason } from '#core/access-log/record.ts';
import { LineScanner } from '#core/access-log/scan-line.ts';
import { attribute } from '#core/attribute/attribute.ts';
import type { Traffic } from '#core/attribute/traffic.ts';
import { eventAtMs, spanStartAtMs } from '#core/clock/event-time.ts';
import type { RequestLine } from '#core/correlate/request-line.ts';
import { isFailedFault, needsPartners, toRequestLine } from '#core/correlate/request-line.ts';
import type { PartialCount } from '#core/count/count-row.ts';
import { edgeKey, toEdge } from '#core/count/edge.ts';
import { EdgeCounter } from '#core/count/pane-table.ts';

/** Settings of a counter. */
export interface LineCounterSettings {
  readonly dataCenter: string;
  readonly paneMs: number;
  /** Distinct edges kept at hand; beyond it all are dropped at the next `take` and learned anew. */
  readonly maxEdges: number;
  /** How lines are read; by themselves where it is not said. */
  readonly reading?: LineReading;
}

/** What was counted between two flushes. */
export interface CountedLines {
  readonly rows: readonly PartialCount[];
  readonly countedLines: number;
  readonly skipped: ReadonlyMap<SkipReason, number>;
  /** Lines that correlate has to see, in the order in which they came. */
  readonly failedLines: readonly RequestLine[];
}

/** Counts the lines of one source partition. */
export class LineCounter {
  readonly #settings: LineCounterSettings;
  readonly #scanner: LineScanner;
  readonly #byIdentity = new Map<string, EdgeCounter>();
  readonly #byEdge = new Map<string, EdgeCounter>();
  readonly #skipped = new Map<SkipReason, number>();
  #failedLines: RequestLine[] = [];
  #value: Uint8Array = new Uint8Array(0);
  #countedLines = 0;
  #skippedLines = 0;
  #streamAtMs: number | null = null;
  /** Event time of the line that `scan` accepted last. */
  scannedAtMs = 0;

  constructor(settings: LineCounterSettings) {
    this.#settings = settings;
    this.#scanner = new LineScanner(settings.reading);
  }

  /** Reads a line the lean way; `false` means that only the full decoder can tell what it is. */
  scan(value: Uint8Array): boolean {
    if (!this.#scanner.scan(value)) return false;
    this.#value = value;
    this.scannedAtMs = this.#scanner.startAtMs + this.#scanner.durationMs;
    return true;
  }

  /** Counts the line that `scan` accepted last. */
  countScanned(): void {
    const scanner = this.#scanner;
    if (!isSurelyHealthy(scanner)) {
      this.countRecord(this.#decode());
      return;
    }
    const counter = this.#byIdentity.get(scanner.identity) ?? this.#learn(scanner.identity);
    counter.addHealthy(spanStartAtMs(this.scannedAtMs, this.#settings.paneMs), scanner.durationMs);
    this.#counted(this.scannedAtMs);
  }

  /** Counts a line that was decoded in full. */
  countRecord(record: AccessLogRecord): void {
    const atMs = eventAtMs(record);
    const traffic = attribute(record);
    const line = toRequestLine(record, traffic);
    this.#counterOf(traffic).add(spanStartAtMs(atMs, this.#settings.paneMs), {
      flags: record.responseFlags,
      isFailed: isFailedFault(line.fault),
      durationMs: record.durationMs,
      responseCode: record.responseCode,
      atMs,
      requestId: record.requestId,
    });
    if (needsPartners(line)) this.#failedLines.push(line);
    this.#counted(atMs);
  }

  /** Notes a line that is nobody's request. */
  skip(reason: SkipReason): void {
    this.#skippedLines += 1;
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
  }

  /** Lines noted since the last `take`. */
  get lineCount(): number {
    return this.#countedLines + this.#skippedLines;
  }

  /** Lines for correlate that are kept since the last `take`. */
  get failedLineCount(): number {
    return this.#failedLines.length;
  }

  /** Stream time: the greatest event time counted, ever. */
  get streamAtMs(): number | null {
    return this.#streamAtMs;
  }

  /** All counts since the last call; the counter starts again from zero. */
  take(): CountedLines {
    const rows: PartialCount[] = [];
    for (const counter of this.#byEdge.values()) if (!counter.isEmpty) rows.push(...counter.take());
    const taken = {
      rows,
      countedLines: this.#countedLines,
      skipped: new Map(this.#skipped),
      failedLines: this.#failedLines,
    };
    this.#failedLines = [];
    this.#countedLines = 0;
    this.#skippedLines = 0;
    this.#skipped.clear();
    if (this.#byIdentity.size > this.#settings.maxEdges || this.#byEdge.size > this.#settings.maxEdges) {
      this.#byIdentity.clear();
      this.#byEdge.clear();
    }
    return taken;
  }

  #counted(atMs: number): void {
    this.#countedLines += 1;
    if (this.#streamAtMs === null || atMs > this.#streamAtMs) this.#streamAtMs = atMs;
  }

  #learn(identity: string): EdgeCounter {
    const counter = this.#counterOf(attribute(this.#decode()));
    // The text may be a slice of the line: a copy keeps the line from being held.
    this.#byIdentity.set(Buffer.from(identity, 'utf8').toString('utf8'), counter);
    return counter;
  }

  #decode(): AccessLogRecord {
    const outcome = decodeLine(this.#value, this.#settings.reading);
    if (outcome.kind !== 'ok') throw new Error('the scanner accepted a line that the decoder does not');
    return outcome.value;
  }

  #counterOf(traffic: Traffic): EdgeCounter {
    const edge = toEdge(traffic, this.#settings.dataCenter);
    const key = edgeKey(edge);
    let counter = this.#byEdge.get(key);
    if (counter === undefined) {
      counter = new EdgeCounter(edge);
      this.#byEdge.set(key, counter);
    }
    return counter;
  }
}

/** Whether a line has neither failed nor needs partners, whatever else it says: the test that healthy lines cost. */
function isSurelyHealthy(scanner: LineScanner): boolean {
  const { responseFlags, responseCode, attemptCount } = scanner;
  if (responseFlags !== '' || responseCode === 0 || responseCode >= 500) return false;
  if (attemptCount !== null && attemptCount > 1) return false;
  // A 4xx is the client's fault where the application says so, and may be anybody's where a proxy does.
  const { isUpstreamAnswer } = scanner;
  return isUpstreamAnswer === true || (isUpstreamAnswer === null && responseCode < 400);
}
