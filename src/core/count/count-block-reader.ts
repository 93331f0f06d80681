// Blocks of counts → rows, as lean as it can be: rows of one edge are one object, filled anew for every window.
import { countBlockVersion, headBits, rowBits } from './count-block.ts';
import type { CountExample, CountRow } from './count-row.ts';
import { noCounts } from './count-row.ts';
import { durationBuckets, emptySketch } from './duration-sketch.ts';
import type { Edge } from './edge.ts';
import { edgeKey, edgeLabels } from './edge.ts';
import { MalformedBytes, PackedReader } from './packed-bytes.ts';

/** Some rows of one window in a block. */
export interface BlockHead {
  readonly startAtMs: number;
  readonly isComplete: boolean;
  readonly hasRequests: boolean;
  readonly rowCount: number;
  /** Index of the name of a late addition among the texts; `null` for what was counted in time. */
  readonly late: number | null;
  readonly rowsAt: number;
  readonly durationsAt: number;
}

/** What can be told of a block without reading its rows. */
export interface BlockOutline {
  readonly startAtMs: number;
  readonly windowMs: number;
  readonly heads: readonly BlockHead[];
  readonly dictionaryAt: number;
  readonly dictionaryEnd: number;
}

/** Reads the outline of a block. Throws `MalformedBytes`. */
export function readBlockOutline(counts: Uint8Array): BlockOutline {
  const reader = new PackedReader(counts);
  const version = reader.readCount();
  if (version !== countBlockVersion) {
    throw new MalformedBytes(`version ${version}; this build reads ${countBlockVersion}`);
  }
  const [startAtMs, windowMs, headCount] = [reader.readCount(), reader.readCount(), reader.readLength()];
  const found = Array.from({ length: headCount }, () => {
    const [afterMs, bits, late] = [reader.readCount(), reader.readCount(), reader.readCount()];
    const [rowCount, rowBytes, durationBytes] = [reader.readCount(), reader.readCount(), reader.readCount()];
    return { afterMs, bits, late, rowCount, rowBytes, durationBytes };
  });
  const dictionaryBytes = reader.readLength();
  const dictionaryAt = reader.skip(dictionaryBytes);
  let durationsAt = 1;
  const heads = found.map(({ afterMs, bits, late, rowCount, rowBytes, durationBytes }): BlockHead => {
    if (rowCount > rowBytes) throw new MalformedBytes('there are more rows than bytes');
    const head = {
      startAtMs: startAtMs + afterMs,
      isComplete: (bits & headBits.incomplete) === 0,
      hasRequests: (bits & headBits.withRequests) !== 0,
      rowCount,
      late: late === 0 ? null : late - 1,
      rowsAt: reader.skip(rowBytes),
      durationsAt,
    };
    durationsAt += durationBytes;
    return head;
  });
  return { startAtMs, windowMs, heads, dictionaryAt, dictionaryEnd: dictionaryAt + dictionaryBytes };
}

/** The row of one edge, of the window that was read last. */
export class ReusedRow implements CountRow {
  readonly edge: Edge;
  requestCount = 0;
  failedCount = 0;
  flagCounts: Readonly<Record<string, number>> = noCounts.flagCounts;
  faultCounts: Readonly<Record<string, number>> = noCounts.faultCounts;
  durations: readonly number[] = emptySketch;
  examples: Readonly<Record<string, readonly CountExample[]>> = noCounts.examples;
  /** Tells edges apart, also those that have the same labels because they are masked. */
  readonly key: string;
  /** Number of the window that it was filled for. */
  windowNumber = -1;

  #requests: { -readonly [K in keyof CountRow]: CountRow[K] } | null = null;

  constructor(edge: Edge, key: string) {
    this.edge = edge;
    this.key = key;
  }

  /** The row as rules on faults see it: its requests, and nothing that lines tell. Reused in the same way. */
  requestsAlone(): CountRow {
    this.#requests ??= { ...noCounts, edge: this.edge };
    this.#requests.requestCount = this.requestCount;
    return this.#requests;
  }
}

