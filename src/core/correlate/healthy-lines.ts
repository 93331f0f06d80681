// Healthy lines that came before anything failed in their request: kept for a while in case a partner shows a failure, so
// that an attempt which was saved is known as saved. Only where healthy lines are read at all (the command, not the loop).
import type { RequestLine } from './request-line.ts';

/** A bounded store of lines by the key of their group; the oldest keys go first. */
export class HealthyLines {
  readonly #maxLines: number;
  readonly #lines = new Map<string, RequestLine[]>();
  #count = 0;

  /** `maxLines` 0 keeps none. */
  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  add(key: string, line: RequestLine): void {
    if (this.#maxLines === 0) return;
    const lines = this.#lines.get(key);
    if (lines === undefined) this.#lines.set(key, [line]);
    else lines.push(line);
    this.#count += 1;
    while (this.#count > this.#maxLines) {
      // Never empty here: the count is above 0.
      const [oldest] = this.#lines.keys();
      this.take(oldest ?? '');
    }
  }

  /** Takes the lines of a key out. */
  take(key: string): readonly RequestLine[] {
    const lines = this.#lines.get(key) ?? [];
    this.#lines.delete(key);
    this.#count -= lines.length;
    return lines;
  }

  /** All that is kept, the oldest keys first. */
  lines(): readonly RequestLine[] {
    return [...this.#lines.values()].flat();
  }
}
