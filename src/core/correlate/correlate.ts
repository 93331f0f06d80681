// Correlation: all lines of a request, of both sides and of every hop, become one statement of what broke, where, and who
// has to act. Fourth stage; the table (request-table.ts) brings the lines together.
import { createHash } from 'node:crypto';
import type { Fault } from '#core/classify/classification.ts';
import { faultParties } from '#core/classify/classification.ts';
import type { Call } from './call-tree.ts';
import { linkCalls } from './call-tree.ts';
import { explainFault } from './explain-fault.ts';
import type { FaultScene } from './fault-scene.ts';
import { toFaultScene } from './fault-scene.ts';
import type { Hop, PairingSettings } from './hop.ts';
import { firstLine, hasId, isBefore, pairHops } from './hop.ts';
import type { HopEnds } from './hop-ends.ts';
import { completeEnds, hopEnds } from './hop-ends.ts';
import type { Evidence, FaultHop, RequestFault } from './request-fault.ts';
import type { RequestLine } from './request-line.ts';
import { correlationKey, isFailedFault, lineEndAtMs } from './request-line.ts';

/** 5 s: clocks of nodes are set to much less, and the ports of a connection rest longer before they are used again. */
const defaultPairing: PairingSettings = { maxApartMs: 5_000 };

/** A failed request with the lines that it was made from, by which the table knows it again. */
export interface CorrelatedRequest {
  readonly fault: RequestFault;
  readonly lines: readonly RequestLine[];
}

/**
 * The failed requests among lines that belong together (one trace, one request id, or one connection); one for each
 * request id, none where all went well in the end. Lines may come in any order, and twice. Ordered by start.
 */
export function correlate(
  lines: readonly RequestLine[],
  settings: PairingSettings = defaultPairing,
): readonly CorrelatedRequest[] {
  const calls = linkCalls(pairHops(lines, settings), settings);
  const requests = new Map<string, Call[]>();
  for (const call of calls) {
    if (!isHead(call)) continue;
    const id = requestIdentity(call.hop);
    const heads = requests.get(id);
    if (heads === undefined) requests.set(id, [call]);
    else heads.push(call);
  }
  return [...requests].map(([identity, heads]) => toRequest(identity, heads));
}

/**
 * Whether a failed request begins with this call: it failed, and it was not made for another that tells more. A call made
 * for a request that went well (its service had another answer ready) has not failed that request; under an id of its own
 * it is a failed request itself.
 */
function isHead(call: Call): boolean {
  if (!isFailedFault(call.reading.fault)) return false;
  const { requestId } = firstLine(call.hop);
  for (let above = call.parent; above !== null; above = above.parent) {
    if (isFailedFault(above.reading.fault)) return false;
    if (requestId !== null && firstLine(above.hop).requestId === requestId) return false;
  }
  return true;
}

// Lines without an id have no identity but their connection, whose ports are used again: the start tells which use it is.
function requestIdentity(hop: Hop): string {
  const line = firstLine(hop);
  if (!hasId(line)) return JSON.stringify([correlationKey(line), line.startAtMs]);
  return JSON.stringify([traceIdOf(hop), line.requestId]);
}

function traceIdOf(hop: Hop): string | null {
  const traced = [hop.source, ...hop.attempts].find((line) => line !== null && line.traceId !== null);
  return traced?.traceId ?? null;
}

// A service that called several others at once under one id: the failure that came last is the one that nothing made good.
function toRequest(identity: string, heads: readonly Call[]): CorrelatedRequest {
  const head = heads.reduce((a, b) => (endOf(b) > endOf(a) ? b : a));
  const line = firstLine(head.hop);
  const root = rootOf(head);
  const fault: Fault = root === head ? head.reading.fault : 'dependency';
  const lines = heads.flatMap((at) => collectLines(at, 0));
  return {
    fault: {
      id: createHash('sha256').update(identity).digest('hex').slice(0, 20),
      revision: 1,
      requestId: line.requestId,
      traceId: traceIdOf(head.hop),
      client: line.downstreamRemoteAddress,
      startedAtMs: line.startAtMs,
      endedAtMs: lineEndAtMs(line),
      filedAtMs: lineEndAtMs(line),
      countedAtMs: Math.max(...lines.map((at) => lineEndAtMs(at.line))),
      party: faultParties[fault],
      fault,
      root: { ...endsOf(root), fault: root.reading.fault },
      hops: lines.map((at) => toFaultHop(at, root)),
      evidence: evidenceOf(head.hop),
      why: explainFault({
        fault,
        head: sceneOf(head),
        root: sceneOf(root),
        rootFault: root.reading.fault,
        waitingFor: waitingFor(head),
      }),
    },
    lines: lines.map((at) => at.line),
  };
}

/**
 * The hop that broke. An application's own 5xx is explained by a call of its own that failed (dependency), and so on down;
 * everything else broke where it was seen.
 */
function rootOf(call: Call): Call {
  if (call.reading.fault !== 'app_error') return call;
  const failed = call.children.filter((child) => isFailedFault(child.reading.fault));
  if (failed.length === 0) return call;
  // The last to fail before the answer; one that went on after the answer only where there is no other.
  const answeredAtMs = lineEndAtMs(call.reading.decidedBy);
  const inTime = failed.filter((child) => !isBefore(answeredAtMs, endOf(child)));
  const candidates = inTime.length > 0 ? inTime : failed;
  return rootOf(candidates.reduce((a, b) => (endOf(b) > endOf(a) ? b : a)));
}

function endOf(call: Call): number {
  return lineEndAtMs(firstLine(call.hop));
}

function endsOf(call: Call): HopEnds {
  return hopEnds(call.hop, call.reading.last);
}

function evidenceOf(hop: Hop): Evidence {
  if (hop.source === null) return 'destination only';
  return hop.attempts.length > 0 ? 'both sides' : 'source only';
}

function sceneOf(call: Call): FaultScene {
  return toFaultScene(call.hop, call.reading, endsOf(call));
}

// A call that its own caller left was still under way when the request was given up.
function waitingFor(call: Call): string | null {
  const waiting = call.children.findLast((child) => child.reading.fault === 'caller_left');
  return waiting === undefined ? null : sceneOf(waiting).callee;
}

interface PlacedLine {
  readonly line: RequestLine;
  readonly call: Call;
  readonly depth: number;
}

function collectLines(call: Call, depth: number): readonly PlacedLine[] {
  const own = [call.hop.source, ...call.hop.attempts].filter((line) => line !== null);
  return [
    ...own.map((line) => ({ line, call, depth })),
    ...call.children.flatMap((child) => collectLines(child, depth + 1)),
  ];
}

function toFaultHop({ line, call, depth }: PlacedLine, root: Call): FaultHop {
  return {
    reporter: line.traffic.reporter,
    ...completeEnds(line, endsOf(call)),
    flags: line.flags,
    code: line.code,
    details: line.details,
    startedAtMs: line.startAtMs,
    durationMs: line.durationMs,
    pod: line.pod,
    depth,
    isRoot: call === root,
  };
}
