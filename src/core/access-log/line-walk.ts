// The lean scanner's pass over one line: checks that the whole of it is JSON of the usual form and notes where the values
// of the fields stand. What they mean is read afterwards (scan-line.ts).

import type { QuoteForm } from './json-bytes.ts';
import {
  bareQuote,
  byte,
  escapedQuote,
  JsonBytes,
  maxJsonBytes,
  nullWord,
  plainEnd,
  skipDigits,
  skipQuote,
  skipString,
  skipValue,
} from './json-bytes.ts';
import { KeyTable, maxLearnedKeys, noKey, otherKey } from './key-table.ts';
import type { DecodeLimits } from './parse-fields.ts';
import { isTextKind, scanFieldId, scanFieldKinds, scanFieldNames } from './scan-fields.ts';

// What a field held on a line. Plain constants: members of an object would be loaded anew for every key.
/** The key is not there. */
export const missing = 0;
/** `null` */
export const nothing = 1;
/** This kind, and those after it, have bytes. */
export const text = 2;
const number = 3;
const object = 4;
/** Text with escapes, of a key that nobody reads byte by byte. */
export const escapedText = 5;

// Deeper values of unread keys are unusual. Below any sensible DecodeLimits.maxDepth.
const maxValueDepth = 12;

const fieldCount = scanFieldNames.length;
const message = scanFieldId('message');
const log = scanFieldId('log');
const kubernetes = scanFieldId('kubernetes');

// What kind of value the key with id `i - firstKey` usually has.
const firstKey = -noKey;
const anyValue = 0;
const textValue = 1;
const countValue = 2;
const usualValues = new Uint8Array(firstKey + fieldCount + maxLearnedKeys);
scanFieldKinds.forEach((kind, field) => {
  const isCount = kind === 'count' || kind === 'direction' || kind === 'grpc';
  usualValues[firstKey + field] = isCount ? countValue : isTextKind(kind) ? textValue : anyValue;
});

/** Walks over one line at a time; what it noted is valid until the next. */
export class LineWalk {
  readonly bytes: JsonBytes = new JsonBytes();
  /** By field id: what it held, and the bytes `[start, end)` of its text, digits or object. */
  readonly held: Uint8Array = new Uint8Array(fieldCount);
  readonly starts: Int32Array = new Int32Array(fieldCount);
  readonly ends: Int32Array = new Int32Array(fieldCount);
  /** Bytes of the line. */
  length = 0;
  readonly #keys = new KeyTable(scanFieldNames, bareQuote);
  readonly #messageKeys = new KeyTable(scanFieldNames, escapedQuote);
  readonly #maxBytes: number;
  readonly #maxValueDepth: number;
  /** Not 0 where the object at the top has fields of a line. */
  #topFields = 0;

  constructor(limits: DecodeLimits) {
    this.#maxBytes = Math.min(maxJsonBytes, limits.maxLineBytes);
    this.#maxValueDepth = Math.min(maxValueDepth, limits.maxDepth - 1);
  }

  /** Whether a line is one JSON object of the usual form: a bare line, or an envelope around one. */
  walk(line: Uint8Array): boolean {
    if (line.length > this.#maxBytes) return false;
    this.bytes.load(line);
    this.length = line.length;
    this.held.fill(missing);
    if (this.bytes.view.getUint8(0) !== byte.openObject || this.#members(1, this.#keys) !== line.length) return false;
    // A line's fields stand either at the top or in the message: a mixture is unusual.
    return this.held[message] === missing ? this.held[kubernetes] === missing : this.#topFields === 0;
  }

  /** From the first key of an object to behind its closing brace, or -1. */
  #members(from: number, keys: KeyTable): number {
    const { view } = this.bytes;
    const { quote } = keys;
    let key: number = otherKey;
    let fields = 0;
    let at = from;
    for (;;) {
      key = keys.find(view, at, key) | 0;
      const usual = (usualValues[(key + firstKey) | 0] as number) | 0;
      fields = (fields + usual) | 0;
      at = (usual === anyValue ? this.#otherValue(key, keys.behind, quote) : this.#field(key, keys.behind, quote)) | 0;
      if (at < 0) return -1;
      const next = view.getUint8(at);
      at = (at + 1) | 0;
      if (next === byte.comma) continue;
      if (quote === bareQuote) this.#topFields = fields;
      return next === byte.closeObject ? at : -1;
    }
  }

  /** From the value of a line's field to behind it, or -1 where the value is not a usual one. */
  #field(key: number, from: number, quote: QuoteForm): number {
    const { view } = this.bytes;
    if (this.held[key] !== missing) return -1;
    const word = view.getInt32(from, true);
    if (word === nullWord) {
      this.held[key] = nothing;
      return (from + 4) | 0;
    }
    if ((word & quote.mask) === quote.bits) {
      const start = (from + quote.length) | 0;
      const end = plainEnd(view, start);
      this.held[key] = text;
      this.starts[key] = start;
      this.ends[key] = end;
      const closed = (view.getUint16(end, true) & quote.mask) === quote.bits;
      return closed ? (end + quote.length) | 0 : this.#escapedText(key, from, quote);
    }
    if (usualValues[(key + firstKey) | 0] !== countValue) return -1;
    const end = skipDigits(view, from);
    this.held[key] = number;
    this.starts[key] = from;
    this.ends[key] = end;
    return end;
  }

  /** From the value of any key but a text field to behind it, or -1 where the value is not a usual one. */
  #otherValue(key: number, at: number, quote: QuoteForm): number {
    if (key === noKey) return -1;
    if (key === otherKey || key >= fieldCount) return skipValue(this.bytes.view, at, quote, this.#maxValueDepth);
    if (this.held[key] !== missing) return -1;
    const kind = scanFieldKinds[key];
    // Envelopes do not nest.
    if (quote.length !== bareQuote.length) return -1;
    if (kind === 'kubernetes') return this.#kubernetes(key, at);
    if (kind === 'log') return this.#log(at);
    return kind === 'message' ? this.#message(at) : -1;
  }

  /** Behind a text that is more than plain characters: only one that nobody reads may have escapes. */
  #escapedText(key: number, from: number, quote: QuoteForm): number {
    const behind = scanFieldKinds[key] === 'text' ? skipString(this.bytes.view, from, quote) : -1;
    this.held[key] = escapedText;
    this.ends[key] = behind - quote.length;
    return behind;
  }

  #kubernetes(key: number, at: number): number {
    const { view } = this.bytes;
    if (view.getUint8(at) !== byte.openObject) return -1;
    const behind = skipValue(view, at, bareQuote, this.#maxValueDepth);
    return this.#note(key, object, at, behind, behind);
  }

  /** Text there is the line, as in `message`; Filebeat has an object there, which nobody reads. */
  #log(at: number): number {
    const { view } = this.bytes;
    this.held[log] = nothing;
    if (view.getUint8(at) !== byte.quote) return skipValue(view, at, bareQuote, this.#maxValueDepth);
    return this.held[message] === missing ? this.#message(at) : -1;
  }

  #message(at: number): number {
    const { view } = this.bytes;
    if (view.getUint8(at) !== byte.quote || view.getUint8(at + 1) !== byte.openObject) return -1;
    const end = this.#members(at + 2, this.#messageKeys);
    return end < 0 ? -1 : this.#note(message, object, at, end, skipQuote(view, end, bareQuote));
  }

  #note(key: number, what: number, start: number, end: number, behind: number): number {
    this.held[key] = what;
    this.starts[key] = start;
    this.ends[key] = end;
    return behind;
  }
}
