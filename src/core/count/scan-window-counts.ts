// The lean way through records of windows, for those who read a day of them: what `encodeWindowCounts` writes is taken byte by byte, edges are
// known again by their bytes, and rows are reused. Whatever looks otherwise is left to `decodeWindowCounts`.
import type { WindowCount } from './count-row.ts';
import { noCounts } from './count-row.ts';
import { parseWireRow } from './count-row-wire.ts';
import { durationBuckets, emptySketch } from './duration-sketch.ts';
import type { Edge } from './edge.ts';

/** Edges that are remembered; with more the memory is emptied: only speed is lost. */
const maxRememberedEdges = 100_000;

const [quote, backslash, comma, zero, nine] = [0x22, 0x5c, 0x2c, 0x30, 0x39];
const [open, close, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const head = Buffer.from('{"v":1,"window":[');
const incomplete = Buffer.from('"complete":false,');
const rowsHead = Buffer.from('"rows":[');
/** Neither flags nor examples; no faults. */
const [noFlags, noFaults] = [Buffer.from('{},{},'), Buffer.from('{},')];

interface KnownEdge {
  /** The labels as JSON. */
  readonly bytes: Buffer;
  readonly edge: Edge;
  /** What came behind it last. */
  next: KnownEdge | null;
}

type MutableWindow = { -readonly [K in keyof WindowCount]: WindowCount[K] };

/** Thrown where a record is not as we write it. */
const otherwise = new Error('written otherwise');

/** Reads one record after the other. */
export class WindowCountScanner {
  readonly #edges = new Map<string, KnownEdge>();
  /** Reused, record after record. */
  readonly #pool: MutableWindow[] = [];
  readonly #withDurations: boolean;
  #last: KnownEdge | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** Without durations rows have none. */
  constructor(options: { readonly withDurations: boolean }) {
    this.#withDurations = options.withDurations;
  }

  /** The rows of a record, good until the next is scanned; `null` where it has to be decoded in full. */
  scan(value: Uint8Array): readonly WindowCount[] | null {
    this.#bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#at = 0;
    if (this.#edges.size > maxRememberedEdges) this.#edges.clear();
    try {
      return this.#record();
    } catch (error) {
      if (error !== otherwise) throw error;
      return null;
    }
  }

  #record(): readonly WindowCount[] {
    this.#expect(head);
    const windowStartAtMs = this.#count();
    this.#expectByte(comma);
    const windowEndAtMs = this.#count();
    this.#expectByte(close);
    this.#expectByte(comma);
    const isComplete = !this.#has(incomplete);
    this.#expect(rowsHead);
    let rowCount = 0;
    for (let isFirst = true; isFirst || this.#bytes[this.#at] === comma; isFirst = false) {
      if (!isFirst) this.#at += 1;
      const row = this.#rowAt(rowCount);
      row.windowStartAtMs = windowStartAtMs;
      row.windowEndAtMs = windowEndAtMs;
      row.isComplete = isComplete;
      this.#row(row);
      rowCount += 1;
    }
    this.#expectByte(close);
    this.#expectByte(closeObject);
    if (this.#at !== this.#bytes.length) throw otherwise;
    return this.#pool.slice(0, rowCount);
  }

  #rowAt(position: number): MutableWindow {
    const known = this.#pool[position];
    if (known !== undefined) return known;
    const edge = {} as Edge;
    const row = { ...noCounts, edge, windowStartAtMs: 0, windowEndAtMs: 0, isComplete: true, late: null };
    this.#pool.push(row);
    return row;
  }

  #row(row: MutableWindow): void {
    const from = this.#at;
    this.#expectByte(open);
    row.edge = this.#edge();
    this.#expectByte(comma);
    row.requestCount = this.#count();
    this.#expectByte(comma);
    // Most rows have neither flags, faults nor examples; others are few enough to be parsed.
    if (!this.#usualRow(row)) this.#parsedRow(row, from);
  }

  /** Whether the rest of the row is as most are. */
  #usualRow(row: MutableWindow): boolean {
    if (!this.#has(noFlags)) return false;
    row.failedCount = this.#count();
    this.#expectByte(comma);
    if (!this.#has(noFaults)) return false;
    row.flagCounts = noCounts.flagCounts;
    row.faultCounts = noCounts.faultCounts;
    row.examples = noCounts.examples;
    row.durations = this.#withDurations ? this.#sketch() : this.#skipNumbers();
    this.#expectByte(close);
    return true;
  }

  #parsedRow(row: MutableWindow, from: number): void {
    const { edge } = row;
    this.#at = from;
    this.#skipList();
    const parsed = parseWireRow(this.#parse(from));
    if (parsed === null) throw otherwise;
    Object.assign(row, parsed, { edge }, this.#withDurations ? {} : { durations: emptySketch });
  }

  #edge(): Edge {
    const guess = this.#last?.next ?? null;
    const found = guess !== null && this.#has(guess.bytes) ? guess : this.#lookUp();
    if (this.#last !== null) this.#last.next = found;
    this.#last = found;
    return found.edge;
  }

  #lookUp(): KnownEdge {
    const from = this.#at;
    this.#skipList();
    const text = this.#bytes.toString('latin1', from, this.#at);
    const known = this.#edges.get(text);
    if (known !== undefined) return known;
    const parsed = parseWireRow([this.#parse(from), 0, {}, {}]);
    if (parsed === null) throw otherwise;
    const fresh = { bytes: Buffer.from(this.#bytes.subarray(from, this.#at)), edge: parsed.edge, next: null };
    this.#edges.set(text, fresh);
    return fresh;
  }

  /** The JSON from there up to here. */
  #parse(from: number): unknown {
    try {
      return JSON.parse(this.#bytes.toString('utf8', from, this.#at));
    } catch {
      throw otherwise;
    }
  }

  /** Goes past a list, whatever is in it. */
  #skipList(): void {
    let depth = 0;
    for (; this.#at < this.#bytes.length; this.#at += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === quote) this.#skipText();
      else if (byte === open || byte === openObject) depth += 1;
      else if (byte === close || byte === closeObject) {
        depth -= 1;
        if (depth > 0) continue;
        this.#at += 1;
        return;
      }
    }
    throw otherwise;
  }

  /** Goes to the closing quote. */
  #skipText(): void {
    for (this.#at += 1; this.#at < this.#bytes.length; this.#at += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === quote) return;
      if (byte === backslash) this.#at += 1;
    }
    throw otherwise;
  }

  #sketch(): number[] {
    this.#expectByte(open);
    const sketch: number[] = [];
    if (this.#bytes[this.#at] === close) {
      this.#at += 1;
      return sketch;
    }
    for (let before = -1; ; ) {
      const bucket = this.#count();
      this.#expectByte(comma);
      const count = this.#count();
      if (bucket <= before || bucket >= durationBuckets || count === 0) throw otherwise;
      sketch.push(bucket, count);
      before = bucket;
      if (this.#bytes[this.#at] !== comma) break;
      this.#at += 1;
    }
    this.#expectByte(close);
    return sketch;
  }

  #skipNumbers(): readonly number[] {
    this.#expectByte(open);
    for (; ; this.#at += 1) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte !== comma && (byte < zero || byte > nine)) break;
    }
    this.#expectByte(close);
    return emptySketch;
  }

  /** A whole number of 0 or more, as JSON writes it. */
  #count(): number {
    const from = this.#at;
    let value = 0;
    for (; ; this.#at += 1) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte < zero || byte > nine) break;
      value = 10 * value + byte - zero;
    }
    const digits = this.#at - from;
    if (digits === 0 || digits > 15 || (digits > 1 && this.#bytes[from] === zero)) throw otherwise;
    return value;
  }

  #has(bytes: Buffer): boolean {
    const end = this.#at + bytes.length;
    if (end > this.#bytes.length || this.#bytes.compare(bytes, 0, bytes.length, this.#at, end) !== 0) return false;
    this.#at = end;
    return true;
  }

  #expect(bytes: Buffer): void {
    if (!this.#has(bytes)) throw otherwise;
  }

  #expectByte(byte: number): void {
    if (this.#bytes[this.#at] !== byte) throw otherwise;
    this.#at += 1;
  }
}
