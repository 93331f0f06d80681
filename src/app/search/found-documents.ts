// Documents as a store gives them back → what search shows of them. Whatever is missing is shown as unknown.

/** One end, as documents tell it. */
export interface FoundEnd {
  readonly service: string;
  readonly version: string;
  readonly deployId: string | null;
}

/** What one proxy wrote of one hop: a line's document, or a part of a failed request's. */
export interface FoundView {
  readonly startAtMs: number;
  readonly durationMs: number;
  readonly reporter: string;
  readonly source: FoundEnd;
  readonly destination: FoundEnd;
  readonly code: number;
  readonly flags: readonly string[];
  readonly details: string | null;
}

/** A line's document. */
export interface FoundLine extends FoundView {
  readonly fault: string;
  readonly party: string;
  readonly confidence: string;
  readonly requestId: string | null;
  readonly traceId: string | null;
}

/** A hop of a failed request. */
export interface FoundHop extends FoundView {
  readonly depth: number;
  readonly isRoot: boolean;
}

/** A failed request's document. */
export interface FoundRequest {
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly client: string | null;
  readonly fault: string;
  readonly party: string;
  readonly evidence: string;
  readonly why: string;
  /** The hop that broke. */
  readonly root: { readonly source: FoundEnd; readonly destination: FoundEnd; readonly fault: string };
  readonly hops: readonly FoundHop[];
}

/** A window's document. */
export interface FoundWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly reporter: string;
  readonly destination: FoundEnd;
  readonly requestCount: number;
  readonly flagCounts: ReadonlyMap<string, number>;
}

type Json = Readonly<Record<string, unknown>>;

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
const path = (value: unknown, ...names: readonly string[]): unknown => names.reduce(member, value);
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function toEnd(value: unknown): FoundEnd {
  return {
    service: text(member(value, 'service')) ?? 'unknown',
    version: text(member(value, 'version')) ?? 'unknown',
    deployId: text(member(value, 'deploy_id')),
  };
}

function toFlags(value: unknown): readonly string[] {
  return list(value).filter((flag) => typeof flag === 'string');
}

/** What search shows of a failed request's document; `null` where its result was taken back. */
export function toFoundRequest(document: unknown): FoundRequest | null {
  const own = member(document, 'flagwatch');
  const root = member(own, 'root');
  const party = text(member(own, 'party')) ?? 'none';
  if (party === 'none') return null;
  return {
    requestId: text(path(document, 'http', 'request', 'id')),
    traceId: text(path(document, 'trace', 'id')),
    client: text(path(document, 'client', 'address')),
    fault: text(member(own, 'fault')) ?? 'unknown',
    party,
    evidence: text(member(own, 'evidence')) ?? 'unknown',
    why: text(path(own, 'why', 'en')) ?? '',
    root: {
      source: toEnd(member(root, 'source')),
      destination: toEnd(member(root, 'destination')),
      fault: text(member(root, 'fault')) ?? 'unknown',
    },
    hops: list(member(own, 'hops')).map(toFoundHop),
  };
}

/** Deepest hop that is shown in its place: documents are read back from a store, and nobody reads deeper trees. */
const maxDepth = 32;

function toFoundHop(hop: unknown): FoundHop {
  return {
    startAtMs: Date.parse(text(member(hop, 'started_at')) ?? ''),
    durationMs: number(member(hop, 'duration_ms')),
    reporter: text(member(hop, 'reporter')) ?? 'unknown',
    source: toEnd(member(hop, 'source')),
    destination: toEnd(member(hop, 'destination')),
    code: number(member(hop, 'code')),
    flags: toFlags(member(hop, 'flags')),
    details: text(member(hop, 'details')),
    depth: Math.min(maxDepth, Math.max(0, Math.trunc(number(member(hop, 'depth'))))),
    isRoot: member(hop, 'root') === true,
  };
}

/** What search shows of a line's document. */
export function toFoundLine(document: unknown): FoundLine {
  const own = member(document, 'flagwatch');
  return {
    startAtMs: Date.parse(text(member(document, '@timestamp')) ?? ''),
    durationMs: number(path(document, 'event', 'duration')) / 1_000_000,
    reporter: text(member(own, 'reporter')) ?? 'unknown',
    source: toEnd(member(own, 'source')),
    destination: toEnd(member(own, 'destination')),
    code: number(path(document, 'http', 'response', 'status_code')),
    flags: toFlags(member(own, 'flags')),
    details: text(path(document, 'envoy', 'response_code_details')),
    fault: text(member(own, 'fault')) ?? 'none',
    party: text(member(own, 'party')) ?? 'none',
    confidence: text(member(own, 'confidence')) ?? 'ambiguous',
    requestId: text(path(document, 'http', 'request', 'id')),
    traceId: text(path(document, 'trace', 'id')),
  };
}

/** What search shows of a window's document. */
export function toFoundWindow(document: unknown): FoundWindow {
  const own = member(document, 'flagwatch');
  const counts = list(member(own, 'flag_counts')).map((entry): [string, number] => [
    text(member(entry, 'flag')) ?? 'unknown',
    number(member(entry, 'count')),
  ]);
  return {
    startAtMs: Date.parse(text(member(document, '@timestamp')) ?? ''),
    endAtMs: Date.parse(text(path(document, 'event', 'end')) ?? ''),
    reporter: text(member(own, 'reporter')) ?? 'unknown',
    destination: toEnd(member(own, 'destination')),
    requestCount: number(member(own, 'request_count')),
    flagCounts: new Map(counts),
  };
}
