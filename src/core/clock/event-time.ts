// Event time: when a request ended, by its own proxy. All windows are cut from it.

/** Event time of a line: a proxy logs at the end; by the start every timeout would be late. */
export function eventAtMs(line: { readonly startAtMs: number; readonly durationMs: number }): number {
  return line.startAtMs + line.durationMs;
}

/** Start of the tumbling span `[start, start + spanMs)` that holds the instant; spans are aligned to the epoch. */
export function spanStartAtMs(atMs: number, spanMs: number): number {
  return Math.floor(atMs / spanMs) * spanMs;
}

/**
 * Whether a line is dated so far ahead of the wall clock that it cannot be believed. One such line would carry the watermark
 * into the future and make every later line late.
 */
export function isTooFarAhead(atMs: number, nowMs: number, boundMs: number): boolean {
  return atMs > nowMs + boundMs;
}
