// One line that tells people how far things are. On a terminal it is rewritten in place, and steps aside for whatever else is
// written; elsewhere (a log file, a pipe) a plain line comes now and then.
import { toVisibleText } from '#core/notify/visible-text.ts';
import { cutToWidth } from './display-width.ts';
import type { TextStream } from './text-stream.ts';

/** The status line of one stream. All that is written to the same terminal meanwhile goes through `log` or `around`. */
export interface LiveStatus {
  /** Shows this from now on. */
  show(text: string): void;
  /** Takes the line away; `show` brings it back. */
  clear(): void;
  /** Writes a line of its own above the status. */
  log(text: string): void;
  /** Takes the status away, lets `write` write, and puts the status back below. */
  around(write: () => void): void;
}

/** How the status is shown. */
export interface LiveStatusOptions {
  /** Where nobody watches: the time between two plain lines, milliseconds. */
  readonly plainIntervalMs?: number;
  /** Epoch milliseconds; the system's clock if left out. */
  readonly nowMs?: () => number;
}

// A log that says every ten seconds how far things are is read, one that says it each second is not.
const defaultPlainIntervalMs = 10_000;
// What terminals are where they do not tell their width.
const defaultColumns = 80;

/** The status line of `stream`. */
export function createLiveStatus(stream: TextStream, options: LiveStatusOptions = {}): LiveStatus {
  return stream.isTTY === true ? new RewrittenStatus(stream) : new PlainStatus(stream, options);
}

class RewrittenStatus implements LiveStatus {
  readonly #stream: TextStream;
  #text: string | null = null;
  #isOnScreen = false;

  constructor(stream: TextStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    this.#text = toVisibleText(text);
    this.#draw();
  }

  clear(): void {
    this.#text = null;
    this.#erase();
  }

  log(text: string): void {
    this.around(() => this.#stream.write(`${text}\n`));
  }

  around(write: () => void): void {
    this.#erase();
    try {
      write();
    } finally {
      this.#draw();
    }
  }

  #draw(): void {
    if (this.#text === null) return;
    // A line that fills the last column would wrap, and the next one would be written below it.
    const line = cutToWidth(this.#text, (this.#stream.columns ?? defaultColumns) - 1);
    this.#stream.write(`\r\u001b[2K${line}`);
    this.#isOnScreen = true;
  }

  #erase(): void {
    if (this.#isOnScreen) this.#stream.write('\r\u001b[2K');
    this.#isOnScreen = false;
  }
}

class PlainStatus implements LiveStatus {
  readonly #stream: TextStream;
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  #writtenAtMs: number | null = null;

  constructor(stream: TextStream, options: LiveStatusOptions) {
    this.#stream = stream;
    this.#intervalMs = options.plainIntervalMs ?? defaultPlainIntervalMs;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  show(text: string): void {
    const nowMs = this.#nowMs();
    if (this.#writtenAtMs !== null && nowMs - this.#writtenAtMs < this.#intervalMs) return;
    this.#writtenAtMs = nowMs;
    this.#stream.write(`${toVisibleText(text)}\n`);
  }

  clear(): void {
    // What was written stands.
  }

  log(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  around(write: () => void): void {
    write();
  }
}
