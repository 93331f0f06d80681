// What one access-log line says, typed: the output of the first stage (decode), the input of attribute and classify.

/** The side of the writing proxy's listener: inbound is the callee's sidecar, outbound the caller's (or a gateway). */
export type ListenerDirection = 'inbound' | 'outbound';

/** Who a proxy belongs to, as far as the line or its envelope tells. `null` where nothing tells. */
export interface WorkloadIdentity {
  readonly service: string | null;
  readonly namespace: string | null;
  /** Canonical revision. */
  readonly version: string | null;
  readonly deployId: string | null;
  readonly workload: string | null;
}

/**
 * One final access-log entry of Envoy. Empty values (`-`, `null`, missing) are `null`; times are epoch milliseconds,
 * durations milliseconds, sizes bytes. Field names follow Istio's default JSON format.
 */
export interface AccessLogRecord {
  /** Start of the request. The event time is `startAtMs + durationMs`: a proxy logs at the end. */
  readonly startAtMs: number;
  readonly durationMs: number;
  readonly method: string | null;
  readonly path: string | null;
  /** `HTTP/1.1`, `HTTP/2`; `null` for TCP. */
  readonly protocol: string | null;
  readonly authority: string | null;
  /** 0 means that no response headers were sent (and is what a healthy TCP line has). */
  readonly responseCode: number;
  /** Envoy's short names in the line's order, unknown ones kept; empty for `-`. */
  readonly responseFlags: readonly string[];
  readonly responseCodeDetails: string | null;
  readonly connectionTerminationDetails: string | null;
  readonly upstreamTransportFailureReason: string | null;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly upstreamServiceTimeMs: number | null;
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly userAgent: string | null;
  readonly xForwardedFor: string | null;
  readonly upstreamHost: string | null;
  /** `outbound|8080|v2|payments.shop.svc.cluster.local`, `inbound|8080||`, `PassthroughCluster` … */
  readonly upstreamCluster: string | null;
  readonly upstreamLocalAddress: string | null;
  readonly downstreamLocalAddress: string | null;
  readonly downstreamRemoteAddress: string | null;
  readonly requestedServerName: string | null;
  readonly routeName: string | null;
  /** From `listener_direction` (1 inbound, 2 outbound). */
  readonly listenerDirection: ListenerDirection | null;
  /** The proxy that wrote the line: from `node_*` keys or the shipper's Kubernetes metadata. */
  readonly node: WorkloadIdentity;
  /**
   * Whether the writing proxy surely is a sidecar: by its node id, or by the label that injection gives to pods with one. `false` for
   * gateways and waypoints, and where nothing tells.
   */
  readonly isSidecar: boolean;
  /** Name of the writing pod, where known. */
  readonly pod: string | null;
  /** The chosen upstream host's workload (`%UPSTREAM_METADATA(istio:workload)%`). */
  readonly upstreamPeer: WorkloadIdentity;
  /** The caller, as its own sidecar presented itself (`downstream_peer`). */
  readonly downstreamPeer: WorkloadIdentity;
  /** `%UPSTREAM_REQUEST_ATTEMPT_COUNT%`; `null` where the format does not carry it. */
  readonly attemptCount: number | null;
  /** Name of the Kubernetes node on which the writing pod runs, where the shipper tells it. */
  readonly host: string | null;
  /** Status of a gRPC call by its number (0 is OK); a name that is not one of gRPC's stays text. `null` where it is no gRPC call. */
  readonly grpcStatus: number | string | null;
}

/** A record about which nothing is known: the base that decoders and tests build on. */
export const unknownWorkload: WorkloadIdentity = {
  service: null,
  namespace: null,
  version: null,
  deployId: null,
  workload: null,
};

/** Why a line was not counted although nothing is wrong with it. */
export const skipReasons = ['other_container', 'not_final', 'proxy_log'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** Why a line (or a record derived from it) was set aside in the dead-letter topic. */
export const deadLetterReasons = [
  'empty',
  'not_utf8_text',
  'not_an_access_log',
  'other_format',
  'malformed_json',
  'malformed_text',
  'partial_line',
  'several_lines',
  'missing_field',
  'wrong_type',
  'too_long',
  'too_deep',
  'future_timestamp',
  'rejected_by_store',
  'unreadable_internal_record',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** What became of one piece of outside text. One bad record is a value, never an exception. */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly detail: string };
