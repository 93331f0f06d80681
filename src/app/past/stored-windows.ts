// The past that the document store holds: blocks of windows where there are any, and the documents of windows for what no block holds — from
// before blocks were kept, after a crash of the embedded pipeline, and the newest minutes.

import { spanStartAtMs } from '#core/clock/event-time.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import { windowBlockDefaults } from '#pipeline/documents/window-blocks.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { DocumentSearch, StoredBlock, TimeSpan } from '#ports/document-search.ts';
import { outlineOf } from './closing-plan.ts';
import type { PastBlock, PastSlot, PastSlots } from './past-slot.ts';
import { pastSlotMs, SlotCollector } from './past-slot.ts';
import { renderIso } from './render-iso.ts';
import { member, StoredFaults, toStoredWindow } from './stored-documents.ts';

/** Which of them. */
export interface StoredSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Windows of another length are not those that the rules are for. */
  readonly windowMs: number;
  readonly withFaults: boolean;
  /** Whether any rule looks at them. */
  readonly withDurations: boolean;
}

/** A request is filed under its start and counted at its end: no request that is correlated lasts longer. */
const longestRequestMs = 3_600_000;
/** What is newer than this, seen from the newest block, may be in documents and not in blocks yet: partitions write theirs at other times. */
const tailMs = 2 * windowBlockDefaults.writeIntervalMs;

/** The slots of a span, in order. Throws `AdapterError` while they are read, also where a block cannot be read. */
export function readStoredSlots(search: DocumentSearch, span: StoredSpan): PastSlots {
  const reading = new StoredReading(search, span);
  return { slots: reading.slots(), notes: () => reading.notes() };
}

class StoredReading {
  readonly #search: DocumentSearch;
  readonly #span: StoredSpan;
  readonly #signal = new AbortController().signal;
  readonly #edges = new Map<string, Edge>();
  readonly #faults = new SlotCollector('failed requests');
  #lateCount = 0;
  #otherLength = 0;
  #unreadable = 0;
  /** Of windows that were read from documents though they are not new. */
  #fallback: { fromMs: number; toMs: number; rows: number } | null = null;

  constructor(search: DocumentSearch, span: StoredSpan) {
    this.#search = search;
    this.#span = span;
  }

  async *slots(): AsyncGenerator<PastSlot> {
    if (this.#span.withFaults) await this.#readFaults();
    for await (const slot of this.#countedSlots()) {
      const faults = this.#faults.takeUntil(slot.startAtMs + pastSlotMs);
      yield { ...slot, faults: faults.find(({ startAtMs }) => startAtMs === slot.startAtMs)?.faults ?? [] };
    }
  }

  /** Blocks slot by slot, and before, in and behind them what only documents hold. */
  async *#countedSlots(): AsyncGenerator<PastSlot> {
    let readUntilMs = spanStartAtMs(this.#span.fromMs, pastSlotMs);
    // The last two may be in the tail, which is known when the newest block is.
    let held: PastSlot[] = [];
    for await (const slot of this.#blockSlots()) {
      const ready = held.length < 2 ? null : (held[0] ?? null);
      if (ready !== null) {
        yield* this.#whole(ready, { readUntilMs, tailFromMs: Number.POSITIVE_INFINITY });
        readUntilMs = ready.startAtMs + pastSlotMs;
        held = held.slice(1);
      }
      held.push(slot);
    }
    const newest = held.flatMap(({ blocks }) => blocks.flatMap(startsOf)).sort((a, b) => b - a)[0];
    const tailFromMs = newest === undefined ? Number.POSITIVE_INFINITY : newest - tailMs;
    for (const slot of held) {
      yield* this.#whole(slot, { readUntilMs, tailFromMs });
      readUntilMs = slot.startAtMs + pastSlotMs;
    }
    yield* this.#documentSlots({ fromMs: Math.max(readUntilMs, this.#span.fromMs), toMs: this.#span.toMs }, tailFromMs);
  }

  /** The slot, behind what is missing before it. */
  async *#whole(
    slot: PastSlot,
    { readUntilMs, tailFromMs }: { readonly readUntilMs: number; readonly tailFromMs: number },
  ): AsyncGenerator<PastSlot> {
    yield* this.#documentSlots({ fromMs: readUntilMs, toMs: slot.startAtMs }, tailFromMs);
    const missing = this.#missingIn(slot, tailFromMs);
    if (missing === null) return yield slot;
    const collector = new SlotCollector('documents of windows');
    for await (const _readMs of this.#collect(missing, { collector, covered: coveredBy(slot), tailFromMs }));
    const [others] = collector.takeUntil(Number.POSITIVE_INFINITY);
    yield { ...slot, blocks: [...slot.blocks, ...(others?.blocks ?? [])] };
  }

  /** From the first window of the slot that no block holds to the last. */
  #missingIn({ startAtMs, blocks }: PastSlot, tailFromMs: number): { fromMs: number; toMs: number } | null {
    const { windowMs, fromMs, toMs } = this.#span;
    const covered = new Set(blocks.flatMap(startsOf));
    const missing: number[] = [];
    const endAtMs = Math.min(startAtMs + pastSlotMs, toMs);
    const firstMs = spanStartAtMs(Math.max(startAtMs, fromMs) + windowMs - 1, windowMs);
    for (let atMs = firstMs; atMs < endAtMs; atMs += windowMs) {
      if (atMs >= tailFromMs || !covered.has(atMs)) missing.push(atMs);
    }
    const [first, last] = [missing[0], missing.at(-1)];
    return first === undefined || last === undefined ? null : { fromMs: first, toMs: last + windowMs };
  }

