// Recognises the keys of JSON lines in their bytes. A proxy writes its keys in one order, so the table remembers which key
// followed which, and mostly has to compare with one only.
import type { QuoteForm } from './json-bytes.ts';
import { byte, plainEnd, skipQuote } from './json-bytes.ts';

/**
 * Keys that a table learns beside those that it knows. Formats add some 30, an envelope's top has some 20; what finds no room
 * is read all the same, only slower.
 */
export const maxLearnedKeys = 128;
// Room for the longest key that is compared; a longer one is never learned.
const maxKeyBytes = 96;

/** A key that the table neither knows nor has room for. */
export const otherKey = -1;
/** What stands there is not a plain key with its colon; `behind` means nothing. */
export const noKey = -2;

/** The keys of one kind of object. Known keys have the ids 0 to n - 1, learned ones the ids behind. */
export class KeyTable {
  readonly #maxKeys: number;
  /** Of each key the bytes `"key":` as words, the last of which overlaps the one before. */
  readonly #words: Int32Array;
  readonly #wordOffsets: Int32Array;
  readonly #lengths: Int32Array;
  /** The key that followed the key with id `i` last, at `i + 1`; at 0 the key that began the object. */
  readonly #followers: Int32Array;
  readonly #byLength = new Map<number, number[]>();
  #keyCount = 0;
  #wordCount = 0;
  /** How the quotes of the object are written. */
  readonly quote: QuoteForm;
  /** Behind the key and colon that `find` found last. */
  behind = 0;

  /** With one known key at least, each of a letter or more: what has not been followed yet is taken to be the first. */
  constructor(knownKeys: readonly string[], quote: QuoteForm) {
    this.quote = quote;
    const mark = quote.length === 1 ? '"' : '\\"';
    this.#maxKeys = knownKeys.length + maxLearnedKeys;
    this.#words = new Int32Array(this.#maxKeys * (maxKeyBytes >> 2));
    this.#wordOffsets = new Int32Array(this.#maxKeys);
    this.#lengths = new Int32Array(this.#maxKeys);
    this.#followers = new Int32Array(this.#maxKeys + 1);
    for (const key of knownKeys) {
      const bytes = new TextEncoder().encode(`${mark}${key}${mark}:`);
      this.#add(new DataView(bytes.buffer), 0, bytes.length);
    }
  }

  /** The id of the key at a position, which came after the key `previous` (`otherKey` at the beginning). */
  find(view: DataView, at: number, previous: number): number {
    const guess = (this.#followers[(previous + 1) | 0] as number) | 0;
    const behind = this.#match(view, at, guess);
    if (behind < 0) return this.#search(view, at, previous);
    this.behind = behind;
    return guess;
  }

  /** Behind the key with this id and its colon, or -1 where another stands at the position. */
  #match(view: DataView, at: number, id: number): number {
    const words = this.#words;
    const last = (at + (this.#lengths[id] as number) - 4) | 0;
    let word = (this.#wordOffsets[id] as number) | 0;
    for (let position = at; position < last; position = (position + 4) | 0) {
      if (view.getInt32(position, true) !== words[word]) return -1;
      word = (word + 1) | 0;
    }
    return view.getInt32(last, true) === words[word] ? (last + 4) | 0 : -1;
  }

  #search(view: DataView, at: number, previous: number): number {
    const text = skipQuote(view, at, this.quote);
    if (text < 0) return noKey;
    const colon = skipQuote(view, plainEnd(view, text), this.quote);
    if (colon < 0 || view.getUint8(colon) !== byte.colon) return noKey;
    this.behind = colon + 1;
    const length = this.behind - at;
    const id = this.#byLength.get(length)?.find((candidate) => this.#match(view, at, candidate) >= 0);
    const found = id ?? this.#add(view, at, length);
    if (found !== otherKey) this.#followers[previous + 1] = found;
    return found;
  }

  /** Gives a key its id, or `otherKey` where there is no room for it. */
  #add(view: DataView, at: number, length: number): number {
    if (this.#keyCount === this.#maxKeys || length < 4 || length > maxKeyBytes) return otherKey;
    const id = this.#keyCount;
    this.#keyCount += 1;
    this.#lengths[id] = length;
    this.#wordOffsets[id] = this.#wordCount;
    for (let offset = 0; offset < length; offset += 4) {
      this.#words[this.#wordCount] = view.getInt32(at + Math.min(offset, length - 4), true);
      this.#wordCount += 1;
    }
    this.#byLength.set(length, [...(this.#byLength.get(length) ?? []), id]);
    return id;
  }
}
