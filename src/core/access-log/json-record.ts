// The mapping from the keys of Istio's default and of this project's extended format to the record.
import { FieldReader } from './field-reader.ts';
import type { JsonObject } from './field-value.ts';
import { quoteValue, unreadable } from './field-value.ts';
import { parseGrpcStatus } from './grpc-status.ts';
import { isProxyLogObject } from './proxy-log.ts';
import type { AccessLogRecord, ListenerDirection, Outcome, WorkloadIdentity } from './record.ts';
import { unknownWorkload } from './record.ts';

/** The proxy that wrote a line, as far as something outside the line tells (its envelope). */
export interface Writer {
  readonly pod: string | null;
  readonly host: string | null;
  readonly node: WorkloadIdentity;
  readonly isSidecar: boolean;
}

/** A line that comes without an envelope. */
export const unknownWriter: Writer = { pod: null, host: null, node: unknownWorkload, isSidecar: false };

/** Longer than any connection lives; keeps the end of a request a date. */
export const maxDurationMs = 10 * 365 * 86_400_000;
/** Three digits: some servers answer with codes beyond 599. */
export const maxResponseCode = 999;

// Entries of one request before its end, or of one attempt (UpstreamEnd). Matched by the ending, since Envoy adds types.
const notFinalType = /(?:Start|Periodic|Connected|Ready|Established)$|^UpstreamEnd$/;

const directions: Readonly<Record<string, ListenerDirection | null>> = {
  '0': null,
  '1': 'inbound',
  '2': 'outbound',
  unspecified: null,
  inbound: 'inbound',
  outbound: 'outbound',
};

/** The record of one line's keys. What the line itself tells of its writer goes before what the envelope tells. */
export function toRecord(fields: JsonObject, writer: Writer, mayBeUnsafe: boolean): Outcome<AccessLogRecord> {
  if (!('response_flags' in fields || 'response_code' in fields || 'response_flags_long' in fields)) {
    if (isProxyLogObject(fields)) return { kind: 'skip', reason: 'proxy_log' };
    const keys = Object.keys(fields).slice(0, 5).join(', ');
    return unreadable('not_an_access_log', `keys: ${quoteValue(keys)}: expected response_flags or response_code`);
  }
  const reader = new FieldReader(mayBeUnsafe);
  const type = reader.text('access_log_type', fields['access_log_type']);
  if (type !== null && notFinalType.test(type)) return { kind: 'skip', reason: 'not_final' };
  const record = readRecord(fields, reader, writer);
  return reader.problem ?? { kind: 'ok', value: record };
}

function readRecord(line: JsonObject, read: FieldReader, writer: Writer): AccessLogRecord {
  const flags = read.flags('response_flags', line['response_flags']);
  const proxy = parseNodeId(read.text('pod', line['pod']));
  return {
    startAtMs: read.startTime('start_time', line['start_time']),
    durationMs: read.count('duration', line['duration'], maxDurationMs) ?? 0,
    method: read.text('method', line['method']),
    path: read.text('path', line['path']),
    protocol: read.text('protocol', line['protocol']),
    authority: read.text('authority', line['authority']),
    responseCode: read.count('response_code', line['response_code'], maxResponseCode) ?? 0,
    responseFlags: flags.length > 0 ? flags : read.flags('response_flags_long', line['response_flags_long']),
    responseCodeDetails: read.text('response_code_details', line['response_code_details']),
    connectionTerminationDetails: read.text('connection_termination_details', line['connection_termination_details']),
    upstreamTransportFailureReason: read.text(
      'upstream_transport_failure_reason',
      line['upstream_transport_failure_reason'],
    ),
    bytesReceived: read.count('bytes_received', line['bytes_received']) ?? 0,
    bytesSent: read.count('bytes_sent', line['bytes_sent']) ?? 0,
    upstreamServiceTimeMs: read.count('upstream_service_time', line['upstream_service_time']),
    requestId: read.text('request_id', line['request_id']),
    traceId: toTraceId(
      read.text('traceparent', line['traceparent']),
      read.text('x_b3_traceid', line['x_b3_traceid']),
      read.text('trace_id', line['trace_id']),
    ),
    userAgent: read.text('user_agent', line['user_agent']),
    xForwardedFor: read.text('x_forwarded_for', line['x_forwarded_for']),
    upstreamHost: read.text('upstream_host', line['upstream_host']),
    upstreamCluster: read.text('upstream_cluster', line['upstream_cluster']),
    upstreamLocalAddress: read.text('upstream_local_address', line['upstream_local_address']),
    downstreamLocalAddress: read.text('downstream_local_address', line['downstream_local_address']),
    downstreamRemoteAddress: read.text('downstream_remote_address', line['downstream_remote_address']),
    requestedServerName: read.text('requested_server_name', line['requested_server_name']),
    routeName: read.text('route_name', line['route_name']),
    listenerDirection: read.word('listener_direction', line['listener_direction'], directions),
    node: readNode(line, read, { ...writer.node, namespace: proxy.namespace ?? writer.node.namespace }),
    isSidecar: proxy.isSidecar ?? writer.isSidecar,
    pod: proxy.pod ?? read.text('env_pod_name', line['env_pod_name']) ?? writer.pod,
    upstreamPeer: parsePeer(read.text('upstream_workload', line['upstream_workload'])),
    downstreamPeer: parsePeer(read.text('downstream_peer', line['downstream_peer'])),
    attemptCount: read.count('attempts', line['attempts']),
    host: writer.host,
    grpcStatus: parseGrpcStatus(
      read.text('grpc_status', line['grpc_status']) ?? read.text('grpc_status_number', line['grpc_status_number']),
    ),
  };
}