  async *#documentSlots(span: TimeSpan, tailFromMs: number): AsyncGenerator<PastSlot> {
    if (span.fromMs >= span.toMs) return;
    const collector = new SlotCollector('documents of windows');
    for await (const readMs of this.#collect(span, { collector, covered: new Set(), tailFromMs })) {
      yield* collector.takeUntil(spanStartAtMs(readMs, pastSlotMs));
    }
    yield* collector.takeUntil(Number.POSITIVE_INFINITY);
  }

  /** Reads documents of a span; gives, page by page, the start of the last window that was read. */
  async *#collect(span: TimeSpan, { collector, covered, tailFromMs }: DocumentWants): AsyncGenerator<number> {
    for await (const documents of this.#search.pageWindows(span, this.#signal)) {
      const rows = documents.flatMap((document) => this.#toRow(document) ?? []);
      const wanted = rows.filter((row) => !covered.has(pairOf(row.windowStartAtMs, row.edge.destination_service)));
      for (const own of Map.groupBy(wanted, headOf).values()) collector.add(own);
      for (const { windowStartAtMs } of wanted) if (windowStartAtMs < tailFromMs) this.#noteFallback(windowStartAtMs);
      const last = rows.at(-1);
      if (last !== undefined) yield last.windowStartAtMs;
    }
  }

  #toRow(document: unknown): WindowCount | null {
    const row = toStoredWindow(document, this.#edges);
    if (row === null) {
      this.#unreadable += 1;
      return null;
    }
    if (row.windowEndAtMs - row.windowStartAtMs !== this.#span.windowMs) {
      this.#otherLength += 1;
      return null;
    }
    if (row.late === null) return row;
    this.#lateCount += 1;
    return { ...row, late: `document ${this.#lateCount}` };
  }

  #noteFallback(atMs: number): void {
    const { fromMs, toMs, rows } = this.#fallback ?? { fromMs: atMs, toMs: atMs, rows: 0 };
    this.#fallback = { fromMs: Math.min(fromMs, atMs), toMs: Math.max(toMs, atMs), rows: rows + 1 };
  }

  async *#blockSlots(): AsyncGenerator<PastSlot> {
    const { fromMs, toMs, withDurations } = this.#span;
    const span = { fromMs: spanStartAtMs(fromMs, pastSlotMs), toMs, withDurations };
    let open: { readonly startAtMs: number; readonly blocks: PastBlock[] } | null = null;
    for await (const stored of this.#search.pageWindowBlocks(span, this.#signal)) {
      for (const one of stored) {
        const block = toPastBlock(one);
        const { startAtMs, windowMs } = outlineOf(block);
        if (windowMs !== this.#span.windowMs) {
          this.#otherLength += rowsOf(block);
          continue;
        }
        const slotAtMs = spanStartAtMs(startAtMs, pastSlotMs);
        if (open !== null && open.startAtMs !== slotAtMs) {
          yield { ...open, faults: [] };
          open = null;
        }
        open ??= { startAtMs: slotAtMs, blocks: [] };
        open.blocks.push(block);
      }
    }
    if (open !== null) yield { ...open, faults: [] };
  }

  async #readFaults(): Promise<void> {
    const { fromMs, toMs, windowMs } = this.#span;
    const faults = new StoredFaults(windowMs);
    const span = { fromMs: fromMs - longestRequestMs, toMs };
    for await (const documents of this.#search.pageRequests(span, this.#signal)) {
      for (const document of documents) faults.add(document);
    }
    for (const own of Map.groupBy(faults.rows(), headOf).values()) this.#faults.add(own, 'faults');
  }

  notes(): readonly string[] {
    const notes = ['windows have no panes: what live is told within a window is told here at its end'];
    if (this.#fallback !== null) {
      const { fromMs, toMs, rows } = this.#fallback;
      const span = `${renderIso(fromMs)} to ${renderIso(toMs + this.#span.windowMs)}`;
      notes.push(`${rows} counts of ${span} were read one by one from documents, which is slow: no block holds them`);
    }
    if (this.#otherLength > 0) {
      const what = `${this.#otherLength} counts of windows of another length than the setting “window”`;
      notes.push(`${what} were left out`);
    }
    if (this.#unreadable > 0) notes.push(`${this.#unreadable} documents could not be read`);
    return notes;
  }
}

