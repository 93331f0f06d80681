// Failed requests as partial counts: what rules on faults and parties are judged by. Each is counted once, on the edge that broke.
import type { Endpoint } from '#core/attribute/traffic.ts';
import { unknownName } from '#core/attribute/traffic.ts';
import { spanStartAtMs } from '#core/clock/event-time.ts';
import type { FaultHop, RequestFault } from '#core/correlate/request-fault.ts';
import type { CountExample, PartialCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeKey, toEdge } from '#core/count/edge.ts';
import { mergeExamples } from '#core/count/pane-table.ts';

/** Counts failed requests between two hand-overs. */
export class FaultCounts {
  readonly #dataCenter: string;
  readonly #paneMs: number;
  readonly #rows = new Map<string, FaultRow>();

  constructor(settings: { readonly dataCenter: string; readonly paneMs: number }) {
    this.#dataCenter = settings.dataCenter;
    this.#paneMs = settings.paneMs;
  }

  /** Counts a first result. Corrections are not for here: what was counted cannot be taken back from a closed window. */
  add(request: RequestFault): void {
    const edge = rootEdge(request, this.#dataCenter);
    const paneStartAtMs = spanStartAtMs(request.countedAtMs, this.#paneMs);
    const key = `${paneStartAtMs} ${edgeKey(edge)}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { edge, paneStartAtMs, counts: new Map(), examples: new Map() };
      this.#rows.set(key, row);
    }
    const { fault } = request.root;
    row.counts.set(fault, (row.counts.get(fault) ?? 0) + 1);
    if (request.requestId === null) return;
    const example = { atMs: request.endedAtMs, requestId: request.requestId };
    row.examples.set(fault, mergeExamples(row.examples.get(fault) ?? [], [example]));
  }

  /** What was counted since the last call; the counts start again from zero. */
  take(): readonly PartialCount[] {
    const rows = [...this.#rows.values()].map(({ edge, paneStartAtMs, counts, examples }) => ({
      ...noCounts,
      edge,
      paneStartAtMs,
      faultCounts: Object.fromEntries(counts),
      examples: Object.fromEntries(examples),
    }));
    this.#rows.clear();
    return rows;
  }
}

interface FaultRow {
  readonly edge: Edge;
  readonly paneStartAtMs: number;
  readonly counts: Map<string, number>;
  readonly examples: Map<string, CountExample[]>;
}

/**
 * The edge that broke, as its caller's proxy saw it where that one's line is there: the same side whose requests are counted. Its
 * destination is as one line has it, so that the requests behind the failures carry the same labels.
 */
function rootEdge({ root, hops }: RequestFault, dataCenter: string): Edge {
  const isSeenBySource = hops.some((hop) => hop.isRoot && hop.reporter !== 'destination');
  const reporter = isSeenBySource ? 'source' : 'destination';
  return toEdge({ reporter, source: root.source, destination: asOneLineHasIt(root.destination, hops) }, dataCenter);
}

/**
 * A subset's name is known to the caller's proxy alone, and the deploy to the callee's: no line has both, so requests counted under both
 * would be none. The deploy says more.
 */
function asOneLineHasIt(destination: Endpoint, hops: readonly FaultHop[]): Endpoint {
  const last = hops.findLast(({ isRoot, reporter }) => isRoot && reporter === 'destination')?.destination;
  const isOfBoth = last?.versionFrom === 'other_side' && destination.deployId !== null;
  return isOfBoth && last.version === destination.version
    ? { ...destination, version: unknownName, versionFrom: 'unknown' }
    : destination;
}