function readNode(line: JsonObject, read: FieldReader, known: WorkloadIdentity): WorkloadIdentity {
  return {
    service: read.text('node_service', line['node_service']) ?? known.service,
    namespace: read.text('node_namespace', line['node_namespace']) ?? known.namespace,
    version: read.text('node_version', line['node_version']) ?? known.version,
    deployId: read.text('node_deploy_id', line['node_deploy_id']) ?? known.deployId,
    workload: read.text('node_workload', line['node_workload']) ?? known.workload,
  };
}

/** What a proxy's node id says; `isSidecar` is `null` where the text is none. */
interface NodeId {
  readonly pod: string | null;
  readonly namespace: string | null;
  readonly isSidecar: boolean | null;
}

/**
 * Kind of proxy, pod and namespace in a proxy's node id, `sidecar~10.0.0.7~checkout-7d4f9c-abcde.shop~shop.svc.cluster.local`. Text of
 * another form is taken as the pod's name.
 */
function parseNodeId(text: string | null): NodeId {
  const [, kind, name] = (text === null ? null : /^([^~]*)~[^~]*~([^~]*)~[^~]*$/.exec(text)) ?? [];
  if (name === undefined) return { pod: text, namespace: null, isSidecar: null };
  const isSidecar = kind === 'sidecar';
  // A pod's name may hold dots, a namespace's cannot.
  const dot = name.lastIndexOf('.');
  return dot <= 0
    ? { pod: name || null, namespace: null, isSidecar }
    : { pod: name.slice(0, dot), namespace: name.slice(dot + 1) || null, isSidecar };
}

/** `workload;namespace;canonical service;canonical revision;cluster;deploy id`: the last is this project's addition. */
function parsePeer(text: string | null): WorkloadIdentity {
  if (text === null) return unknownWorkload;
  const parts = text.split(';', 6);
  const part = (index: number): string | null => {
    const value = parts[index];
    return value === undefined || value === '' || value === '-' ? null : value;
  };
  return { workload: part(0), namespace: part(1), service: part(2), version: part(3), deployId: part(5) };
}

const traceParent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/i;
const b3TraceId = /^(?:[0-9a-f]{16}){1,2}$/i;

/**
 * The trace's id, in lower case, of the first header that holds one: W3C `traceparent`, then B3; else `trace_id` as it
 * is. The headers are the caller's text: what has not their form is no id and no fault of the line.
 */
export function toTraceId(traceparent: string | null, b3: string | null, traceId: string | null): string | null {
  const w3c = traceparent === null ? undefined : traceParent.exec(traceparent)?.[1];
  if (w3c !== undefined && !/^0+$/.test(w3c)) return w3c.toLowerCase();
  return b3 !== null && b3TraceId.test(b3) ? b3.toLowerCase() : traceId;
}
