// The compact form of window counts, version 1, for those who read the past: windows of a slot of event time, edges once in a dictionary.
// Numbers and texts as in packed-bytes.ts; “n x…” is a number and so many of x, “N” an index into the texts, “N?” 0 or such an index and 1.
//   counts     := 1  slotStartAtMs  windowMs  n head…  dictionaryBytes dictionary  rows of each head
//   head       := start after slotStartAtMs, ms   1 incomplete | 2 with requests   N? late   rows   bytes of them   bytes of their durations
//   dictionary := n text…  labels  n edge…        edge := N origin  N label…
//   row        := step from the edge before (signed, 0 for the next) * 4 | 2 with durations | 1 with more   requests   more?
//   more       := failed  n (N flag, count)…  n (N fault, count)…  n (N name, n (ms after slotStartAtMs, signed; request id)…)…
//   durations  := 1  for each row with durations: n (step from the bucket before, count)…
import type { CountExample, CountRow, WindowCount } from './count-row.ts';
import type { DurationSketch } from './duration-sketch.ts';
import type { Edge } from './edge.ts';
import { edgeKey, edgeLabels } from './edge.ts';
import { PackedWriter } from './packed-bytes.ts';

/** The version that is written. */
export const countBlockVersion = 1;

/** Bits of a head. */
export const headBits = { incomplete: 1, withRequests: 2 } as const;
/** Bits of a row's first number, below the step. */
export const rowBits = { more: 1, durations: 2 } as const;

/** A block as it is stored: counts, and durations apart, because most rules do not look at them. */
export interface PackedCounts {
  readonly counts: Uint8Array;
  readonly durations: Uint8Array;
}

/** Collects the rows of a slot. Memory is that of the bytes. */
export class CountBlockWriter {
  readonly startAtMs: number;
  readonly windowMs: number;
  readonly #heads = new PackedWriter();
  readonly #rows = new PackedWriter();
  readonly #durations = new PackedWriter();
  readonly #texts = new Map<string, number>();
  readonly #edges = new Map<string, number>();
  /** The same by the object itself, for who gives the same one in every window; weak, for who does not. */
  readonly #edgesByObject = new WeakMap<Edge, number>();
  readonly #edgeBytes = new PackedWriter();
  #headCount = 0;
  #rowCount = 0;
  #endAtMs = 0;
  #textBytes = 0;

  constructor(span: { readonly startAtMs: number; readonly windowMs: number }) {
    this.startAtMs = span.startAtMs;
    this.windowMs = span.windowMs;
    this.#durations.writeCount(countBlockVersion);
  }

  /**
   * Adds rows of one window, of one completeness and one addition; the window begins in the slot. `originOf` tells edges apart that have the
   * same labels (masked ones); the empty text, where there is nothing to tell apart.
   */
  add(rows: readonly WindowCount[], originOf: (position: number) => string = () => ''): void {
    const [first] = rows;
    if (first === undefined) return;
    const { windowStartAtMs, windowEndAtMs, isComplete, late } = first;
    const [rowsBefore, durationsBefore] = [this.#rows.length, this.#durations.length];
    let edgeBefore = -1;
    rows.forEach((row, position) => {
      const edge = this.#edgeIndex(row, originOf(position));
      this.#addRow(row, edge - edgeBefore - 1);
      edgeBefore = edge;
    });
    const hasRequests = rows.some(({ requestCount }) => requestCount > 0);
    this.#heads.writeCount(windowStartAtMs - this.startAtMs);
    this.#heads.writeCount((isComplete ? 0 : headBits.incomplete) + (hasRequests ? headBits.withRequests : 0));
    this.#heads.writeCount(late === null ? 0 : 1 + this.#textIndex(late));
    this.#heads.writeCount(rows.length);
    this.#heads.writeCount(this.#rows.length - rowsBefore);
    this.#heads.writeCount(this.#durations.length - durationsBefore);
    this.#headCount += 1;
    this.#rowCount += rows.length;
    this.#endAtMs = Math.max(this.#endAtMs, windowEndAtMs);
  }

  #addRow(row: CountRow, step: number): void {
    const { requestCount, failedCount, flagCounts, faultCounts, examples, durations } = row;
    const rows = this.#rows;
    const hasMore = failedCount > 0 || hasNames(flagCounts) || hasNames(faultCounts) || hasNames(examples);
    const signedStep = step < 0 ? -2 * step - 1 : 2 * step;
    rows.writeCount(4 * signedStep + (durations.length > 0 ? rowBits.durations : 0) + (hasMore ? rowBits.more : 0));
    rows.writeCount(requestCount);
    if (durations.length > 0) this.#addDurations(durations);
    if (!hasMore) return;
    rows.writeCount(failedCount);
    this.#addCounts(Object.entries(flagCounts));
    this.#addCounts(Object.entries(faultCounts));
    this.#addExamples(Object.entries(examples));
  }

