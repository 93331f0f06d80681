// Reads the name of an upstream cluster: the only place where Istio's default formats say who was called. Feeds attribute.

/** What a cluster's name says. `other` is a name that is not Istio's pattern: a custom cluster, or broken text. */
export type UpstreamCluster =
  | {
      readonly kind: 'outbound' | 'inbound';
      /** 1..65535, or `null` where the part is not a port. */
      readonly port: number | null;
      /** Of outbound clusters only: the third part of an inbound name was a port's name in old Istio releases. */
      readonly subset: string | null;
      readonly host: string | null;
    }
  | { readonly kind: 'passthrough' | 'black_hole' | 'inbound_passthrough' | 'other' };

/** A host as Istio's registry names it: service and namespace of `payments.shop.svc.cluster.local`, else the host alone. */
export interface HostName {
  readonly service: string;
  readonly namespace: string | null;
}

const fixedNames = new Map<string, UpstreamCluster>([
  ['PassthroughCluster', { kind: 'passthrough' }],
  ['BlackHoleCluster', { kind: 'black_hole' }],
  ['InboundPassthroughCluster', { kind: 'inbound_passthrough' }],
  // Older Istio releases write one for each address family.
  ['InboundPassthroughClusterIpv4', { kind: 'inbound_passthrough' }],
  ['InboundPassthroughClusterIpv6', { kind: 'inbound_passthrough' }],
]);
const other: UpstreamCluster = { kind: 'other' };

/**
 * Parses `outbound|8080|v2|payments.shop.svc.cluster.local`, `inbound|8080||`, Istio's fixed names, and the form in which
 * east-west gateways write the first (`outbound_.8080_.v2_.payments…`). Total: any text gives a value.
 */
export function parseUpstreamCluster(text: string | null): UpstreamCluster {
  if (text === null) return other;
  const fixed = fixedNames.get(text);
  if (fixed !== undefined) return fixed;
  const separator = text.includes('|') ? '|' : '_.';
  const [direction, port, subset, host] = text.split(separator, 4);
  if (port === undefined || (direction !== 'outbound' && direction !== 'inbound')) return other;
  const named = direction === 'outbound' && subset !== undefined && subset !== '' && subset !== '_';
  return {
    kind: direction,
    port: parsePort(port),
    subset: named ? subset : null,
    host: host === undefined || host === '' ? null : host,
  };
}

/** Splits a host of Kubernetes' form (`name.namespace.svc` with any domain behind it); any other host is its own service. */
export function parseHostName(host: string): HostName {
  // Cut by pieces: a DNS name has at most 127 labels, and what is longer is not Kubernetes' form.
  const labels = host.split('.', 128);
  const svc = labels.indexOf('svc', 2);
  const service = labels[svc - 2];
  const namespace = labels[svc - 1];
  const isKubernetes = svc >= 2 && service !== undefined && service !== '' && service !== '*' && namespace !== '';
  return isKubernetes ? { service, namespace: namespace ?? null } : { service: host, namespace: null };
}

function parsePort(text: string): number | null {
  if (!/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : null;
}
