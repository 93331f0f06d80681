// Rows of facts, part 1: what the callee, or the way to it, did to a request.
import type { RequestFact } from './fact-lines.ts';
import { beforeAnswer, gone, inAnswer, line, noCluster, notConnected, nowhere, refused } from './fact-lines.ts';

/** The rows. */
export const upstreamFacts: readonly RequestFact[] = [
  { what: 'the application answers 404', fault: 'client_error', source: line('-', 404), arrivals: [line('-', 404)] },
  ...[500, 501, 502, 503, 504, 599].map(
    (code): RequestFact => ({
      what: `the application answers ${code}`,
      fault: 'app_error',
      source: line('-', code),
      arrivals: [line('-', code)],
    }),
  ),
  { what: 'no route', fault: 'no_route', source: line('NR', 404, 'route_not_found', noCluster), arrivals: [] },
  { what: 'no subset', fault: 'no_cluster', source: line('NC', 503, 'cluster_not_found', noCluster), arrivals: [] },
  { what: 'no endpoint', fault: 'no_endpoint', source: line('UH', 503, 'no_healthy_upstream', nowhere), arrivals: [] },
  { what: 'refused', fault: 'unreachable', source: line('UF', 503, refused, notConnected), arrivals: [] },
  {
    what: 'refused, with retries',
    fault: 'unreachable',
    source: line('URX,UF', 503, refused, notConnected),
    arrivals: [],
  },
  {
    what: 'connect timeout',
    fault: 'unreachable',
    source: line('UF', 503, beforeAnswer('connection_timeout'), notConnected),
    arrivals: [],
  },
  {
    what: 'mTLS to plaintext',
    fault: 'tls',
    source: line(
      'UF',
      503,
      beforeAnswer('remote_connection_failure|TLS_error:|268435703:SSL_routines:WRONG_VERSION_NUMBER'),
      {
        ...notConnected,
        upstream_transport_failure_reason: 'TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER',
      },
    ),
    arrivals: [],
  },
  {
    what: 'plaintext to a strict port',
    fault: 'tls',
    source: line('UC', 503, beforeAnswer('connection_termination')),
    arrivals: [
      line('NR', 0, 'filter_chain_not_found', {
        request_id: null,
        traceparent: null,
        protocol: null,
        method: null,
        upstream_cluster: null,
        upstream_host: null,
        upstream_local_address: null,
        requested_server_name: null,
        downstream_peer: null,
      }),
    ],
  },
  {
    what: 'circuit breaker',
    fault: 'circuit_open',
    source: line('UO', 503, beforeAnswer('overflow'), nowhere),
    arrivals: [],
  },
  { what: 'application down', fault: 'app_down', source: line('-', 503), arrivals: [line('UF', 503, refused)] },
  {
    what: 'down, inbound retries',
    fault: 'app_down',
    source: line('-', 503),
    arrivals: [line('URX,UF', 503, refused)],
  },
  {
    what: 'application down, gRPC',
    fault: 'app_down',
    source: line('-', 200),
    arrivals: [line('UF', 200, refused)],
  },
  {
    what: 'closed',
    fault: 'app_closed',
    source: line('-', 503),
    arrivals: [line('UC', 503, beforeAnswer('connection_termination'))],
  },
  {
    what: 'reset',
    fault: 'app_closed',
    source: line('-', 503),
    arrivals: [line('UR', 503, beforeAnswer('remote_reset'))],
  },
  {
    what: 'closed in mid body',
    fault: 'app_truncated',
    source: line('UPE', 200, inAnswer('protocol_error')),
    arrivals: [line('UPE', 200, inAnswer('protocol_error'))],
  },
  {
    what: 'reset in mid body',
    fault: 'app_truncated',
    source: line('UR', 200, inAnswer('remote_reset')),
    arrivals: [line('UR', 200, inAnswer('remote_reset'))],
  },
  {
    what: 'garbage',
    fault: 'app_protocol',
    source: line('-', 502),
    arrivals: [line('UPE', 502, beforeAnswer('protocol_error'))],
  },
  {
    what: 'route timeout',
    fault: 'timeout',
    source: line('UT', 504, 'response_timeout'),
    arrivals: [line('DC', 0, gone)],
  },
  {
    what: 'route timeout, HTTP/2',
    fault: 'timeout',
    source: line('UT', 504, 'response_timeout'),
    arrivals: [line('DR', 0, 'http2.remote_reset')],
  },
  {
    what: 'route timeout in mid body',
    fault: 'timeout',
    source: line('UT', 200, 'response_timeout'),
    arrivals: [line('DC', 200, gone)],
  },
  {
    what: 'per-try timeouts to the end',
    fault: 'timeout',
    source: line('URX,UT', 504, 'upstream_per_try_timeout', { attempts: 3 }),
    arrivals: [line('DC', 0, gone), line('DC', 0, gone), line('DC', 0, gone)],
  },
  {
    what: 'stream idle',
    fault: 'timeout',
    source: line('SI', 504, 'stream_idle_timeout'),
    arrivals: [line('DC', 0, gone)],
  },
  {
    what: 'caller stalls',
    fault: 'caller_stalled',
    source: line('SI', 408, 'stream_idle_timeout'),
    arrivals: [line('DC', 0, gone)],
  },
  {
    what: 'max stream duration',
    fault: 'timeout',
    source: line('UMSDR', 504, 'upstream_max_stream_duration_reached'),
    arrivals: [line('DR', 0, 'http2.remote_reset')],
  },
  {
    what: '503 on every attempt',
    fault: 'app_error',
    source: line('URX', 503, 'via_upstream', { attempts: 3 }),
    arrivals: [line('-', 503), line('-', 503), line('-', 503)],
  },
  {
    what: 'a retry saved it',
    fault: 'none',
    source: line('-', 200, 'via_upstream', { attempts: 2 }),
    arrivals: [line('-', 503), line('-', 200)],
  },
  {
    what: 'the second retry saved it, from two kinds of failure',
    fault: 'none',
    source: line('-', 201, 'via_upstream', { attempts: 3 }),
    arrivals: [line('UF', 503, refused), line('UC', 503, beforeAnswer('connection_termination')), line('-', 201)],
  },
  {
    what: 'retried until there was no host left',
    fault: 'no_endpoint',
    source: line('UH', 503, 'no_healthy_upstream', { ...nowhere, attempts: 2 }),
    arrivals: [line('-', 503)],
  },
  {
    what: 'the way between the proxies breaks',
    fault: 'app_closed',
    source: line('UC', 503, beforeAnswer('connection_termination')),
    arrivals: [line('DC', 0, gone)],
  },
  {
    what: 'the way between the proxies breaks in mid body',
    fault: 'app_truncated',
    source: line('UC', 200, inAnswer('connection_termination')),
    arrivals: [line('DC', 200, gone)],
  },
  {
    what: 'delay injected at the callee until the caller’s proxy gives up',
    fault: 'injected',
    source: line('UT', 504, 'response_timeout'),
    arrivals: [line('DI,DC', 0, gone)],
  },
  {
    what: 'delay injected at the callee until the client leaves',
    fault: 'injected',
    source: line('DC', 0, gone),
    arrivals: [line('DI,DC', 0, gone)],
  },
];