/** What documents are read for. */
interface DocumentWants {
  readonly collector: SlotCollector;
  /** Windows of services that blocks hold. */
  readonly covered: ReadonlySet<string>;
  /** From here on it is no news that blocks do not hold them yet. */
  readonly tailFromMs: number;
}

function pairOf(startAtMs: number, service: string): string {
  return `${startAtMs} ${service}`;
}

/** What rows that are added together have in common. */
function headOf({ windowStartAtMs, isComplete, late, edge }: WindowCount): string {
  return `${windowStartAtMs} ${isComplete} ${late} ${edge.destination_service}`;
}

/** Starts of the windows in a block, but for what came late. */
function startsOf(block: PastBlock): readonly number[] {
  return outlineOf(block).heads.flatMap(({ late, startAtMs }) => (late === null ? [startAtMs] : []));
}

function coveredBy({ blocks }: PastSlot): ReadonlySet<string> {
  return new Set(blocks.flatMap((block) => startsOf(block).map((startAtMs) => pairOf(startAtMs, block.service))));
}

function rowsOf(block: PastBlock): number {
  return outlineOf(block).heads.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

/** Throws `AdapterError` on a document that is none. */
function toPastBlock({ id, document }: StoredBlock): PastBlock {
  const own = member(document, 'flagwatch');
  const block = member(own, 'block');
  const [service, counts] = [member(member(own, 'destination'), 'service'), member(block, 'counts')];
  const durations = member(block, 'durations');
  if (typeof service !== 'string' || typeof counts !== 'string') {
    throw new AdapterError('STORE_FAILED', `the block of windows ${id} has no counts`, { retryable: false });
  }
  return {
    name: id,
    service,
    counts: fromBase64(counts),
    durations: typeof durations === 'string' ? fromBase64(durations) : null,
  };
}

/** Bytes with memory of their own: they may be handed to another thread. */
function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, 'base64'));
  const length = bytes.write(text, 'base64');
  return length === bytes.length ? bytes : bytes.subarray(0, length);
}
