// Documents of windows and of failed requests → the counts that they were made of: for those who read the past of the document store.
import { unknownName } from '#core/attribute/traffic.ts';
import { spanStartAtMs } from '#core/clock/event-time.ts';
import type { CountExample, CountRow, WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { emptySketch, isSketch } from '#core/count/duration-sketch.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeKey } from '#core/count/edge.ts';
import { isCount } from '#core/wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** A member of what may be an object. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
const text = (value: unknown): string => (typeof value === 'string' ? value : unknownName);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * The counts of a window's document; `null` where it is none. `edges` keeps one object for each edge. Documents do not name what came late, so
 * `late` is only known to be something.
 */
export function toStoredWindow(document: unknown, edges: Map<string, Edge>): WindowCount | null {
  const own = member(document, 'flagwatch');
  const windowStartAtMs = Date.parse(text(member(document, '@timestamp')));
  const duration = member(member(document, 'event'), 'duration');
  const [requestCount, failedCount] = [member(own, 'request_count'), member(own, 'failed_count') ?? 0];
  if (Number.isNaN(windowStartAtMs) || !isCount(duration) || !isCount(requestCount) || !isCount(failedCount))
    return null;
  const sketch = member(own, 'duration_sketch') ?? emptySketch;
  const counts = list(member(own, 'flag_counts')).map((entry) => {
    return {
      flag: text(member(entry, 'flag')),
      count: member(entry, 'count'),
      ids: list(member(entry, 'request_ids')),
    };
  });
  if (!isSketch(sketch) || counts.some(({ count }) => !isCount(count))) return null;
  return {
    edge: intern(edgeOf(own), edges),
    requestCount,
    failedCount,
    flagCounts: Object.fromEntries(counts.map(({ flag, count }) => [flag, count as number])),
    faultCounts: {},
    durations: sketch,
    examples: Object.fromEntries(counts.map(({ flag, ids }) => [flag, toExamples(ids, windowStartAtMs)])),
    windowStartAtMs,
    windowEndAtMs: windowStartAtMs + duration / 1_000_000,
    isComplete: member(own, 'is_complete') !== false,
    late: member(own, 'is_late') === true ? 'late' : null,
  };
}

/** Documents keep the ids without their times. */
function toExamples(ids: readonly unknown[], atMs: number): readonly CountExample[] {
  return ids.filter((id) => typeof id === 'string').map((requestId) => ({ atMs, requestId }));
}

function edgeOf(own: unknown): Edge {
  const [source, destination] = [member(own, 'source'), member(own, 'destination')];
  return {
    reporter: text(member(own, 'reporter')),
    data_center: text(member(own, 'data_center')),
    source_service: text(member(source, 'service')),
    source_namespace: text(member(source, 'namespace')),
    source_version: text(member(source, 'version')),
    source_deploy_id: text(member(source, 'deploy_id')),
    destination_service: text(member(destination, 'service')),
    destination_namespace: text(member(destination, 'namespace')),
    destination_version: text(member(destination, 'version')),
    destination_deploy_id: text(member(destination, 'deploy_id')),
  };
}

function intern(edge: Edge, edges: Map<string, Edge>): Edge {
  const key = edgeKey(edge);
  const known = edges.get(key);
  if (known !== undefined) return known;
  edges.set(key, edge);
  return edge;
}

/** Failed requests, counted by the window in which they ended and the edge that broke, as correlate counts them. */
export class StoredFaults {
  readonly #windowMs: number;
  readonly #windows = new Map<number, Map<string, CountRow>>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes a failed request's document. */
  add(document: unknown): void {
    const own = member(document, 'flagwatch');
    // Documents of earlier builds do not tell in which window they were counted: that of their end, nearly always.
    const counted = member(own, 'counted_at') ?? member(member(document, 'event'), 'end');
    const countedAtMs = Date.parse(text(counted));
    const root = member(own, 'root');
    const fault = text(member(root, 'fault'));
    if (Number.isNaN(countedAtMs) || fault === unknownName || member(own, 'party') === 'none') return;
    const isSeenBySource = list(member(own, 'hops')).some((hop) => {
      return member(hop, 'root') === true && member(hop, 'reporter') !== 'destination';
    });
    const edge = edgeOf({
      reporter: isSeenBySource ? 'source' : 'destination',
      data_center: member(own, 'data_center'),
      source: member(root, 'source'),
      destination: member(root, 'destination'),
    });
    const startAtMs = spanStartAtMs(countedAtMs, this.#windowMs);
    const rows = this.#windows.get(startAtMs) ?? new Map<string, CountRow>();
    this.#windows.set(startAtMs, rows);
    const key = edgeKey(edge);
    const before = rows.get(key) ?? { ...noCounts, edge };
    const faultCounts = { ...before.faultCounts, [fault]: (before.faultCounts[fault] ?? 0) + 1 };
    rows.set(key, { ...before, faultCounts });
  }

  /** All of them. */
  rows(): readonly WindowCount[] {
    return [...this.#windows].flatMap(([windowStartAtMs, rows]) =>
      [...rows.values()].map((row) => {
        const windowEndAtMs = windowStartAtMs + this.#windowMs;
        return { ...row, windowStartAtMs, windowEndAtMs, isComplete: true, late: null };
      }),
    );
  }
}
