// The windows and the failed requests that are still in Kafka → the counts that rules were judged by: the partitions put together in the
// order of event time.
import { spanStartAtMs } from '#core/clock/event-time.ts';
import { decodeRequestFault } from '#core/correlate/request-fault-wire.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import { WindowCountScanner } from '#core/count/scan-window-counts.ts';
import { decodeWindowCounts } from '#core/count/window-count-wire.ts';
import { FaultCounts } from '#pipeline/fault-counts.ts';
import type { PastSlot, PastSlots } from './past-slot.ts';
import { pastSlotMs, SlotCollector } from './past-slot.ts';

type Values = AsyncIterator<readonly Uint8Array[]>;

/** What is read, and the span that is wanted of it. */
export interface KafkaPast {
  /** Values of the topic of windows, by partition. */
  readonly windows: readonly Values[];
  /** Of the topic of request faults; empty where no rule looks at them. */
  readonly faults: readonly Values[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly windowMs: number;
  /** Whether any rule looks at them. */
  readonly withDurations: boolean;
  /** Name of the cluster: what the edges of faults are labelled with. */
  readonly dataCenter: string;
}

/**
 * Windows of one partition come in order; where several writers share it, they are a minute apart at most, because watermarks differ by no more
 * while all of them read the same topics. What came late for its window stands behind it: so long is it waited for.
 */
const slackMs = 900_000;

/** The slots, in order. Memory is that of the slots between the partitions that are furthest apart, in their compact form. */
export function readKafkaSlots(past: KafkaPast): PastSlots {
  const skipped = { unreadable: 0, outOfOrder: 0, otherLength: 0 };
  return {
    slots: merge(past, skipped),
    notes: () => [
      'windows have no panes: what live is told within a window is told here at its end',
      ...Object.entries({
        'records could not be read': skipped.unreadable,
        'rows came too late for their window': skipped.outOfOrder,
        'rows are of windows of another length than the setting “window”': skipped.otherLength,
      }).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`])),
    ],
  };
}

interface Source {
  readonly values: Values;
  /** Start of the newest window that it brought. */
  newestMs: number;
  isDone: boolean;
}

type Skipped = Record<'unreadable' | 'outOfOrder' | 'otherLength', number>;

async function* merge(past: KafkaPast, skipped: Skipped): AsyncGenerator<PastSlot> {
  const open = new OpenSlots(past, skipped);
  await readFaults(past, open, skipped);
  const sources = past.windows.map((values): Source => ({ values, newestMs: Number.NEGATIVE_INFINITY, isDone: false }));
  for (let next = furthestBehind(sources); next !== null; next = furthestBehind(sources)) {
    const { value, done } = await next.values.next();
    if (done === true) next.isDone = true;
    else for (const record of value) next.newestMs = Math.max(next.newestMs, open.add(record));
    const waiting = sources.filter(({ isDone }) => !isDone).map(({ newestMs }) => newestMs - slackMs);
    yield* open.takeUntil(Math.min(...waiting));
  }
}

function furthestBehind(sources: readonly Source[]): Source | null {
  return sources
    .filter(({ isDone }) => !isDone)
    .reduce<Source | null>((least, one) => (least === null || one.newestMs < least.newestMs ? one : least), null);
}

/** Slots that may still get rows. */
class OpenSlots {
  readonly #past: KafkaPast;
  readonly #skipped: Skipped;
  readonly #scanner: WindowCountScanner;
  readonly #collector = new SlotCollector('topic of windows');
  #closedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(past: KafkaPast, skipped: Skipped) {
    this.#past = past;
    this.#scanner = new WindowCountScanner(past);
    this.#skipped = skipped;
  }

  /** Adds a record; gives the start of its window, minus infinity where it is none. */
  add(value: Uint8Array): number {
    const { fromMs, toMs, windowMs } = this.#past;
    const rows = this.#scanner.scan(value) ?? this.#decode(value);
    const [first] = rows;
    if (first === undefined) return Number.NEGATIVE_INFINITY;
    const { windowStartAtMs, windowEndAtMs, late } = first;
    if (windowEndAtMs - windowStartAtMs !== windowMs) this.#skipped.otherLength += rows.length;
    else if (windowStartAtMs < this.#closedUntilMs) this.#skipped.outOfOrder += rows.length;
    else if (windowStartAtMs >= fromMs && windowStartAtMs < toMs) this.#collector.add(rows);
    return late === null ? windowStartAtMs : Number.NEGATIVE_INFINITY;
  }

  #decode(value: Uint8Array): readonly WindowCount[] {
    const outcome = decodeWindowCounts(value);
    if (outcome.kind === 'ok') return outcome.value;
    this.#skipped.unreadable += 1;
    return [];
  }

  /** Adds failed requests of a window. */
  addFaults(row: WindowCount): void {
    this.#collector.add([row], 'faults');
  }

  /** Those that end before a time, in order. */
  takeUntil(untilMs: number): readonly PastSlot[] {
    const all = this.#collector.takeUntil(Number.isFinite(untilMs) ? spanStartAtMs(untilMs, pastSlotMs) : untilMs);
    // Failed requests of which no window is there.
    const taken = all.filter(({ blocks }) => blocks.length > 0);
    const last = taken.at(-1);
    if (last !== undefined) this.#closedUntilMs = last.startAtMs + pastSlotMs;
    return taken;
  }
}

/** Failed requests by window, as correlate counted them. */
async function readFaults(past: KafkaPast, open: OpenSlots, skipped: Skipped): Promise<void> {
  const counts = new FaultCounts({ dataCenter: past.dataCenter, paneMs: past.windowMs });
  for (const values of past.faults) {
    for (let read = await values.next(); read.done !== true; read = await values.next()) {
      for (const value of read.value) {
        const outcome = decodeRequestFault(value);
        if (outcome.kind !== 'ok') skipped.unreadable += 1;
        else if (outcome.value.revision === 1) counts.add(outcome.value);
      }
    }
  }
  for (const { paneStartAtMs, ...row } of counts.take()) {
    const windowEndAtMs = paneStartAtMs + past.windowMs;
    open.addFaults({ ...row, windowStartAtMs: paneStartAtMs, windowEndAtMs, isComplete: true, late: null });
  }
}
