// Lines of a file or of standard input, as bytes. Constant memory whatever the input: a line over the bound is cut, not kept.
import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AdapterError } from '#ports/adapter-error.ts';

/** One line without its line end (`\n` or `\r\n`). */
export interface Line {
  /** May share memory with its neighbours: copy it to keep it for long. */
  readonly bytes: Uint8Array;
  /** Length of the whole line. More than `bytes.length` where the line was longer than the bound and is cut. */
  readonly totalBytes: number;
  /** SHA-256 of the whole line, hexadecimal; of cut lines only, `null` for the others. */
  readonly sha256: string | null;
}

/** Bounds of the reader. */
export interface LineLimits {
  /** Longest line that is given whole, in bytes; also the most that is held of an unfinished one. */
  readonly maxLineBytes: number;
  /** How much is given of a longer one, in bytes; at most `maxLineBytes`. */
  readonly keptBytes: number;
}

/** 1 MiB, the longest line that decoding reads; 256 KiB of an oversized one, which fits a dead-letter record. */
export const defaultLineLimits: LineLimits = { maxLineBytes: 1_048_576, keptBytes: 262_144 };

/**
 * Lines of a byte stream, in the batches in which they come: the lines that one chunk completes, never an empty batch.
 * The last line needs no line end. Reads on only when the next batch is asked for. Errors of the source pass through.
 */
export async function* readLineBatches(
  source: AsyncIterable<Uint8Array>,
  limits: LineLimits = defaultLineLimits,
): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter(limits);
  for await (const chunk of source) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last !== null) yield [last];
}

/** The same, line by line. */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  limits: LineLimits = defaultLineLimits,
): AsyncGenerator<Line> {
  for await (const batch of readLineBatches(source, limits)) yield* batch;
}

/** The bytes of a file. Throws `AdapterError` `FILE_UNREADABLE` that names the file and why, also in the middle of reading. */
export async function* readFileBytes(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const options = signal === undefined ? {} : { signal };
  yield* readStreamBytes(createReadStream(path, options) as AsyncIterable<Uint8Array>, path, signal);
}

/** The bytes of an open stream (standard input), its failures told as those of a file called `name`. */
export async function* readStreamBytes(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    if (signal?.aborted) throw new AdapterError('ABORTED', `${name}: reading was stopped`, { retryable: false });
    throw new AdapterError('FILE_UNREADABLE', `${name}: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory, expected a file',
  ENOTDIR: 'a part of the path is not a directory',
  EMFILE: 'too many open files',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return reasons[code] ?? code;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
// Pieces that an unfinished line may lie in: a source that comes byte by byte must not cost an object for each byte.
const maxPieces = 1024;

/** Cuts chunks into lines; holds at most `maxLineBytes` of the line that is not finished. */
class LineSplitter {
  readonly #limits: LineLimits;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Set while the unfinished line is over the bound: its length and hash go on, its bytes do not. */
  #oversized: { readonly head: Uint8Array; readonly hash: Hash; lastByte: number } | null = null;

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  push(chunk: Uint8Array): readonly Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#append(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#append(chunk.subarray(start));
    return lines;
  }

  end(): Line | null {
    return this.#pendingBytes > 0 ? this.#take() : null;
  }

  #append(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pendingBytes += piece.length;
    if (this.#oversized !== null) {
      this.#hash(this.#oversized, piece);
      return;
    }
    this.#pending.push(piece);
    if (this.#pending.length >= maxPieces) this.#pending = [Buffer.concat(this.#pending)];
    // One more byte may be held: the carriage return of a line that is exactly as long as it may be.
    if (this.#pendingBytes <= this.#limits.maxLineBytes + 1) return;
    const whole = Buffer.concat(this.#pending);
    this.#oversized = {
      // Copied, so that the chunks can go.
      head: Uint8Array.from(whole.subarray(0, this.#limits.keptBytes)),
      hash: createHash('sha256'),
      lastByte: -1,
    };
    this.#hash(this.#oversized, whole);
    this.#pending = [];
  }

  // One byte behind, because the last one may be the carriage return of the line end.
  #hash(oversized: { hash: Hash; lastByte: number }, piece: Uint8Array): void {
    if (oversized.lastByte !== -1) oversized.hash.update(Uint8Array.of(oversized.lastByte));
    oversized.hash.update(piece.subarray(0, -1));
    oversized.lastByte = piece.at(-1) ?? -1;
  }

  #take(): Line {
    const line = this.#oversized === null ? this.#takeWhole() : this.#takeCut(this.#oversized);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#oversized = null;
    return line;
  }

  #takeWhole(): Line {
    const [first, ...others] = this.#pending;
    const raw = first === undefined ? new Uint8Array(0) : others.length === 0 ? first : Buffer.concat(this.#pending);
    const bytes = raw.at(-1) === carriageReturn ? raw.subarray(0, -1) : raw;
    if (bytes.length <= this.#limits.maxLineBytes) return { bytes, totalBytes: bytes.length, sha256: null };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { bytes: bytes.subarray(0, this.#limits.keptBytes), totalBytes: bytes.length, sha256 };
  }

  #takeCut({ head, hash, lastByte }: { head: Uint8Array; hash: Hash; lastByte: number }): Line {
    const hasReturn = lastByte === carriageReturn;
    if (!hasReturn) hash.update(Uint8Array.of(lastByte));
    return { bytes: head, totalBytes: this.#pendingBytes - (hasReturn ? 1 : 0), sha256: hash.digest('hex') };
  }
}