interface Dictionary {
  readonly texts: readonly string[];
  readonly rows: readonly ReusedRow[];
}

/** Edges that are remembered; with more the memory is emptied: only speed is lost. */
const maxRememberedEdges = 100_000;
/** Dictionaries that are remembered: blocks of a service mostly have that of the block before. */
const maxRememberedDictionaries = 4096;

/** What the blocks of a past have in common: the objects of their edges. Rows are good until the next window is read. */
export class BlockRows {
  readonly #rows = new Map<string, ReusedRow>();
  readonly #dictionaries = new Map<string, Dictionary>();
  #late = new Set<string>();
  #windowNumber = 0;

  /** Begins the next slot: what is twice in it is read once. */
  beginSlot(): void {
    this.#late = new Set();
    if (this.#rows.size <= maxRememberedEdges) return;
    this.#rows.clear();
    this.#dictionaries.clear();
  }

  /** Opens a block. `durations` may be left out; then rows have none. Throws `MalformedBytes`. */
  open(counts: Uint8Array, durations: Uint8Array | null): OpenBlock {
    if (durations !== null && durations[0] !== countBlockVersion)
      throw new MalformedBytes('durations of another version');
    const outline = readBlockOutline(counts);
    return new OpenBlock(this, outline, this.#dictionaryOf(counts, outline), {
      counts: new PackedReader(counts),
      durations: durations === null ? null : new PackedReader(durations),
    });
  }

  #dictionaryOf(counts: Uint8Array, { dictionaryAt, dictionaryEnd }: BlockOutline): Dictionary {
    const bytes = Buffer.from(counts.buffer, counts.byteOffset, counts.byteLength);
    const key = bytes.toString('latin1', dictionaryAt, dictionaryEnd);
    const known = this.#dictionaries.get(key);
    if (known !== undefined) return known;
    if (this.#dictionaries.size >= maxRememberedDictionaries) this.#dictionaries.clear();
    const dictionary = this.#readDictionary(new PackedReader(counts.subarray(dictionaryAt, dictionaryEnd)));
    this.#dictionaries.set(key, dictionary);
    return dictionary;
  }

