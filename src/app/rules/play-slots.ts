// Plays sets of rules over a past, in order, and tells each run what its rules tell.
import type { Settings } from '#config/settings.ts';
import type { Closing, PlanSettings } from './closing-plan.ts';
import { ClosingPlan } from './closing-plan.ts';
import type { PastRun, PastTotals } from './past.ts';
import type { PastSlot, PastSlots } from './past-slot.ts';
import { SlotPlayer } from './slot-player.ts';

/** Windows that are wanted: `[fromMs, toMs)`. */
export type PlayedSpan = Pick<PlanSettings, 'fromMs' | 'toMs'>;

/** Plays them all, once for all runs. Deterministic. Throws `AdapterError`. */
export async function playSlots(
  { slots, notes }: PastSlots,
  runs: readonly PastRun[],
  { settings, span }: { readonly settings: Settings; readonly span: PlayedSpan },
): Promise<PastTotals> {
  const { windowMs } = settings;
  const plan = new ClosingPlan({ ...span, windowMs, maxGapWindows: settings.detect.maxGapWindows });
  const player = new SlotPlayer(runs, settings);
  const closed: { first: Closing | null; last: Closing | null; windows: number } = {
    first: null,
    last: null,
    windows: 0,
  };
  const play = (slot: PastSlot, isLast: boolean): void => {
    const planned = plan.plan(slot, isLast);
    for (const { set, transition } of player.play(planned)) runs[set]?.onTransition(transition);
    closed.first ??= planned.closings[0] ?? null;
    closed.last = planned.closings.at(-1) ?? closed.last;
    closed.windows += planned.closings.length;
  };
  for await (const { slot, isLast } of withLast(slots)) play(slot, isLast);
  return {
    fromMs: closed.first?.startAtMs ?? null,
    toMs: closed.last?.endAtMs ?? null,
    windows: closed.windows,
    notes: notes(),
  };
}

/** Slots, and which is the last of them. */
async function* withLast(
  slots: AsyncIterable<PastSlot>,
): AsyncGenerator<{ readonly slot: PastSlot; readonly isLast: boolean }> {
  let before: PastSlot | null = null;
  for await (const slot of slots) {
    if (before !== null) yield { slot: before, isLast: false };
    before = slot;
  }
  if (before !== null) yield { slot: before, isLast: true };
}
