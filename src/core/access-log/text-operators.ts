// Envoy's format operators and the keys of a line that they are: what a text format is compiled with. An operator that is not
// here is read and left aside. https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter
import type { FormatOperator } from './format-string.ts';

/**
 * What an operator can write. `word`: no white space and no quotes; `digits`: a whole number or `-`; `text`: anything. Only
 * what Envoy itself vouches for is narrower than `text`: else a caller could choose a header so that nothing but a reading of
 * its own making fits.
 */
export type ValueShape = 'text' | 'word' | 'digits';

/** What an operator's value is. `key`: a key of the JSON format; `KEY/N`: part N of one whose parts are joined by `;`. */
export interface OperatorField {
  readonly key: string | null;
  readonly shape: ValueShape;
}

const word = (key: string): OperatorField => ({ key, shape: 'word' });
const digits = (key: string): OperatorField => ({ key, shape: 'digits' });
const text = (key: string): OperatorField => ({ key, shape: 'text' });

const plain: Readonly<Record<string, OperatorField>> = {
  START_TIME: word('start_time'),
  PROTOCOL: word('protocol'),
  RESPONSE_CODE: digits('response_code'),
  RESPONSE_FLAGS: word('response_flags'),
  RESPONSE_FLAGS_LONG: word('response_flags_long'),
  RESPONSE_CODE_DETAILS: word('response_code_details'),
  CONNECTION_TERMINATION_DETAILS: text('connection_termination_details'),
  UPSTREAM_TRANSPORT_FAILURE_REASON: text('upstream_transport_failure_reason'),
  BYTES_RECEIVED: digits('bytes_received'),
  BYTES_SENT: digits('bytes_sent'),
  DURATION: digits('duration'),
  UPSTREAM_HOST: word('upstream_host'),
  UPSTREAM_REMOTE_ADDRESS: word('upstream_host'),
  UPSTREAM_CLUSTER: word('upstream_cluster'),
  UPSTREAM_CLUSTER_RAW: word('upstream_cluster'),
  UPSTREAM_LOCAL_ADDRESS: word('upstream_local_address'),
  DOWNSTREAM_LOCAL_ADDRESS: word('downstream_local_address'),
  DOWNSTREAM_REMOTE_ADDRESS: word('downstream_remote_address'),
  REQUESTED_SERVER_NAME: text('requested_server_name'),
  ROUTE_NAME: text('route_name'),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: digits('attempts'),
  GRPC_STATUS: word('grpc_status'),
  GRPC_STATUS_NUMBER: word('grpc_status_number'),
  ACCESS_LOG_TYPE: word('access_log_type'),
  TRACE_ID: word('trace_id'),
  // A pod's host name is its own name, unless it is on the node's network.
  HOSTNAME: word('env_pod_name'),
};

const headers: Readonly<Record<string, string>> = {
  ':METHOD': 'method',
  ':PATH': 'path',
  'X-ENVOY-ORIGINAL-PATH': 'path',
  ':AUTHORITY': 'authority',
  'X-FORWARDED-FOR': 'x_forwarded_for',
  'USER-AGENT': 'user_agent',
  'X-REQUEST-ID': 'request_id',
  TRACEPARENT: 'traceparent',
  'X-B3-TRACEID': 'x_b3_traceid',
};

const variables: Readonly<Record<string, string>> = {
  POD_NAME: 'env_pod_name',
  POD_NAMESPACE: 'node_namespace',
  ISTIO_META_WORKLOAD_NAME: 'node_workload',
};

const nodeExpressions: Readonly<Record<string, string>> = {
  'xds.listener_direction': 'listener_direction',
  'xds.node.id': 'pod',
  'xds.node.metadata.WORKLOAD_NAME': 'node_workload',
  'xds.node.metadata.NAMESPACE': 'node_namespace',
  "xds.node.metadata.LABELS['service.istio.io/canonical-name']": 'node_service',
  "xds.node.metadata.LABELS['service.istio.io/canonical-revision']": 'node_version',
  "xds.node.metadata.LABELS['version']": 'node_version',
  'xds.node.metadata.LABELS.version': 'node_version',
  "xds.node.metadata.LABELS['deploy-id']": 'node_deploy_id',
};

// Istio 1.20 to 1.23 has the peer under `filter_state['wasm.downstream_peer']`, later ones under `filter_state.downstream_peer`.
const peerExpression = /^filter_state(?:\.|\[')(?:wasm\.)?(upstream|downstream)_peer(?:'\])?\.(.+)$/;

/** Fields of a peer, and their places in `workload;namespace;service;version;cluster;deploy id`. */
const peerFields: Readonly<Record<string, number>> = {
  workload: 0,
  workload_name: 0,
  namespace: 1,
  service: 2,
  "labels['service.istio.io/canonical-name'].value": 2,
  revision: 3,
  "labels['service.istio.io/canonical-revision'].value": 3,
  "labels['deploy-id']": 5,
  "labels['deploy-id'].value": 5,
};

/** What the value of an operator is; `key` is `null` where nobody reads it. */
export function toOperatorField({ name, argument }: FormatOperator): OperatorField {
  const nothing: OperatorField = { key: null, shape: 'text' };
  if (argument !== null) return argumentField(name, argument) ?? plainField(name, argument) ?? nothing;
  return plainField(name, null) ?? nothing;
}

function plainField(name: string, argument: string | null): OperatorField | null {
  const field = lookUp(plain, name);
  if (field === null) return null;
  return argument === 'ALLOW_WHITESPACES' ? { ...field, shape: 'text' } : field;
}

function argumentField(name: string, argument: string): OperatorField | null {
  switch (name) {
    case 'REQ':
    case 'REQ_WITHOUT_QUERY':
      return headerField(argument);
    case 'PATH':
      return text('path');
    case 'RESP':
      return argument.toUpperCase() === 'X-ENVOY-UPSTREAM-SERVICE-TIME' ? text('upstream_service_time') : null;
    case 'ENVIRONMENT':
      return keyed(variables, argument, 'word');
    case 'UPSTREAM_METADATA':
      return argument === 'istio:workload' ? word('upstream_workload') : null;
    case 'CEL':
    case 'TYPED_CEL':
      return keyed(nodeExpressions, argument, 'word') ?? peerField(argument);
    default:
      return null;
  }
}

function headerField(argument: string): OperatorField | null {
  const [name = ''] = argument.toUpperCase().split('?');
  // Envoy takes no method that is not a token.
  return keyed(headers, name, name === ':METHOD' ? 'word' : 'text');
}

function peerField(expression: string): OperatorField | null {
  const [, side, field = ''] = peerExpression.exec(expression) ?? [];
  const place = lookUp(peerFields, field);
  if (side === undefined || place === null) return null;
  return text(`${side === 'upstream' ? 'upstream_workload' : 'downstream_peer'}/${place}`);
}

function keyed(table: Readonly<Record<string, string>>, name: string, shape: ValueShape): OperatorField | null {
  const key = lookUp(table, name);
  return key === null ? null : { key, shape };
}

function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}
