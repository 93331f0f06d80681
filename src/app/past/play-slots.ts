// Plays sets of rules over a past, in order, and tells each run what its rules tell.
import type { Settings } from '#config/settings.ts';
import type { Closing, PlannedSlot, PlanSettings } from './closing-plan.ts';
import { ClosingPlan } from './closing-plan.ts';
import type { PastRun, PastTotals } from './past.ts';
import type { PastSlot, PastSlots } from './past-slot.ts';
import { SlotJobs } from './slot-jobs.ts';
import type { PlayedSlot } from './slot-player.ts';
import { SlotPlayer } from './slot-player.ts';

/** How a past is played. */
export interface PlayOptions {
  readonly settings: Settings;
  /** Windows that are wanted: `[fromMs, toMs)`. */
  readonly span: Pick<PlanSettings, 'fromMs' | 'toMs'>;
  /** Threads that share the work; 1 where it is not said, or where somebody looks on. What comes out is the same with any number. */
  readonly jobs?: number;
  /** Bytes of counts from which on threads are worth their start. */
  readonly minJobBytes?: number;
}

/** A thread takes a third of a second to start, which is what one rule takes for some 2 MB. */
const defaultMinJobBytes = 4_194_304;
/** Slots that are read before those before them are played. */
const slotsAhead = 4;

interface ReadSlot {
  readonly slot: PastSlot;
  readonly isLast: boolean;
}

/** Plays them all, once for all runs. Deterministic. Throws `AdapterError`. */
export async function playSlots(
  { slots, notes }: PastSlots,
  runs: readonly PastRun[],
  options: PlayOptions,
): Promise<PastTotals> {
  const { settings, span } = options;
  const { windowMs, detect } = settings;
  const plan = new ClosingPlan({ ...span, windowMs, maxGapWindows: detect.maxGapWindows });
  const totals = { first: null as Closing | null, last: null as Closing | null, windows: 0, mostSeries: 0 };
  const take = ({ told, seriesCounts }: PlayedSlot): void => {
    for (const { set, transition } of told) runs[set]?.onTransition(transition);
    totals.mostSeries = Math.max(totals.mostSeries, ...seriesCounts);
  };
  const read = withLast(slots);
  const first = await readFirst(read, options.minJobBytes ?? defaultMinJobBytes);
  const player = openPlayer(runs, options, first.isMuch);
  const ahead: Promise<PlayedSlot>[] = [];
  try {
    for await (const { slot, isLast } of chain(first.slots, read)) {
      const planned = plan.plan(slot, isLast);
      totals.first ??= planned.closings[0] ?? null;
      totals.last = planned.closings.at(-1) ?? totals.last;
      totals.windows += planned.closings.length;
      const begun = player.play(planned);
      // It is waited for below; that it fails meanwhile must not end the process.
      begun.catch(() => undefined);
      ahead.push(begun);
      const next = ahead.length > slotsAhead ? ahead.shift() : undefined;
      if (next !== undefined) take(await next);
    }
    for (const next of ahead) take(await next);
  } finally {
    await player.close();
  }
  return {
    fromMs: totals.first?.startAtMs ?? null,
    toMs: totals.last?.endAtMs ?? null,
    windows: totals.windows,
    notes: [...notes(), ...noteOfSeries(totals.mostSeries, detect.maxSeries)],
  };
}

function openPlayer(
  runs: readonly PastRun[],
  { settings, jobs = 1 }: PlayOptions,
  isMuch: boolean,
): Pick<SlotJobs, 'play' | 'close'> {
  if (isMuch && jobs > 1 && runs.every(({ observer }) => observer === undefined)) {
    return new SlotJobs(runs, settings, jobs);
  }
  const player = new SlotPlayer(runs, settings);
  return { play: async (slot: PlannedSlot) => player.play(slot), close: () => Promise.resolve() };
}

/** The first slots, up to so many bytes of counts. */
async function readFirst(
  read: AsyncGenerator<ReadSlot>,
  bytes: number,
): Promise<{ readonly slots: readonly ReadSlot[]; readonly isMuch: boolean }> {
  const slots: ReadSlot[] = [];
  let sum = 0;
  while (sum < bytes) {
    const { value, done } = await read.next();
    if (done === true) return { slots, isMuch: false };
    slots.push(value);
    for (const { counts } of value.slot.blocks) sum += counts.length;
  }
  return { slots, isMuch: true };
}

async function* chain(first: readonly ReadSlot[], rest: AsyncGenerator<ReadSlot>): AsyncGenerator<ReadSlot> {
  yield* first;
  yield* rest;
}

function noteOfSeries(mostSeries: number, maxSeries: number): readonly string[] {
  if (mostSeries <= maxSeries) return [];
  return [
    `up to ${mostSeries} series were judged; a partition of detect judges no more than ${maxSeries} (detect.max_series)`,
  ];
}

/** Slots, and which is the last of them. */
async function* withLast(slots: AsyncIterable<PastSlot>): AsyncGenerator<ReadSlot> {
  let before: PastSlot | null = null;
  for await (const slot of slots) {
    if (before !== null) yield { slot: before, isLast: false };
    before = slot;
  }
  if (before !== null) yield { slot: before, isLast: true };
}
