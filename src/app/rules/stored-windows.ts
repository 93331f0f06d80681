// Documents of windows and of failed requests → the counts that they were made of: what a backtest on the document store reads.
import { unknownName } from '#core/attribute/traffic.ts';
import { spanStartAtMs } from '#core/clock/event-time.ts';
import type { CountExample, CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { emptySketch, isSketch } from '#core/count/duration-sketch.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeKey } from '#core/count/edge.ts';
import { isCount } from '#core/wire.ts';
import type { DocumentSearch } from '#ports/document-search.ts';
import type { PastWindow, PastWindows } from './play-windows.ts';

/** Which of them. */
export interface StoredSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Windows of another length are not those that the rules are for. */
  readonly windowMs: number;
  readonly withFaults: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** A request is filed under its start and counted at its end: no request that is correlated lasts longer. */
const longestRequestMs = 3_600_000;

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
const text = (value: unknown): string => (typeof value === 'string' ? value : unknownName);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The windows of a span, in order. Throws `AdapterError` while they are read. */
export function readStoredWindows(search: DocumentSearch, span: StoredSpan): PastWindows {
  const gathering = new Gathering(span.windowMs);
  return { portions: readWindows(search, span, gathering), notes: () => gathering.notes() };
}

async function* readWindows(
  search: DocumentSearch,
  span: StoredSpan,
  gathering: Gathering,
): AsyncGenerator<readonly PastWindow[]> {
  const { signal } = new AbortController();
  if (span.withFaults) gathering.faults = await readFaults(search, span, signal);
  for await (const documents of search.pageWindows(span, signal)) {
    const done = documents.map((document) => gathering.add(document)).filter((window) => window !== null);
    if (done.length > 0) yield done;
  }
  const last = gathering.end();
  if (last !== null) yield [last];
}

/** Puts the documents of each window together. */
class Gathering {
  readonly #windowMs: number;
  readonly #edges = new Map<string, Edge>();
  faults: ReadonlyMap<number, ReadonlyMap<string, CountRow>> = new Map();
  #open: { readonly startAtMs: number; readonly rows: CountRow[] } | null = null;
  #otherLength = 0;
  #unreadable = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Adds a document; gives the window before where it begins another. */
  add(document: unknown): PastWindow | null {
    const stored = toStoredRow(document, this.#edges);
    if (stored === null) this.#unreadable += 1;
    else if (stored.windowMs !== this.#windowMs) this.#otherLength += 1;
    if (stored === null || stored.windowMs !== this.#windowMs) return null;
    const { startAtMs, row } = stored;
    if (this.#open?.startAtMs === startAtMs) {
      this.#open.rows.push(row);
      return null;
    }
    const before = this.end();
    this.#open = { startAtMs, rows: [row] };
    return before;
  }

  /** The window that is open. */
  end(): PastWindow | null {
    if (this.#open === null) return null;
    const { startAtMs, rows } = this.#open;
    const faultRows = [...(this.faults.get(startAtMs)?.values() ?? [])];
    return { startAtMs, endAtMs: startAtMs + this.#windowMs, rows, faultRows };
  }

  notes(): readonly string[] {
    const notes = [
      'windows have no panes: what live is told within a window is told here at its end',
      'nor is it kept whether the input was complete: what was held back live may show here as traffic that is missing',
    ];
    if (this.#otherLength > 0) {
      const what = `${this.#otherLength} documents of windows of another length than the setting “window”`;
      notes.push(`${what} were left out`);
    }
    if (this.#unreadable > 0) notes.push(`${this.#unreadable} documents could not be read`);
    return notes;
  }
}

/** The counts of a window's document; `null` where it is none. `edges` keeps one object for each edge. */
export function toStoredRow(
  document: unknown,
  edges: Map<string, Edge>,
): { readonly startAtMs: number; readonly windowMs: number; readonly row: CountRow } | null {
  const own = member(document, 'flagwatch');
  const startAtMs = Date.parse(text(member(document, '@timestamp')));
  const duration = member(member(document, 'event'), 'duration');
  const [requestCount, failedCount] = [member(own, 'request_count'), member(own, 'failed_count') ?? 0];
  if (Number.isNaN(startAtMs) || !isCount(duration) || !isCount(requestCount) || !isCount(failedCount)) return null;
  const sketch = member(own, 'duration_sketch') ?? emptySketch;
  const counts = list(member(own, 'flag_counts')).map((entry) => {
    return {
      flag: text(member(entry, 'flag')),
      count: member(entry, 'count'),
      ids: list(member(entry, 'request_ids')),
    };
  });
  if (!isSketch(sketch) || counts.some(({ count }) => !isCount(count))) return null;
  const row: CountRow = {
    edge: intern(edgeOf(own), edges),
    requestCount,
    failedCount,
    flagCounts: Object.fromEntries(counts.map(({ flag, count }) => [flag, count as number])),
    faultCounts: {},
    durations: sketch,
    examples: Object.fromEntries(counts.map(({ flag, ids }) => [flag, toExamples(ids, startAtMs)])),
  };
  return { startAtMs, windowMs: duration / 1_000_000, row };
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

/** Failed requests by the window in which they ended and the edge that broke, as correlate counts them. */
async function readFaults(
  search: DocumentSearch,
  { fromMs, toMs, windowMs }: StoredSpan,
  signal: AbortSignal,
): Promise<Map<number, Map<string, CountRow>>> {
  const windows = new Map<number, Map<string, CountRow>>();
  for await (const documents of search.pageRequests({ fromMs: fromMs - longestRequestMs, toMs }, signal)) {
    for (const document of documents) addFault(windows, document, windowMs);
  }
  return windows;
}

function addFault(windows: Map<number, Map<string, CountRow>>, document: unknown, windowMs: number): void {
  const own = member(document, 'flagwatch');
  const endedAtMs = Date.parse(text(member(member(document, 'event'), 'end')));
  const root = member(own, 'root');
  const fault = text(member(root, 'fault'));
  if (Number.isNaN(endedAtMs) || fault === unknownName || member(own, 'party') === 'none') return;
  const isSeenBySource = list(member(own, 'hops')).some((hop) => {
    return member(hop, 'root') === true && member(hop, 'reporter') !== 'destination';
  });
  const edge = edgeOf({
    reporter: isSeenBySource ? 'source' : 'destination',
    data_center: member(own, 'data_center'),
    source: member(root, 'source'),
    destination: member(root, 'destination'),
  });
  const startAtMs = spanStartAtMs(endedAtMs, windowMs);
  const rows = windows.get(startAtMs) ?? new Map<string, CountRow>();
  windows.set(startAtMs, rows);
  const key = edgeKey(edge);
  const before = rows.get(key) ?? { ...noCounts, edge };
  const faultCounts = { ...before.faultCounts, [fault]: (before.faultCounts[fault] ?? 0) + 1 };
  rows.set(key, { ...before, faultCounts });
}
