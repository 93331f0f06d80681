// Rows of facts, part 2: callers that left or erred, refusals on purpose, servers without a sidecar, TCP.
import type { RequestFact } from './fact-lines.ts';
import { beforeAnswer, gone, inAnswer, line, noCluster, notConnected, nowhere } from './fact-lines.ts';

/** The rows. */
export const callerFacts: readonly RequestFact[] = [
  { what: 'client left', fault: 'caller_left', source: line('DC', 0, gone), arrivals: [line('DC', 0, gone)] },
  {
    what: 'client left, HTTP/2',
    fault: 'caller_left',
    source: line('DR', 0, 'http2.remote_reset'),
    arrivals: [line('DR', 0, 'http2.remote_reset')],
  },
  {
    what: 'client left in mid body',
    fault: 'caller_left',
    source: line('DC', 200, gone),
    arrivals: [line('DC', 200, gone)],
  },
  { what: 'client left, no other side', fault: 'caller_left', source: line('DC', 0, gone), arrivals: [] },
  { what: 'a caller without a sidecar left', fault: 'caller_left', source: null, arrivals: [line('DC', 0, gone)] },
  {
    what: 'garbage from the client',
    fault: 'caller_protocol',
    source: line('DPE', 400, 'http1.codec_error', noCluster),
    arrivals: [],
  },
  {
    what: 'x-envoy header',
    fault: 'caller_protocol',
    source: line('IH', 400, 'request_headers_failed_strict_check', nowhere),
    arrivals: [],
  },
  {
    what: 'RBAC',
    fault: 'denied',
    source: line('-', 403),
    arrivals: [
      line('-', 403, 'rbac_access_denied_matched_policy[none]', { upstream_host: null, upstream_local_address: null }),
    ],
  },
  { what: 'authorizer', fault: 'denied', source: line('-', 403), arrivals: [line('UAEX', 403, 'ext_authz_denied')] },
  {
    what: 'rate limit',
    fault: 'rate_limited',
    source: line('-', 429),
    arrivals: [line('RL', 429, 'local_rate_limited')],
  },
  {
    what: 'rate limiter down',
    fault: 'limiter_down',
    source: line('-', 500),
    arrivals: [line('RLSE', 500, 'rate_limiter_error')],
  },
  { what: 'delay injected', fault: 'injected', source: line('DI', 200), arrivals: [line('-', 200)] },
  { what: 'abort injected', fault: 'injected', source: line('FI', 503, 'fault_filter_abort', nowhere), arrivals: [] },
  {
    what: 'abort injected at the callee',
    fault: 'injected',
    source: line('-', 503),
    arrivals: [line('FI', 503, 'fault_filter_abort')],
  },
  {
    what: 'name does not resolve',
    fault: 'dns',
    source: line('DF', 503, 'dns_resolution_failure', nowhere),
    arrivals: [],
  },
  { what: 'dropped', fault: 'shed', source: line('UDO', 503, 'unconditional_drop_overload', nowhere), arrivals: [] },
  { what: 'overload manager', fault: 'shed', source: line('-', 503), arrivals: [line('OM', 503, 'overload')] },
  {
    what: 'egress blocked',
    fault: 'egress_blocked',
    source: line('-', 502, 'direct_response', { ...noCluster, route_name: 'block_all' }),
    arrivals: [],
  },
  {
    what: 'no sidecar: closed',
    fault: 'app_closed',
    source: line('UC', 503, beforeAnswer('connection_termination')),
    arrivals: [],
  },
  {
    what: 'no sidecar: reset',
    fault: 'app_closed',
    source: line('UR', 503, beforeAnswer('remote_reset')),
    arrivals: [],
  },
  { what: 'no sidecar: timeout', fault: 'timeout', source: line('UT', 504, 'response_timeout'), arrivals: [] },
  {
    what: 'no sidecar: garbage',
    fault: 'app_protocol',
    source: line('UPE', 502, beforeAnswer('protocol_error')),
    arrivals: [],
  },
  {
    what: 'no sidecar: cut off',
    fault: 'app_truncated',
    source: line('UC', 200, inAnswer('connection_termination')),
    arrivals: [],
  },
  { what: 'fine', fault: 'none', source: line('-', 204), arrivals: [line('-', 204)] },
  { what: 'TCP, fine', fault: 'none', isTcp: true, source: line('-', 0, null), arrivals: [line('-', 0, null)] },
  {
    what: 'TCP refused',
    fault: 'unreachable',
    isTcp: true,
    source: line('UF,URX', 0, null, notConnected),
    arrivals: [],
  },
  {
    what: 'TCP, application down',
    fault: 'app_down',
    isTcp: true,
    source: line('-', 0, null),
    arrivals: [line('UF,URX', 0, null)],
  },
  {
    what: 'TCP denied',
    fault: 'denied',
    isTcp: true,
    source: line('-', 0, null),
    arrivals: [
      line('-', 0, null, {
        connection_termination_details: 'rbac_access_denied_matched_policy[none]',
        upstream_host: null,
        upstream_local_address: null,
      }),
    ],
  },
  {
    what: 'TCP, fine, the callee’s proxy noted that the caller closed',
    fault: 'none',
    isTcp: true,
    source: line('-', 0, null),
    arrivals: [line('DC', 0, null)],
  },
  {
    what: 'TCP, plaintext to a strict port',
    fault: 'tls',
    isTcp: true,
    source: line('UF', 0, null),
    arrivals: [line('NR', 0, 'filter_chain_not_found', { ...noCluster, requested_server_name: null })],
  },
];
