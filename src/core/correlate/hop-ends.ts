// Both ends of a hop, each by the line that knows it best: a proxy knows its own workload better than its peer's.
import type { Endpoint } from '#core/attribute/traffic.ts';
import { unknownName } from '#core/attribute/traffic.ts';
import type { Hop } from './hop.ts';
import type { RequestLine } from './request-line.ts';

/** Who called whom. */
export interface HopEnds {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/**
 * The ends of a hop: the source by the caller's proxy, the destination by that of the attempt that counts (`last`, else the
 * latest); what one side does not know, by the other.
 */
export function hopEnds(hop: Hop, last: RequestLine | null): HopEnds {
  const attempt = (last ?? hop.attempts.at(-1))?.traffic ?? null;
  const source = hop.source?.traffic ?? null;
  const [own, peer] = source === null ? [attempt, attempt] : [source, attempt ?? source];
  if (own === null || peer === null) return { source: nobody, destination: nobody };
  return {
    source: fillEnd(own.source, peer.source),
    // An attempt before the last may have gone to another pod, of another version.
    destination: last === null ? fillEnd(own.destination, nobody) : fillEnd(peer.destination, own.destination),
  };
}

/** The ends that a line knows, completed by those of its hop; a version that came so is marked as the other side's. */
export function completeEnds(line: RequestLine, ends: HopEnds): HopEnds {
  return {
    source: markOrigin(fillEnd(line.traffic.source, ends.source), line.traffic.source),
    destination: markOrigin(fillEnd(line.traffic.destination, ends.destination), line.traffic.destination),
  };
}

const nobody: Endpoint = {
  service: unknownName,
  namespace: unknownName,
  version: unknownName,
  versionFrom: 'unknown',
  deployId: null,
};

function fillEnd(end: Endpoint, from: Endpoint): Endpoint {
  const hasVersion = end.version !== unknownName;
  // A version and a deploy belong to the pod that served the request, the names to its service: both sides mean the same.
  return {
    service: end.service === unknownName ? from.service : end.service,
    namespace: end.namespace === unknownName ? from.namespace : end.namespace,
    version: hasVersion ? end.version : from.version,
    versionFrom: hasVersion ? end.versionFrom : from.versionFrom,
    deployId: end.deployId ?? from.deployId,
    ...serviceFromOf(end.service === unknownName ? from : end),
  };
}

function serviceFromOf({ serviceFrom }: Endpoint): Pick<Endpoint, 'serviceFrom'> {
  return serviceFrom === undefined ? {} : { serviceFrom };
}

function markOrigin(filled: Endpoint, own: Endpoint): Endpoint {
  if (filled.version === own.version) return filled;
  return { ...filled, versionFrom: 'other_side' };
}
