// A failed request as JSON for people and their tools: the form that `flagwatch correlate` prints.
import { renderEndpoint } from '#core/attribute/render-endpoint.ts';
import type { Language } from '#core/classify/response-flag.ts';
import type { FaultHop, RequestFault } from './request-fault.ts';

/**
 * The plain object of a failed request, its keys in the order in which they are printed. `client` is there where the
 * request has no id, `revision` in corrections.
 */
export function renderRequestFault(fault: RequestFault, language: Language): object {
  return {
    request_id: fault.requestId,
    trace_id: fault.traceId,
    ...(fault.requestId === null ? { client: fault.client } : {}),
    started_at: new Date(fault.startedAtMs).toISOString(),
    party: fault.party,
    fault: fault.fault,
    root: {
      source: renderEndpoint(fault.root.source),
      destination: renderEndpoint(fault.root.destination),
      fault: fault.root.fault,
    },
    hops: fault.hops.map(renderHop),
    evidence: fault.evidence,
    why: fault.why[language],
    ...(fault.revision > 1 ? { revision: fault.revision } : {}),
  };
}

function renderHop(hop: FaultHop): object {
  return {
    reporter: hop.reporter,
    source: renderEndpoint(hop.source),
    destination: renderEndpoint(hop.destination),
    flags: hop.flags,
    code: hop.code,
    details: hop.details,
    started_at: new Date(hop.startedAtMs).toISOString(),
    duration_ms: hop.durationMs,
    pod: hop.pod,
    depth: hop.depth,
    root: hop.isRoot,
  };
}
