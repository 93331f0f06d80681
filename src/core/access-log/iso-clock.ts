// Reads `2026-11-21T05:21:17.136Z` in bytes by arithmetic; asks the calendar only when the day is another than before.
import { byte, isDigit } from './json-bytes.ts';
import { parseDay } from './start-time.ts';

const dayLength = 10;
/** `T05:21:17` and at least `Z`. */
const minLength = dayLength + 10;
const maxFractionDigits = 9;

/** Remembers the last day that it saw. */
export class IsoClock {
  #day0 = 0;
  #day4 = 0;
  #day6 = 0;
  #dayAtMs = -1;

  /**
   * Epoch milliseconds of the text at `[start, end)`, as `parseStartTime` reads it, or -1 where it is not a time of the form
   * that Envoy writes: with `T`, a fraction of 3 to 9 digits or none, and `Z`.
   */
  read(view: DataView, start: number, end: number): number {
    if (end - start < minLength) return -1;
    const dayAtMs = this.#dayOf(view, start);
    const at = (start + dayLength) | 0;
    if (dayAtMs < 0 || view.getUint8(at) !== 0x54) return -1;
    if (view.getUint8(at + 3) !== byte.colon || view.getUint8(at + 6) !== byte.colon) return -1;
    const hour = twoDigits(view, at + 1);
    const minute = twoDigits(view, at + 4);
    const second = twoDigits(view, at + 7);
    const milliseconds = fraction(view, at + 9, end);
    // One comparison for four: what is not digits is -1 in each of them.
    if (hour > 23 || minute > 59 || second > 59 || (hour | minute | second | milliseconds) < 0) return -1;
    return dayAtMs + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  }

  #dayOf(view: DataView, start: number): number {
    const day0 = view.getInt32(start, true);
    const day4 = view.getInt32(start + 4, true);
    const day6 = view.getInt32(start + 6, true);
    if (day0 === this.#day0 && day4 === this.#day4 && day6 === this.#day6) return this.#dayAtMs;
    this.#day0 = day0;
    this.#day4 = day4;
    this.#day6 = day6;
    this.#dayAtMs =
      parseDay(String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + start, dayLength))) ?? -1;
    return this.#dayAtMs;
  }
}

function twoDigits(view: DataView, at: number): number {
  const tens = view.getUint8(at);
  const ones = view.getUint8(at + 1);
  return isDigit(tens) && isDigit(ones) ? tens * 10 + ones - 0x30 * 11 : -1;
}

/** Milliseconds of `.136Z` or `.136999Z`, 0 for `Z` alone, -1 for anything else. */
function fraction(view: DataView, at: number, end: number): number {
  if (view.getUint8(end - 1) !== 0x5a) return -1;
  if (at === end - 1) return 0;
  const digits = end - at - 2;
  if (view.getUint8(at) !== 0x2e || digits < 3 || digits > maxFractionDigits) return -1;
  for (let i = at + 4; i < end - 1; i += 1) if (!isDigit(view.getUint8(i))) return -1;
  const hundredths = twoDigits(view, at + 1);
  const thousandth = view.getUint8(at + 3);
  return hundredths < 0 || !isDigit(thousandth) ? -1 : hundredths * 10 + thousandth - 0x30;
}
