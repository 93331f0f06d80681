// The keys that decodeLine reads, and how strictly the lean scanner looks at the value of each. A key that is read by
// decodeLine has to stand here, else the scanner would take any value for it.
import { envelopes } from './open-envelope.ts';

/** `text`: any string or null, not kept. `plain`: a string without escapes, or null. `count`: digits. `grpc`: no status, or OK. */
export type ScanKind = 'text' | 'plain' | 'count' | 'direction' | 'grpc' | 'message' | 'log' | 'kubernetes' | 'refused';

const kinds: Readonly<Record<string, ScanKind>> = {
  start_time: 'plain',
  duration: 'count',
  response_code: 'count',
  response_flags: 'plain',
  response_flags_long: 'plain',
  access_log_type: 'plain',
  request_id: 'plain',
  traceparent: 'plain',
  x_b3_traceid: 'plain',
  trace_id: 'plain',
  attempts: 'count',
  listener_direction: 'direction',
  grpc_status: 'grpc',
  grpc_status_number: 'grpc',
  upstream_cluster: 'plain',
  node_service: 'plain',
  node_namespace: 'plain',
  node_version: 'plain',
  node_deploy_id: 'plain',
  node_workload: 'plain',
  pod: 'plain',
  env_pod_name: 'plain',
  upstream_workload: 'plain',
  downstream_peer: 'plain',
  method: 'text',
  path: 'text',
  protocol: 'text',
  authority: 'text',
  response_code_details: 'text',
  connection_termination_details: 'text',
  upstream_transport_failure_reason: 'text',
  bytes_received: 'count',
  bytes_sent: 'count',
  upstream_service_time: 'count',
  user_agent: 'text',
  x_forwarded_for: 'text',
  upstream_host: 'text',
  upstream_local_address: 'text',
  downstream_local_address: 'text',
  downstream_remote_address: 'text',
  requested_server_name: 'text',
  route_name: 'text',
  // Envelopes with the line as text and the pod under `kubernetes` are read here; the marks of any other hand the line over.
  message: 'message',
  log: 'log',
  kubernetes: 'kubernetes',
};

const markers = envelopes.flatMap((envelope) => envelope.markerKeys);

/** Names of the fields; a field's place in this list is its id. */
export const scanFieldNames: readonly string[] = [...new Set([...Object.keys(kinds), ...markers])];

/** The kind of each field, by id. */
export const scanFieldKinds: readonly ScanKind[] = scanFieldNames.map((name) => kinds[name] ?? 'refused');

/** Kinds whose usual value is text or null. */
export function isTextKind(kind: ScanKind): boolean {
  return kind === 'text' || kind === 'plain';
}

/** The id of a field. */
export function scanFieldId(name: string): number {
  return scanFieldNames.indexOf(name);
}

/** The fields of which the identity is made: all that attribution reads comes from these (and from `kubernetes`). */
export const identityFieldIds: readonly number[] = [
  'listener_direction',
  'upstream_cluster',
  'node_service',
  'node_namespace',
  'node_version',
  'node_deploy_id',
  'node_workload',
  'pod',
  'env_pod_name',
  'upstream_workload',
  'downstream_peer',
  'kubernetes',
].map(scanFieldId);
