// What correlate says of one failed request: its output, and what index, counts and people are given.
import type { Endpoint, Reporter } from '#core/attribute/traffic.ts';
import type { Fault, Party } from '#core/classify/classification.ts';
import type { LocalizedText } from '#core/classify/response-flag.ts';

/** Which proxies' lines of the request's first hop are there. */
export const evidences = ['both sides', 'source only', 'destination only'] as const;
export type Evidence = (typeof evidences)[number];

/** One line of the request. Ends that the line itself does not know are taken from the other side's. */
export interface FaultHop {
  readonly reporter: Reporter;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly flags: readonly string[];
  readonly code: number;
  readonly details: string | null;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly pod: string | null;
  /** 0 for the request's first hop, 1 for a call that its callee made, and so on. */
  readonly depth: number;
  /** Whether the line belongs to the hop that broke. */
  readonly isRoot: boolean;
}

/** One failed request. */
export interface RequestFault {
  /** Made from the request's ids, or from its addresses and start: the same lines give the same id. */
  readonly id: string;
  /** 1 for the first result; each correction by a late line is one more. */
  readonly revision: number;
  readonly requestId: string | null;
  readonly traceId: string | null;
  /** Address of who called, as the outermost proxy saw it; tells requests without an id apart. */
  readonly client: string | null;
  readonly startedAtMs: number;
  /** Event time of the request: when its first hop ended. */
  readonly endedAtMs: number;
  /** Event time under which all revisions are filed: when the request ended by its first result. A correction may move `endedAtMs`. */
  readonly filedAtMs: number;
  /**
   * Event time of the last line that came before it was settled. Never below the watermark, less the wait, at which the one
   * before was settled, unless its lines were late themselves: so it is counted here and is not late for whoever counts it.
   */
  readonly countedAtMs: number;
  /** `none` only in a correction that takes an earlier result back. */
  readonly party: Party;
  readonly fault: Fault;
  /** The hop that broke, each end by whoever knows it best. `fault` is what broke there; it differs from that of the request when that is `dependency`. */
  readonly root: { readonly source: Endpoint; readonly destination: Endpoint; readonly fault: Fault };
  /** In the order of the calls: a hop's source, its destination's attempts, then the calls that came of them. */
  readonly hops: readonly FaultHop[];
  readonly evidence: Evidence;
  /** One sentence. */
  readonly why: LocalizedText;
}
