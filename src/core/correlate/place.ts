// Where a call was made and where it went: what ties one call to the next where several services had a part in a request.
import { unknownName } from '#core/attribute/traffic.ts';
import type { RequestLine } from './request-line.ts';
import { hostOfAddress } from './request-line.ts';

/** A workload, as far as a line tells. `null` where it does not. */
export interface Place {
  readonly pod: string | null;
  /** Address without port: a pod has one of its own. */
  readonly host: string | null;
  readonly service: string | null;
}

/** Who made the call that `line`, of either side, tells of. */
export function callerPlace(line: RequestLine): Place {
  const { reporter, source } = line.traffic;
  return {
    pod: reporter === 'destination' ? null : line.pod,
    host: callerHost(line),
    service: knownName(source.service),
  };
}

/** Who was called. */
export function calleePlace(line: RequestLine): Place {
  const { reporter, destination } = line.traffic;
  const isArrival = reporter === 'destination';
  const host = hostOfAddress(isArrival ? line.downstreamLocalAddress : line.upstreamHost);
  return {
    pod: isArrival ? line.pod : null,
    // Where all listen on one host, it tells nothing.
    host: host === callerHost(line) ? null : host,
    service: knownName(destination.service),
  };
}

/** Whether two places are the same, by the surest that both know: pod, host, service; `null` where nothing tells. */
export function isSamePlace(a: Place, b: Place): boolean | null {
  if (a.pod !== null && b.pod !== null) return a.pod === b.pod;
  if (a.host !== null && b.host !== null) return a.host === b.host;
  // The name under which a service is called need not be its own, so other names do not prove another service.
  return a.service !== null && a.service === b.service ? true : null;
}

// An application's calls come from its pod's own address; a gateway's client has another, so the connection it makes goes first.
function callerHost(line: RequestLine): string | null {
  if (line.traffic.reporter === 'destination') return hostOfAddress(line.downstreamRemoteAddress);
  return hostOfAddress(line.upstreamLocalAddress ?? line.downstreamRemoteAddress);
}

function knownName(name: string): string | null {
  return name === unknownName ? null : name;
}