  #addCounts(counts: readonly (readonly [string, number])[]): void {
    this.#rows.writeCount(counts.length);
    for (const [name, count] of counts) {
      this.#rows.writeCount(this.#textIndex(name));
      this.#rows.writeCount(count);
    }
  }

  #addExamples(named: readonly (readonly [string, readonly CountExample[]])[]): void {
    this.#rows.writeCount(named.length);
    for (const [name, examples] of named) {
      this.#rows.writeCount(this.#textIndex(name));
      this.#rows.writeCount(examples.length);
      for (const { atMs, requestId } of examples) {
        this.#rows.writeSigned(atMs - this.startAtMs);
        this.#rows.writeText(requestId);
      }
    }
  }

  #addDurations(sketch: DurationSketch): void {
    this.#durations.writeCount(sketch.length / 2);
    let before = -1;
    for (let i = 0; i + 1 < sketch.length; i += 2) {
      const bucket = sketch[i] as number;
      this.#durations.writeCount(bucket - before - 1);
      this.#durations.writeCount(sketch[i + 1] as number);
      before = bucket;
    }
  }

  #edgeIndex({ edge }: CountRow, origin: string): number {
    const same = origin === '' ? this.#edgesByObject.get(edge) : undefined;
    if (same !== undefined) return same;
    const index = this.#edgeIndexByLabels(edge, origin);
    if (origin === '') this.#edgesByObject.set(edge, index);
    return index;
  }

  #edgeIndexByLabels(edge: Edge, origin: string): number {
    const key = origin === '' ? edgeKey(edge) : `${origin} ${edgeKey(edge)}`;
    const known = this.#edges.get(key);
    if (known !== undefined) return known;
    const index = this.#edges.size;
    this.#edges.set(key, index);
    this.#textBytes += key.length;
    this.#edgeBytes.writeCount(this.#textIndex(origin));
    for (const label of edgeLabels) this.#edgeBytes.writeCount(this.#textIndex(edge[label]));
    return index;
  }

  #textIndex(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const index = this.#texts.size;
    this.#texts.set(text, index);
    this.#textBytes += text.length;
    return index;
  }

  /** About the memory that it takes. */
  get byteLength(): number {
    return this.#rows.length + this.#durations.length + this.#heads.length + this.#edgeBytes.length + this.#textBytes;
  }

  /** Rows in it. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** End of the last window that has rows in it. */
  get endAtMs(): number {
    return this.#endAtMs;
  }

  /** The block of all that was added so far; more may be added. */
  pack(): PackedCounts {
    const dictionary = new PackedWriter();
    dictionary.writeCount(this.#texts.size);
    for (const text of this.#texts.keys()) dictionary.writeText(text);
    dictionary.writeCount(edgeLabels.length);
    dictionary.writeCount(this.#edges.size);
    dictionary.writeBytes(this.#edgeBytes.bytes());
    const counts = new PackedWriter();
    counts.writeCount(countBlockVersion);
    counts.writeCount(this.startAtMs);
    counts.writeCount(this.windowMs);
    counts.writeCount(this.#headCount);
    counts.writeBytes(this.#heads.bytes());
    counts.writeCount(dictionary.length);
    counts.writeBytes(dictionary.bytes());
    counts.writeBytes(this.#rows.bytes());
    // With memory of their own, and no more than they need: blocks are kept, and given to other threads.
    return { counts: new Uint8Array(counts.bytes()), durations: new Uint8Array(this.#durations.bytes()) };
  }
}

function hasNames(counts: Readonly<Record<string, unknown>>): boolean {
  for (const _name in counts) return true;
  return false;
}