  #readDictionary(reader: PackedReader): Dictionary {
    const texts = Array.from({ length: reader.readLength() }, () => reader.readText());
    const labelCount = reader.readCount();
    const rows = Array.from({ length: reader.readLength() }, () => {
      const origin = textAt(texts, reader.readCount());
      const edge: Record<string, string> = {};
      for (let i = 0; i < labelCount; i += 1) {
        const value = textAt(texts, reader.readCount());
        const label = edgeLabels[i];
        if (label !== undefined) edge[label] = value;
      }
      // Labels that an older writer did not know.
      for (const label of edgeLabels.slice(labelCount)) edge[label] = 'unknown';
      return this.#rowOf(edge as Edge, origin);
    });
    return { texts, rows };
  }

  #rowOf(edge: Edge, origin: string): ReusedRow {
    const key = `${origin} ${edgeKey(edge)}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = new ReusedRow(edge, key);
      this.#rows.set(key, row);
    }
    return row;
  }

  /** The row to be filled for an edge of the window; `null` where another block has filled it. `late` is the name of an addition. */
  rowFor(row: ReusedRow, startAtMs: number, late: string | null): ReusedRow | null {
    if (late !== null) return this.#lateRow(row, startAtMs, late);
    if (row.windowNumber === this.#windowNumber) return null;
    row.windowNumber = this.#windowNumber;
    return row;
  }

  /** Begins the next window: rows of the one before are filled anew. */
  beginWindow(): void {
    this.#windowNumber += 1;
  }

  #lateRow({ edge, key }: ReusedRow, startAtMs: number, late: string): ReusedRow | null {
    const addition = `${startAtMs} ${late} ${key}`;
    if (this.#late.has(addition)) return null;
    this.#late.add(addition);
    return new ReusedRow(edge, key);
  }
}

/** A block whose windows are read one after the other. */
export class OpenBlock {
  readonly outline: BlockOutline;
  readonly #shared: BlockRows;
  readonly #dictionary: Dictionary;
  readonly #counts: PackedReader;
  readonly #durations: PackedReader | null;
  /** Filled by what is not wanted. */
  readonly #discarded: ReusedRow;

  constructor(
    shared: BlockRows,
    outline: BlockOutline,
    dictionary: Dictionary,
    { counts, durations }: { readonly counts: PackedReader; readonly durations: PackedReader | null },
  ) {
    this.outline = outline;
    this.#shared = shared;
    this.#dictionary = dictionary;
    this.#counts = counts;
    this.#durations = durations;
    this.#discarded = new ReusedRow(Object.fromEntries(edgeLabels.map((label) => [label, ''])) as Edge, '');
  }

  /** Appends the rows of a head, but for those that another block of the window had. Throws `MalformedBytes`. */
  readRows(head: BlockHead, into: ReusedRow[]): void {
    const late = head.late === null ? null : textAt(this.#dictionary.texts, head.late);
    const counts = this.#counts;
    counts.at = head.rowsAt;
    if (this.#durations !== null) this.#durations.at = head.durationsAt;
    let edge = -1;
    for (let i = 0; i < head.rowCount; i += 1) {
      const first = counts.readCount();
      const step = Math.floor(first / 4);
      edge += 1 + (step % 2 === 0 ? step / 2 : -(step + 1) / 2);
      const known = this.#dictionary.rows[edge];
      if (known === undefined) throw new MalformedBytes('an edge is not in the dictionary');
      const row = this.#shared.rowFor(known, head.startAtMs, late);
      this.#fill(row ?? this.#discarded, first);
      if (row !== null) into.push(row);
    }
  }

  #fill(row: ReusedRow, bits: number): void {
    row.requestCount = this.#counts.readCount();
    if ((bits & rowBits.more) !== 0) this.#fillMore(row);
    else {
      row.failedCount = 0;
      row.flagCounts = noCounts.flagCounts;
      row.faultCounts = noCounts.faultCounts;
      row.examples = noCounts.examples;
    }
    const durations = this.#durations;
    row.durations = (bits & rowBits.durations) === 0 || durations === null ? emptySketch : readSketch(durations);
  }

  #fillMore(row: ReusedRow): void {
    row.failedCount = this.#counts.readCount();
    row.flagCounts = this.#readCounts();
    row.faultCounts = this.#readCounts();
    row.examples = this.#readExamples();
  }

  #readCounts(): Record<string, number> {
    const length = this.#counts.readLength();
    if (length === 0) return noCounts.flagCounts;
    // fromEntries defines its own properties: a flag named like something of Object.prototype stays data.
    return Object.fromEntries(Array.from({ length }, () => [this.#readName(), this.#counts.readCount()] as const));
  }

  #readExamples(): Record<string, readonly CountExample[]> {
    const reader = this.#counts;
    const { startAtMs } = this.outline;
    return Object.fromEntries(
      Array.from({ length: reader.readLength() }, () => {
        const name = this.#readName();
        const examples = Array.from({ length: reader.readLength() }, () => {
          return { atMs: startAtMs + reader.readSigned(), requestId: reader.readText() };
        });
        return [name, examples] as const;
      }),
    );
  }

  #readName(): string {
    return textAt(this.#dictionary.texts, this.#counts.readCount());
  }
}

function readSketch(reader: PackedReader): number[] {
  const length = reader.readLength();
  const sketch: number[] = [];
  let bucket = -1;
  for (let i = 0; i < length; i += 1) {
    bucket += 1 + reader.readCount();
    const count = reader.readCount();
    if (bucket >= durationBuckets || count === 0) throw new MalformedBytes('durations are malformed');
    sketch.push(bucket, count);
  }
  return sketch;
}

function textAt(texts: readonly string[], index: number): string {
  const text = texts[index];
  if (text === undefined) throw new MalformedBytes('a text is not in the dictionary');
  return text;
}
