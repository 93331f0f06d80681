// Which windows of a past are closed, in which order, and what is known of them as a whole: decided from the outlines of all blocks, so that
// it is the same for who plays all services and for who plays some.
import type { BlockHead, BlockOutline } from '#core/count/count-block-reader.ts';
import { readBlockOutline } from '#core/count/count-block-reader.ts';
import { MalformedBytes } from '#core/count/packed-bytes.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { PastBlock, PastSlot } from './past-slot.ts';

/** One window to be closed. */
export interface Closing {
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** All input up to its end was there. */
  readonly isComplete: boolean;
  /** No service had a request. */
  readonly isEmpty: boolean;
}

/** A slot and the windows that are closed with it: gaps before it are windows without traffic. */
export interface PlannedSlot extends PastSlot {
  readonly closings: readonly Closing[];
}

/** Which windows are wanted. */
export interface PlanSettings {
  readonly windowMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Of a longer gap only that many windows are closed, the newest. */
  readonly maxGapWindows: number;
}

/** Plans slot after slot. */
export class ClosingPlan {
  readonly #settings: PlanSettings;
  #closedUntilMs: number | null = null;

  constructor(settings: PlanSettings) {
    this.#settings = settings;
  }

  /** Plans the next slot. `isLast`: its last window may be cut off in its middle, so nothing is said of what is missing in it. */
  plan(slot: PastSlot, isLast: boolean): PlannedSlot {
    const windows = this.#windowsOf(slot);
    const closings: Closing[] = [];
    for (const window of windows) {
      closings.push(...this.#gapBefore(window.startAtMs), window);
      this.#closedUntilMs = window.endAtMs;
    }
    const last = closings.at(-1);
    if (isLast && last !== undefined) closings[closings.length - 1] = { ...last, isComplete: false };
    return { ...slot, closings };
  }

  #windowsOf({ blocks }: PastSlot): readonly Closing[] {
    const found = new Map<number, { isComplete: boolean; isEmpty: boolean }>();
    for (const head of blocks.flatMap((block) => this.#wantedHeads(block))) {
      const window = found.get(head.startAtMs) ?? { isComplete: true, isEmpty: true };
      // What came late says nothing of how complete the window was when it was closed.
      if (head.late === null && !head.isComplete) window.isComplete = false;
      if (head.hasRequests) window.isEmpty = false;
      found.set(head.startAtMs, window);
    }
    return [...found]
      .sort((a, b) => a[0] - b[0])
      .map(([startAtMs, window]) => ({ startAtMs, endAtMs: startAtMs + this.#settings.windowMs, ...window }));
  }

  #wantedHeads(block: PastBlock): readonly BlockHead[] {
    const { windowMs, fromMs, toMs } = this.#settings;
    const outline = outlineOf(block);
    if (outline.windowMs !== windowMs) return [];
    return outline.heads.filter(({ startAtMs }) => startAtMs >= fromMs && startAtMs < toMs);
  }

  #gapBefore(startAtMs: number): readonly Closing[] {
    const untilMs = this.#closedUntilMs;
    if (untilMs === null || startAtMs <= untilMs) return [];
    const { windowMs, maxGapWindows } = this.#settings;
    const count = Math.min(maxGapWindows, Math.round((startAtMs - untilMs) / windowMs));
    return Array.from({ length: count }, (_, i) => {
      const own = startAtMs - (count - i) * windowMs;
      return { startAtMs: own, endAtMs: own + windowMs, isComplete: true, isEmpty: true };
    });
  }
}

/** The outline of a block. Throws `AdapterError`, which names the block. */
export function outlineOf(block: PastBlock): BlockOutline {
  return naming(block, () => readBlockOutline(block.counts));
}

/** Reads a block; what is wrong with it is told with its name. */
export function naming<T>({ name }: PastBlock, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    const message = `the block of windows ${name} cannot be read: ${error.message}`;
    throw new AdapterError('STORE_FAILED', message, { retryable: false, cause: error });
  }
}
