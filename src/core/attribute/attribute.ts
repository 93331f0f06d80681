// Attribution: who called whom, which version, and how that is known. Second stage: from a decoded line to its Traffic.
import type { AccessLogRecord, ListenerDirection, WorkloadIdentity } from '#core/access-log/record.ts';
import { parseInternalHost } from './internal-host.ts';
import type { Endpoint, Reporter, Traffic, VersionOrigin } from './traffic.ts';
import { unknownName } from './traffic.ts';
import type { HostName, UpstreamCluster } from './upstream-cluster.ts';
import { parseHostName, parseUpstreamCluster } from './upstream-cluster.ts';

/** All that attribution looks at: lines that agree in these fields have the same traffic, so it can be cached by them. */
export type AttributionInput = Pick<
  AccessLogRecord,
  | 'listenerDirection'
  | 'upstreamCluster'
  | 'node'
  | 'upstreamPeer'
  | 'downstreamPeer'
  | 'pod'
  | 'isSidecar'
  | 'responseFlags'
  | 'authority'
>;

/** Longest label taken from a line, in characters (UTF-16 units): the limit of a DNS name, so real names are never cut. */
export const maxLabelLength = 253;

/**
 * The traffic of one line. Each end by the first of its sources that knows: the writing side by its own identity; the
 * destination seen from the source by the chosen host's metadata, then the cluster's subset and host; the source seen from
 * the destination by peer metadata; else `unknown`. A destination that nothing names is named by the authority, where `readsAuthority`
 * says so. Labels are at most `maxLabelLength` long and hold no control
 * characters. Without a reporter the writer counts as the source, because such a line (NR, NC, blocked egress) comes from
 * a proxy that found nowhere to send to; unless it knows its caller, which only a destination does.
 */
export function attribute(record: AttributionInput): Traffic {
  const cluster = parseUpstreamCluster(record.upstreamCluster);
  const reporter = reporterOf(record.listenerDirection, cluster);
  const host = 'host' in cluster && cluster.host !== null ? parseHostName(cluster.host) : null;
  if (reporter === 'destination' || (reporter === 'unknown' && isKnown(record.downstreamPeer))) {
    return {
      reporter,
      source: endpointOf(record.downstreamPeer, 'peer_metadata', null),
      destination: endpointOf(record.node, 'node', host),
    };
  }
  const source = endpointOf(record.node, 'node', null);
  const destination = withSubset(endpointOf(record.upstreamPeer, 'upstream_metadata', host), cluster);
  return {
    reporter,
    source,
    destination: readsAuthority(record) ? withAuthority(destination, source, record) : destination,
  };
}

/** What a sidecar writes that knows the host that was called, and has no way to it: no route, or the route of a cluster that is not there. */
const unroutedFlags: readonly string[] = ['NR', 'NC'];

/**
 * Whether attribution looks at the authority of a line: the rest of its input is the same for all lines of one writer, cluster and peers.
 * Only at that of a sidecar's unrouted line. Its callers are the applications of its own pod; at a gateway any stranger chooses the host.
 * And Istio gives a sidecar a catch-all behind the hosts of its configuration, so one that was called and is not among them is passed
 * through or blocked, and has no such flag: the names are those that the mesh has.
 */
export function readsAuthority({ isSidecar, upstreamCluster, responseFlags }: AttributionInput): boolean {
  return isSidecar && upstreamCluster === null && responseFlags.some((flag) => unroutedFlags.includes(flag));
}

function withAuthority(destination: Endpoint, source: Endpoint, { authority }: AttributionInput): Endpoint {
  if (destination.service !== unknownName || authority === null) return destination;
  const host = parseInternalHost(authority, source.namespace === unknownName ? null : source.namespace);
  if (host?.namespace == null || toLabel(host.service) === null) return destination;
  return { ...destination, service: host.service, namespace: host.namespace, serviceFrom: 'authority' };
}

const clusterReporters: Readonly<Record<UpstreamCluster['kind'], Reporter>> = {
  outbound: 'source',
  inbound: 'destination',
  passthrough: 'source',
  black_hole: 'source',
  inbound_passthrough: 'destination',
  other: 'unknown',
};

function reporterOf(direction: ListenerDirection | null, cluster: UpstreamCluster): Reporter {
  if (direction === 'outbound') return 'source';
  if (direction === 'inbound') return 'destination';
  return clusterReporters[cluster.kind];
}

function isKnown(identity: WorkloadIdentity): boolean {
  return toLabel(identity.service) !== null || toLabel(identity.workload) !== null;
}

function endpointOf(identity: WorkloadIdentity, origin: VersionOrigin, host: HostName | null): Endpoint {
  const version = toVersion(identity.version);
  // The workload comes last: Istio itself names a service after its workload where no label names it.
  const service = toLabel(identity.service) ?? toLabel(host?.service ?? null) ?? toLabel(identity.workload);
  return {
    service: service ?? unknownName,
    namespace: toLabel(identity.namespace) ?? toLabel(host?.namespace ?? null) ?? unknownName,
    version: version ?? unknownName,
    versionFrom: version === null ? 'unknown' : origin,
    deployId: toLabel(identity.deployId),
  };
}

function withSubset(endpoint: Endpoint, cluster: UpstreamCluster): Endpoint {
  if (endpoint.versionFrom !== 'unknown' || cluster.kind !== 'outbound') return endpoint;
  const subset = toVersion(cluster.subset);
  return subset === null ? endpoint : { ...endpoint, version: subset, versionFrom: 'subset' };
}

/**
 * What Istio writes for the canonical revision of a workload without a version label: `CanonicalService` in its pkg/labels ends in that
 * literal. The workload's own line has no version there, so one deployment would be two: its requests under one, its failures under the other.
 */
const unlabelledVersion = 'latest';

/** The one place where any text becomes a version, so that both ends call the same pod the same. */
function toVersion(text: string | null): string | null {
  return text === unlabelledVersion ? null : toLabel(text);
}

// Control characters would break what joins labels (U+001F) and what prints them; lone surrogates are no text at all.
const unsafeCharacter = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const unsafeCharacters = new RegExp(unsafeCharacter, 'gu');

function toLabel(text: string | null): string | null {
  if (text === null || text === '' || text === '-' || text === unknownName) return null;
  const bounded = text.length > maxLabelLength ? text.slice(0, maxLabelLength) : text;
  return unsafeCharacter.test(bounded) ? bounded.replace(unsafeCharacters, '\ufffd') : bounded;
}
