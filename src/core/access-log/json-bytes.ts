// Walks over JSON in its bytes, without making a string of them: the lean scanner's eyes. Knows JSON without white space
// and without non-ASCII characters, which is how Envoy and the shippers write it; all else is refused, never guessed.
//
// A function that reads something returns the position behind it, or -1 where that is not what stands there. None compares
// positions with the text's length: `JsonBytes` puts zeros behind the text, at which everything ends. Sums are cut to 32 bits
// (`| 0`), else every addition would be checked for overflow, in loops that are a few instructions long.

export const byte = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  zero: 0x30,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/** The bytes `null`, as a little-endian word. */
export const nullWord = 0x6c6c_756e;
const trueWord = 0x6575_7274;
const falseTailWord = 0x6573_6c61;
const highBits = -0x7f7f_7f80;

/** How the quotes of a JSON text are written: the first `length` bytes of a word, compared by `(word & mask) === bits`. */
export interface QuoteForm {
  readonly mask: number;
  readonly bits: number;
  readonly length: number;
}

/** `"` */
export const bareQuote: QuoteForm = { mask: 0xff, bits: 0x22, length: 1 };
/** `\"`, in JSON that stands inside a JSON string. */
export const escapedQuote: QuoteForm = { mask: 0xffff, bits: 0x225c, length: 2 };

/** Longest text that is taken in. Lines have 0.3 to 4 KB; a longer one is unusual. */
export const maxJsonBytes = 65_536;
// No read reaches further than a word behind the first zero.
const margin = 16;
const ascii = new TextDecoder();

/** One JSON text, copied to where its bytes can be read by words; positions count from 0. Copying costs some 5 % of reading. */
export class JsonBytes {
  readonly #bytes = new Uint8Array(maxJsonBytes + margin);
  readonly view: DataView = new DataView(this.#bytes.buffer);

  /** Takes in a text of at most `maxJsonBytes`. */
  load(text: Uint8Array): void {
    this.#bytes.set(text);
    this.view.setFloat64(text.length, 0);
    this.view.setFloat64(text.length + 8, 0);
  }

  /** The text of bytes that are ASCII. */
  textOf(start: number, end: number): string {
    return ascii.decode(this.#bytes.subarray(start, end));
  }
}

/**
 * The first byte from a position on that is not plain text (a quote, a backslash, a control character, not ASCII).
 * Four bytes at a time: a byte less than N leaves its high bit set when N is taken from it, and flipping bit 1 makes the
 * quote 0x20, next to the control characters. A borrow spoils only bytes after the first hit, which is all that counts.
 */
export function plainEnd(view: DataView, from: number): number {
  for (let at = from; ; at = (at + 4) | 0) {
    const word = view.getInt32(at, true);
    const hits = (((word ^ 0x0202_0202) - 0x2121_2121) | ((word ^ 0x5c5c_5c5c) - 0x0101_0101) | word) & highBits;
    if (hits !== 0) return (at + ((31 - Math.clz32(hits & -hits)) >>> 3)) | 0;
  }
}

/** Behind a quote. */
export function skipQuote(view: DataView, from: number, quote: QuoteForm): number {
  return (view.getUint16(from, true) & quote.mask) === quote.bits ? (from + quote.length) | 0 : -1;
}

/** Behind a string. Escapes are taken where the JSON is not itself escaped. */
export function skipString(view: DataView, from: number, quote: QuoteForm): number {
  let at = skipQuote(view, from, quote);
  while (at >= 0) {
    at = plainEnd(view, at);
    const behind = skipQuote(view, at, quote);
    if (behind >= 0) return behind;
    at = quote.length === 1 ? skipEscape(view, at) : -1;
  }
  return -1;
}

/** Behind the digits of a whole number without a sign, as JSON writes it (no leading zero). */
export function skipDigits(view: DataView, from: number): number {
  if (view.getUint8(from) === byte.zero) return (from + 1) | 0;
  return skipDecimals(view, from);
}

/** Behind any value that nests at most `depth` levels. */
export function skipValue(view: DataView, from: number, quote: QuoteForm, depth: number): number {
  const word = view.getInt32(from, true);
  if ((word & quote.mask) === quote.bits) return skipString(view, from, quote);
  const first = word & 0xff;
  if (first === byte.openObject) return skipObject(view, from, quote, depth);
  if (first === byte.openArray) return skipArray(view, from, quote, depth);
  if (first === byte.minus || isDigit(first)) return skipNumber(view, from);
  if (word === nullWord || word === trueWord) return (from + 4) | 0;
  return first === 0x66 && view.getInt32(from + 1, true) === falseTailWord ? (from + 5) | 0 : -1;
}

function skipObject(view: DataView, from: number, quote: QuoteForm, depth: number): number {
  if (depth <= 0) return -1;
  let at = (from + 1) | 0;
  if (view.getUint8(at) === byte.closeObject) return (at + 1) | 0;
  for (;;) {
    at = skipString(view, at, quote);
    if (at < 0 || view.getUint8(at) !== byte.colon) return -1;
    at = skipValue(view, (at + 1) | 0, quote, depth - 1);
    if (at < 0) return -1;
    const next = view.getUint8(at);
    at = (at + 1) | 0;
    if (next === byte.closeObject) return at;
    if (next !== byte.comma) return -1;
  }
}

function skipArray(view: DataView, from: number, quote: QuoteForm, depth: number): number {
  if (depth <= 0) return -1;
  let at = (from + 1) | 0;
  if (view.getUint8(at) === byte.closeArray) return (at + 1) | 0;
  for (;;) {
    at = skipValue(view, at, quote, depth - 1);
    if (at < 0) return -1;
    const next = view.getUint8(at);
    at = (at + 1) | 0;
    if (next === byte.closeArray) return at;
    if (next !== byte.comma) return -1;
  }
}

function skipNumber(view: DataView, from: number): number {
  let at = skipDigits(view, view.getUint8(from) === byte.minus ? from + 1 : from);
  if (at >= 0 && view.getUint8(at) === 0x2e) at = skipDecimals(view, at + 1);
  if (at < 0 || (view.getUint8(at) | 0x20) !== 0x65) return at;
  const sign = view.getUint8(at + 1);
  return skipDecimals(view, sign === 0x2b || sign === byte.minus ? at + 2 : at + 1);
}

function skipDecimals(view: DataView, from: number): number {
  let at = from;
  while (isDigit(view.getUint8(at))) at = (at + 1) | 0;
  return at === from ? -1 : at;
}

const escapable: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)));

function skipEscape(view: DataView, from: number): number {
  if (view.getUint8(from) !== byte.backslash) return -1;
  const kind = view.getUint8(from + 1);
  if (kind !== 0x75) return escapable.has(kind) ? from + 2 : -1;
  for (let i = 2; i < 6; i += 1) if (!isHexDigit(view.getUint8(from + i))) return -1;
  return from + 6;
}

/** Whether a byte is one of 0 to 9. */
export function isDigit(value: number): boolean {
  return value >= byte.zero && value <= 0x39;
}

function isHexDigit(value: number): boolean {
  return isDigit(value) || ((value | 0x20) >= 0x61 && (value | 0x20) <= 0x66);
}
