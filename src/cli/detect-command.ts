// `flagwatch detect FILE.csv`: the shipped detector at its shipped settings on one series, row by row, without looking ahead.
import type { Writable } from 'node:stream';
import { readFileBytes, readLineBatches } from '#adapters/file/line-reader.ts';
import { isTimeZone, type LocalTime, localTimeOf } from '#core/clock/local-time.ts';
import { LevelDetector } from '#core/detect/level.ts';
import { seriesSettings } from '#core/detect/series-settings.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import { renderCsvField, SeriesCsv, type SeriesRow } from './series-csv.ts';
import { openTextOutput } from './text-output.ts';

/** What the command reads and writes. */
export interface DetectCommand {
  readonly path: string;
  readonly stdout: Writable;
  /** For people: what could not be read. */
  readonly stderr: Writable;
  /** IANA name of the zone whose hours and weekdays count; `UTC` by default. */
  readonly timeZone?: string;
  /** How a file is read; a test may give its own. */
  readonly readFile?: (path: string) => AsyncIterable<Uint8Array>;
}

/** Rows that are named one by one before the rest is only counted. */
const maxNamedRows = 5;
/** Length of the first row's window, before a second one tells the distance. */
const firstWindowMs = 60_000;

/**
 * Prints `timestamp,score,anomaly` for each row of `timestamp,value`: `score` in [0,1] ranks, `anomaly` (0 or 1) is the decision. A row
 * is a window. A row that cannot be read, or whose value is empty, gets `0,0` and is left out of the past. Resolves to the exit
 * status: 0, 1 when rows could not be read, 2 when the file could not or the time zone is none.
 */
export async function runDetect(command: DetectCommand): Promise<number> {
  const { path, stdout, stderr, timeZone = 'UTC', readFile = readFileBytes } = command;
  if (!isTimeZone(timeZone)) {
    stderr.write(`flagwatch detect: time zone "${timeZone}" is not known: use an IANA name such as Asia/Seoul\n`);
    return 2;
  }
  const output = openTextOutput(stdout);
  const series = new SeriesDetection(localTimeOf(timeZone));
  try {
    await output.write('timestamp,score,anomaly\n');
    for await (const lines of readLineBatches(readFile(path))) {
      const text = lines.map(({ bytes }) => series.next(Buffer.from(bytes).toString('utf8'))).join('');
      if (text !== '') await output.write(text);
      if (output.isClosed()) break;
    }
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    stderr.write(`flagwatch detect: cannot read ${error.message}\n`);
    return 2;
  }
  const { unreadableCount, unreadable } = series;
  for (const reason of unreadable) stderr.write(`flagwatch detect: ${path}:${reason}\n`);
  const others = unreadableCount - unreadable.length;
  if (others > 0) stderr.write(`flagwatch detect: ${others} more rows cannot be read\n`);
  return unreadableCount === 0 ? 0 : 1;
}

/** Lines in, lines out; keeps the detector and the distance of the rows. */
class SeriesDetection {
  readonly #csv = new SeriesCsv();
  readonly #detector: LevelDetector;
  #lineNumber = 0;
  #lastAtMs: number | null = null;
  #windowMs: number | null = null;
  /** Rows that could not be read, and of the first of them `line: reason`. */
  unreadableCount = 0;
  readonly unreadable: string[] = [];

  constructor(localTime: LocalTime) {
    this.#detector = new LevelDetector(seriesSettings, localTime);
  }

  next(line: string): string {
    this.#lineNumber += 1;
    const read = this.#csv.read(line);
    switch (read.kind) {
      case 'row':
        return this.#judge(read.row);
      case 'unreadable':
        this.unreadableCount += 1;
        if (this.unreadable.length < maxNamedRows) this.unreadable.push(`${this.#lineNumber}: ${read.reason}`);
        return `${renderCsvField(read.timestamp)},0,0\n`;
      case 'header':
      case 'blank':
        return '';
    }
  }

  #judge({ timestamp, atMs, value }: SeriesRow): string {
    const windowMs = this.#windowAt(atMs);
    if (value === null) return `${renderCsvField(timestamp)},0,0\n`;
    const { kind, score } = this.#detector.judge({ startAtMs: atMs, endAtMs: atMs + windowMs, value });
    const rounded = Number(score.toFixed(4));
    return `${renderCsvField(timestamp)},${rounded},${kind === 'anomaly' ? 1 : 0}\n`;
  }

  /** The shortest distance of two rows so far: rows may be missing, none are closer than a window. */
  #windowAt(atMs: number): number {
    const gapMs = this.#lastAtMs === null ? 0 : atMs - this.#lastAtMs;
    this.#lastAtMs = atMs;
    if (gapMs > 0) this.#windowMs = Math.min(this.#windowMs ?? gapMs, gapMs);
    return this.#windowMs ?? firstWindowMs;
  }
}
