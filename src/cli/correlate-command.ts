// `flagwatch correlate`: the lines of both sides in (files, or standard input), one JSON object for each failed request out.
import type { Writable } from 'node:stream';
import type { Line } from '#adapters/file/line-reader.ts';
import { readFileBytes, readLineBatches, readStreamBytes } from '#adapters/file/line-reader.ts';
import { decodeValue } from '#core/access-log/decode-line.ts';
import type { Language } from '#core/classify/response-flag.ts';
import { renderRequestFault } from '#core/correlate/render-request-fault.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { lineEndAtMs, toRequestLine } from '#core/correlate/request-line.ts';
import type { RequestTableSettings } from '#core/correlate/request-table.ts';
import { defaultRequestTableSettings, RequestTable } from '#core/correlate/request-table.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import { openTextOutput } from './text-output.ts';

/** What the command reads and writes. */
export interface CorrelateCommand {
  /** Paths; `-` is standard input. None: standard input alone. Several are merged by event time. */
  readonly files: readonly string[];
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Writable;
  /** For people: what could not be read, and what the bounds cost. */
  readonly stderr: Writable;
  /** Language of `why`; English by default. */
  readonly language?: Language;
  /** How long lines wait for their partners, in milliseconds of event time. */
  readonly waitMs?: number;
  /** Failed requests held at once. */
  readonly maxRequests?: number;
  /** How a file is read; a test may give its own. */
  readonly readFile?: (path: string) => AsyncIterable<Uint8Array>;
}

/**
 * 10 minutes: recorded lines are seldom in order (several partitions or pods written one after the other), and nobody waits
 * for them as for live ones. With 50,000 requests, and 20,000 healthy lines for ten seconds of a busy mesh, it holds at most some
 * 250 MB whatever the input.
 */
const commandTableSettings: RequestTableSettings = {
  ...defaultRequestTableSettings,
  waitMs: 600_000,
  maxHoldMs: 3_600_000,
  maxHealthyLines: 20_000,
};

/**
 * Correlates all lines and resolves to the exit status: 0, or 2 when a file could not be read (the others are still done).
 * A failed request is printed when its wait is over, all others at the end of the input; one that a later line corrects is
 * printed again with its `revision`. Ends early, with 0, when the reader of `stdout` has gone (`| head`).
 */
export async function runCorrelate(command: CorrelateCommand): Promise<number> {
  const { stderr, language = 'en' } = command;
  const output = openTextOutput(command.stdout);
  const table = new RequestTable(tableSettings(command));
  const print = async (watermarkMs: number): Promise<void> => {
    for (const faults of closeStepwise(table, watermarkMs)) {
      const text = faults.map((fault) => `${JSON.stringify(renderRequestFault(fault, language))}\n`).join('');
      if (text !== '' && !output.isClosed()) await output.write(text);
    }
  };
  const sources = openSources(command);
  let status = 0;
  for (let next = furthestBehind(sources); next !== null && !output.isClosed(); next = furthestBehind(sources)) {
    try {
      await next.readInto(table);
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      next.isDone = true;
      status = 2;
      stderr.write(`flagwatch correlate: cannot read ${error.message}\n`);
    }
    await print(watermarkOf(sources));
  }
  await print(Number.POSITIVE_INFINITY);
  for (const remark of remarks(sources, table)) stderr.write(`flagwatch correlate: ${remark}\n`);
  return status;
}

// At most this much event time is settled and printed at once: at the end of the input all that waits is due.
const stepMs = 10_000;

function* closeStepwise(table: RequestTable, watermarkMs: number): Generator<readonly RequestFault[]> {
  for (let next = table.nextDueAtMs; next !== null && next < watermarkMs; next = table.nextDueAtMs) {
    yield table.closeUntil(Math.min(watermarkMs, next + stepMs));
  }
  yield table.closeUntil(watermarkMs);
}

function tableSettings({ waitMs, maxRequests }: CorrelateCommand): RequestTableSettings {
  const defaults = commandTableSettings;
  return {
    ...defaults,
    waitMs: waitMs ?? defaults.waitMs,
    maxHoldMs: Math.max(defaults.maxHoldMs, waitMs ?? 0),
    maxRequests: maxRequests ?? defaults.maxRequests,
  };
}

function openSources({ files, stdin, readFile = readFileBytes }: CorrelateCommand): readonly LineSource[] {
  const paths = files.length === 0 ? ['-'] : files;
  return paths.map((path) => {
    // Not opened before its first batch is asked for, so that a file that is not there is an error of reading.
    const open = () => (path === '-' ? readStreamBytes(stdin, 'standard input') : readFile(path));
    return new LineSource(open);
  });
}

/** One file or standard input: read batch by batch, with its own stream time. */
class LineSource {
  isDone = false;
  /** Greatest event time read so far. */
  streamAtMs = Number.NEGATIVE_INFINITY;
  unreadableLines = 0;
  readonly #open: () => AsyncIterable<Uint8Array>;
  #batches: AsyncIterator<readonly Line[]> | null = null;

  constructor(open: () => AsyncIterable<Uint8Array>) {
    this.#open = open;
  }

  async readInto(table: RequestTable): Promise<void> {
    this.#batches ??= readLineBatches(this.#open())[Symbol.asyncIterator]();
    const { value: lines, done } = await this.#batches.next();
    if (done === true) this.isDone = true;
    else for (const line of lines) this.#take(line, table);
  }

  #take(line: Line, table: RequestTable): void {
    const isWhole = line.totalBytes === line.bytes.length;
    if (!isWhole) this.unreadableLines += 1;
    for (const { outcome } of isWhole ? decodeValue(line.bytes) : []) {
      if (outcome.kind === 'dead-letter') this.unreadableLines += 1;
      if (outcome.kind !== 'ok') continue;
      const requestLine = toRequestLine(outcome.value);
      this.streamAtMs = Math.max(this.streamAtMs, lineEndAtMs(requestLine));
      table.add(requestLine);
    }
  }
}

function furthestBehind(sources: readonly LineSource[]): LineSource | null {
  let first: LineSource | null = null;
  for (const source of sources) {
    if (!source.isDone && (first === null || source.streamAtMs < first.streamAtMs)) first = source;
  }
  return first;
}

function watermarkOf(sources: readonly LineSource[]): number {
  const open = sources.filter((source) => !source.isDone);
  // All are done: the end of the input closes what is left.
  return open.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...open.map((source) => source.streamAtMs));
}

function remarks(sources: readonly LineSource[], { counts }: RequestTable): readonly string[] {
  const unreadable = sources.reduce((sum, source) => sum + source.unreadableLines, 0);
  const all: readonly (readonly [string, number])[] = [
    ['lines that could not be read (flagwatch classify shows why)', unreadable],
    ['lines that came twice, counted once', counts.repeatedLines],
    ['lines that came after their request was told of (what they changed was printed again)', counts.lateLines],
    ['requests told of before their wait was over, for want of room', counts.givenUpRequests],
    ['requests forgotten early, for want of room', counts.forgottenRequests],
    ['lines left out of requests with too many', counts.droppedLines],
  ];
  return all.filter(([, count]) => count > 0).map(([what, count]) => `${what}: ${count}`);
}
