// Documents as a store gives them back → what search shows of them. Whatever is missing is shown as unknown.

/** One end, as documents tell it. */
export interface FoundEnd {
  readonly service: string;
  readonly version: string;
  readonly deployId: string | null;
}

/** A line's document. */
export interface FoundLine {
  readonly startAtMs: number;
  readonly durationMs: number;
  readonly reporter: string;
  readonly source: FoundEnd;
  readonly destination: FoundEnd;
  readonly code: number;
  readonly flags: readonly string[];
  readonly details: string | null;
  readonly fault: string;
  readonly party: string;
  readonly confidence: string;
  readonly requestId: string | null;
  readonly traceId: string | null;
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

/** What search shows of a line's document. */
export function toFoundLine(document: unknown): FoundLine {
  const own = member(document, 'flagwatch');
  const flags = list(member(own, 'flags')).filter((flag) => typeof flag === 'string');
  return {
    startAtMs: Date.parse(text(member(document, '@timestamp')) ?? ''),
    durationMs: number(path(document, 'event', 'duration')) / 1_000_000,
    reporter: text(member(own, 'reporter')) ?? 'unknown',
    source: toEnd(member(own, 'source')),
    destination: toEnd(member(own, 'destination')),
    code: number(path(document, 'http', 'response', 'status_code')),
    flags,
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
