// The windows and the failed requests that are still in Kafka → the counts that rules were judged by: the partitions put together in the
// order of event time.
import { spanStartAtMs } from '#core/clock/event-time.ts';
import { decodeRequestFault } from '#core/correlate/request-fault-wire.ts';
import type { CountRow } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeKey } from '#core/count/edge.ts';
import { decodeWindowCounts } from '#core/count/window-count-wire.ts';
import { FaultCounts } from '#pipeline/fault-counts.ts';
import type { PastWindow, PastWindows } from './play-windows.ts';

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
  /** Name of the cluster: what the edges of faults are labelled with. */
  readonly dataCenter: string;
}

/**
 * Windows of one partition come in order; where several writers share it, they are this little apart at most: watermarks differ by no more
 * while all of them read the same topics.
 */
const slackMs = 60_000;

/** The windows, in order. Memory is that of the windows between the partitions that are furthest apart. */
export function readKafkaWindows(past: KafkaPast): PastWindows {
  const skipped = { unreadable: 0, outOfOrder: 0, otherLength: 0 };
  return {
    portions: merge(past, skipped),
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

async function* merge(past: KafkaPast, skipped: Skipped): AsyncGenerator<readonly PastWindow[]> {
  const faults = await readFaults(past, skipped);
  const opened = new OpenWindows(past, skipped);
  const sources = past.windows.map((values): Source => ({ values, newestMs: Number.NEGATIVE_INFINITY, isDone: false }));
  const toPast = ([startAtMs, rows]: readonly [number, CountRow[]]): PastWindow => {
    return { startAtMs, endAtMs: startAtMs + past.windowMs, rows, faultRows: faults.get(startAtMs) ?? [] };
  };
  for (let next = furthestBehind(sources); next !== null; next = furthestBehind(sources)) {
    const { value, done } = await next.values.next();
    if (done === true) next.isDone = true;
    else for (const record of value) next.newestMs = Math.max(next.newestMs, opened.add(record));
    const waiting = sources.filter(({ isDone }) => !isDone).map(({ newestMs }) => newestMs - slackMs);
    const closed = opened.takeUntil(Math.min(...waiting));
    if (closed.length > 0) yield closed.map(toPast);
  }
}

function furthestBehind(sources: readonly Source[]): Source | null {
  return sources
    .filter(({ isDone }) => !isDone)
    .reduce<Source | null>((least, one) => (least === null || one.newestMs < least.newestMs ? one : least), null);
}

/** Windows that may still get rows. */
class OpenWindows {
  readonly #past: KafkaPast;
  readonly #skipped: Skipped;
  readonly #edges = new Map<string, Edge>();
  readonly #rows = new Map<number, CountRow[]>();
  #closedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(past: KafkaPast, skipped: Skipped) {
    this.#past = past;
    this.#skipped = skipped;
  }

  /** Adds a record; gives the start of its window, minus infinity where it is none. */
  add(value: Uint8Array): number {
    const outcome = decodeWindowCounts(value);
    const rows = outcome.kind === 'ok' ? outcome.value : [];
    if (outcome.kind !== 'ok') this.#skipped.unreadable += 1;
    for (const { windowStartAtMs, windowEndAtMs, ...row } of rows) {
      if (windowEndAtMs - windowStartAtMs !== this.#past.windowMs) this.#skipped.otherLength += 1;
      else if (windowStartAtMs < this.#closedUntilMs) this.#skipped.outOfOrder += 1;
      else if (windowStartAtMs >= this.#past.fromMs && windowStartAtMs < this.#past.toMs) {
        this.#put(windowStartAtMs, { ...row, edge: this.#intern(row.edge) });
      }
    }
    return rows[0]?.windowStartAtMs ?? Number.NEGATIVE_INFINITY;
  }

  #put(startAtMs: number, row: CountRow): void {
    const rows = this.#rows.get(startAtMs);
    if (rows === undefined) this.#rows.set(startAtMs, [row]);
    else rows.push(row);
  }

  #intern(edge: Edge): Edge {
    const key = edgeKey(edge);
    const known = this.#edges.get(key);
    if (known === undefined) this.#edges.set(key, edge);
    return known ?? edge;
  }

  /** Those that begin before a time, in order. */
  takeUntil(untilMs: number): readonly (readonly [number, CountRow[]])[] {
    const taken = [...this.#rows].filter(([startAtMs]) => startAtMs < untilMs).sort((a, b) => a[0] - b[0]);
    for (const [startAtMs] of taken) this.#rows.delete(startAtMs);
    const last = taken.at(-1)?.[0];
    if (last !== undefined) this.#closedUntilMs = last + this.#past.windowMs;
    return taken;
  }
}

/** Failed requests by window, as correlate counted them. */
async function readFaults(past: KafkaPast, skipped: Skipped): Promise<ReadonlyMap<number, readonly CountRow[]>> {
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
  return Map.groupBy(counts.take(), ({ paneStartAtMs }) => spanStartAtMs(paneStartAtMs, past.windowMs));
}
