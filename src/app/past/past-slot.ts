// The past as rules are played over it: slots of event time, each with the blocks of its services. What it was read from (blocks,
// documents, Kafka) makes no difference any more.
import { spanStartAtMs } from '#core/clock/event-time.ts';
import { CountBlockWriter } from '#core/count/count-block.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import { windowBlockDefaults } from '#pipeline/documents/window-blocks.ts';

/** Event time of a slot. */
export const pastSlotMs = windowBlockDefaults.slotMs;

/** The counts of one destination service in windows that begin in one slot; see `core/count/count-block.ts`. */
export interface PastBlock {
  /** For messages: where it is stored. */
  readonly name: string;
  readonly service: string;
  readonly counts: Uint8Array;
  /** `null` where they were not asked for. */
  readonly durations: Uint8Array | null;
}

/** All of a slot. Blocks may overlap: rows that two of them hold are the same, and are played once. */
export interface PastSlot {
  readonly startAtMs: number;
  readonly blocks: readonly PastBlock[];
  /** Failed requests by fault. */
  readonly faults: readonly PastBlock[];
}

/** Slots in order, each once. `notes` is asked for at the end. */
export interface PastSlots {
  readonly slots: AsyncIterable<PastSlot>;
  notes(): readonly string[];
}

/** Makes slots of rows. Memory is that of their bytes. */
export class SlotCollector {
  readonly #name: string;
  readonly #slots = new Map<number, { counts: Map<string, CountBlockWriter>; faults: Map<string, CountBlockWriter> }>();

  /** `name`: where the rows come from. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Adds rows of one window, of one service, one completeness and one addition. */
  add(rows: readonly WindowCount[], kind: 'counts' | 'faults' = 'counts'): void {
    const [first] = rows;
    if (first === undefined) return;
    const { windowStartAtMs, windowEndAtMs, edge } = first;
    const startAtMs = spanStartAtMs(windowStartAtMs, pastSlotMs);
    let slot = this.#slots.get(startAtMs);
    if (slot === undefined) {
      slot = { counts: new Map(), faults: new Map() };
      this.#slots.set(startAtMs, slot);
    }
    let writer = slot[kind].get(edge.destination_service);
    if (writer === undefined) {
      writer = new CountBlockWriter({ startAtMs, windowMs: windowEndAtMs - windowStartAtMs });
      slot[kind].set(edge.destination_service, writer);
    }
    writer.add(rows);
  }

  /** Takes the slots that begin before a time, in order. */
  takeUntil(untilMs: number): readonly PastSlot[] {
    const starts = [...this.#slots.keys()].filter((startAtMs) => startAtMs < untilMs).sort((a, b) => a - b);
    return starts.map((startAtMs) => {
      const slot = this.#slots.get(startAtMs);
      this.#slots.delete(startAtMs);
      return { startAtMs, blocks: this.#pack(slot?.counts), faults: this.#pack(slot?.faults) };
    });
  }

  #pack(writers: ReadonlyMap<string, CountBlockWriter> | undefined): readonly PastBlock[] {
    return [...(writers ?? [])].map(([service, writer]) => ({ name: this.#name, service, ...writer.pack() }));
  }
}
