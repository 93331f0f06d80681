// Readings of single lines, by what decides: the proxy's own refusal, its upstream, its downstream, the code alone.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { unknownWorkload } from '#core/access-log/record.ts';
import { confidences, faultParties, faults, parties } from './classification.ts';
import { classify, isFailure } from './classify.ts';
import { responseFlags } from './response-flags.ts';

const base: AccessLogRecord = {
  startAtMs: 0,
  durationMs: 5,
  method: 'GET',
  path: '/',
  protocol: 'HTTP/1.1',
  authority: null,
  responseCode: 200,
  responseFlags: [],
  responseCodeDetails: 'via_upstream',
  connectionTerminationDetails: null,
  upstreamTransportFailureReason: null,
  bytesReceived: 0,
  bytesSent: 0,
  upstreamServiceTimeMs: null,
  requestId: null,
  traceId: null,
  userAgent: null,
  xForwardedFor: null,
  upstreamHost: null,
  upstreamCluster: null,
  upstreamLocalAddress: null,
  downstreamLocalAddress: null,
  downstreamRemoteAddress: null,
  requestedServerName: null,
  routeName: null,
  listenerDirection: null,
  node: unknownWorkload,
  isSidecar: false,
  pod: null,
  upstreamPeer: unknownWorkload,
  downstreamPeer: unknownWorkload,
  attemptCount: null,
  host: null,
  grpcStatus: null,
};

/** `flags code details`, as the columns of a log stand beside each other. */
function line(side: 'source' | 'destination' | 'unknown', columns: string, more: Partial<AccessLogRecord> = {}) {
  const [flags = '-', code = '0', details = '-'] = columns.split(' ');
  return {
    ...base,
    listenerDirection: side === 'unknown' ? null : side === 'source' ? ('outbound' as const) : ('inbound' as const),
    responseFlags: flags === '-' ? [] : flags.split(','),
    responseCode: Number(code),
    responseCodeDetails: details === '-' ? null : details,
    ...more,
  };
}

const said = (record: AccessLogRecord) => {
  const { fault, confidence } = classify(record);
  return `${fault} ${confidence}`;
};

const before = 'upstream_reset_before_response_started';
const after = 'upstream_reset_after_response_started';
const tcp = { protocol: null, method: null, path: null };

describe('the proxy’s own refusals', () => {
  it.each([
    ['destination', '- 403 rbac_access_denied_matched_policy[ns[shop]-policy[deny]-rule[0]]', 'denied certain'],
    ['destination', 'UAEX 403 ext_authz_denied', 'denied certain'],
    ['destination', 'UAEX 403 ext_authz_error', 'denied likely'],
    ['destination', '- 401 jwt_authn_access_denied{Jwt_is_missing}', 'denied certain'],
    ['destination', 'RL 429 local_rate_limited', 'rate_limited certain'],
    ['destination', 'RLSE 500 rate_limiter_error', 'limiter_down certain'],
    ['source', 'FI 503 fault_filter_abort', 'injected certain'],
    ['source', 'DI,FI 503 fault_filter_abort', 'injected certain'],
    ['source', 'DI 200 via_upstream', 'injected certain'],
    ['source', 'NC 503 cluster_not_found', 'no_cluster certain'],
    ['unknown', 'NR 404 route_not_found', 'no_route certain'],
    ['destination', 'NR 404 route_not_found', 'no_route likely'],
    ['destination', 'NR 0 filter_chain_not_found', 'tls likely'],
    ['source', 'NR 0 filter_chain_not_found', 'no_route likely'],
    ['source', 'DF 503 dns_resolution_failure{x}', 'dns certain'],
    ['source', 'UDO 503 unconditional_drop_overload', 'shed certain'],
    ['source', 'DO 503 drop_overload', 'shed certain'],
    ['destination', 'OM 503 overload', 'shed certain'],
    ['destination', '- 503 overload', 'shed certain'],
    ['source', 'UO 503 maintenance_mode', 'shed certain'],
    ['source', 'NFCF 500 -', 'no_route likely'],
    ['source', 'IH 400 request_headers_failed_strict_check{x}', 'caller_protocol certain'],
    ['unknown', 'DPE 400 http1.codec_error', 'caller_protocol certain'],
    ['destination', 'DPE 400 http2.x', 'caller_protocol likely'],
    ['destination', '- 413 request_payload_too_large', 'caller_protocol likely'],
    ['destination', '- 408 request_overall_timeout', 'caller_stalled certain'],
    ['source', '- 504 max_duration_timeout', 'timeout certain'],
    ['source', '- 503 direct_response', 'shed ambiguous'],
    ['source', '- 301 direct_response', 'none certain'],
    ['destination', 'LH 503 health_check_failed', 'app_down likely'],
  ] as const)('%s %s: %s', (side, columns, expected) => {
    expect(said(line(side, columns))).toBe(expected);
  });

  it('knows Istio’s blocked egress by its route, and over TCP by its cluster', () => {
    expect(said(line('unknown', '- 502 direct_response', { routeName: 'block_all' }))).toBe('egress_blocked certain');
    const blocked = { ...tcp, upstreamCluster: 'BlackHoleCluster' };
    expect(said(line('unknown', 'UH 0 -', blocked))).toBe('egress_blocked certain');
  });

  it('knows a denial of TCP by the termination details', () => {
    const connectionTerminationDetails = 'rbac_access_denied_matched_policy[none]';
    expect(said(line('destination', '- 0 -', { ...tcp, connectionTerminationDetails }))).toBe('denied certain');
  });
});

describe('the upstream', () => {
  it.each([
    ['source', `UF 503 ${before}{remote_connection_failure|delayed_connect_error:_111}`, 'unreachable likely'],
    ['source', 'URX,UF 503 -', 'unreachable likely'],
    ['unknown', 'UF 503 -', 'unreachable ambiguous'],
    ['destination', `UF 503 ${before}{remote_connection_failure}`, 'app_down certain'],
    ['destination', `URX,UF 503 ${before}{remote_connection_failure}`, 'app_down certain'],
    ['source', `UF 503 ${before}{remote_connection_failure|TLS_error:|268:SSL_routines:x}`, 'tls certain'],
    ['destination', `UC 503 ${before}{connection_termination}`, 'app_closed certain'],
    ['source', `UC 503 ${before}{connection_termination}`, 'app_closed likely'],
    ['source', `UR 503 ${before}{remote_reset}`, 'app_closed likely'],
    ['source', `UC 200 ${after}{connection_termination}`, 'app_truncated certain'],
    ['destination', 'UR 200 -', 'app_truncated certain'],
    ['destination', `UPE 502 ${before}{protocol_error}`, 'app_protocol certain'],
    ['source', 'UPE 502 -', 'app_protocol likely'],
    ['source', `UPE 200 ${after}{protocol_error}`, 'app_truncated certain'],
    ['source', 'UT 504 response_timeout', 'timeout certain'],
    ['source', 'UT,DC 0 response_timeout', 'timeout likely'],
    ['source', 'DI,UT 504 response_timeout', 'timeout likely'],
    ['source', 'UMSDR 504 upstream_max_stream_duration_reached', 'timeout certain'],
    ['source', 'SI 504 stream_idle_timeout', 'timeout certain'],
    ['source', 'SI 408 stream_idle_timeout', 'caller_stalled certain'],
    ['source', 'SI 200 stream_idle_timeout', 'timeout likely'],
    ['source', `UO 503 ${before}{overflow}`, 'circuit_open certain'],
    ['source', 'UO 503 via_upstream', 'app_error ambiguous'],
    ['source', `UF,UO 503 ${before}{remote_connection_failure}`, 'unreachable likely'],
    ['source', 'UH 503 no_healthy_upstream', 'no_endpoint certain'],
    ['source', `LR 503 ${before}{local_reset}`, 'app_closed ambiguous'],
    ['source', 'URX 503 via_upstream', 'app_error ambiguous'],
    ['destination', 'URX 503 via_upstream', 'app_error likely'],
  ] as const)('%s %s: %s', (side, columns, expected) => {
    expect(said(line(side, columns))).toBe(expected);
  });

  it('takes a TLS error of the transport for what it is, old and new spelling', () => {
    for (const reason of ['TLS error: 268435581:SSL routines:OPENSSL_internal:x', 'TLS_error:|268:SSL_routines:x']) {
      const more = { upstreamTransportFailureReason: reason };
      expect(said(line('source', 'UF 503 -', more))).toBe('tls certain');
      expect(said(line('source', 'UC 503 -', more))).toBe('tls certain');
      expect(said(line('source', 'UF,URX 0 -', { ...more, ...tcp }))).toBe('tls certain');
    }
  });

  it('knows TCP by the flags', () => {
    expect(said(line('source', 'UF,URX 0 -', tcp))).toBe('unreachable likely');
    expect(said(line('source', 'URX 0 -', tcp))).toBe('unreachable likely');
    expect(said(line('source', 'DT 0 -', tcp))).toBe('max_duration certain');
  });
});

describe('the downstream', () => {
  it.each([
    ['destination', 'DC 0 downstream_remote_disconnect', 'timeout ambiguous'],
    ['destination', 'DR 0 http2.remote_reset', 'timeout ambiguous'],
    ['destination', 'DC 200 downstream_remote_disconnect', 'caller_left ambiguous'],
    ['source', 'DC 0 downstream_remote_disconnect', 'caller_left likely'],
    ['source', 'DR 200 http2.remote_reset', 'caller_left likely'],
    ['source', 'DC 0 downstream_local_disconnect', 'caller_left ambiguous'],
    ['source', 'DI,DC 0 downstream_remote_disconnect', 'injected likely'],
    ['unknown', 'DC 0 -', 'caller_left ambiguous'],
    ['source', '- 0 -', 'caller_left ambiguous'],
    ['destination', '- 0 -', 'timeout ambiguous'],
  ] as const)('%s %s: %s', (side, columns, expected) => {
    expect(said(line(side, columns))).toBe(expected);
  });
});

describe('the code', () => {
  it.each([
    ['source', '- 200 via_upstream', 'none certain'],
    ['destination', '- 200 via_upstream', 'none likely'],
    ['source', 'RFCF 200 -', 'none certain'],
    ['source', '- 503 via_upstream', 'app_error ambiguous'],
    ['source', '- 500 via_upstream', 'app_error likely'],
    ['destination', '- 503 via_upstream', 'app_error likely'],
    ['unknown', '- 500 -', 'app_error ambiguous'],
    ['source', '- 404 via_upstream', 'client_error likely'],
    ['source', '- 403 via_upstream', 'client_error ambiguous'],
    ['destination', '- 404 via_upstream', 'client_error certain'],
    ['source', 'XYZ 200 via_upstream', 'none ambiguous'],
    ['destination', 'XYZ 500 via_upstream', 'app_error ambiguous'],
    ['source', 'NC,XYZ 503 cluster_not_found', 'no_cluster likely'],
  ] as const)('%s %s: %s', (side, columns, expected) => {
    expect(said(line(side, columns))).toBe(expected);
  });

  it('takes code 0 for success over TCP only', () => {
    expect(said(line('source', '- 0 -', tcp))).toBe('none certain');
    expect(isFailure(line('source', '- 0 -', tcp))).toBe(false);
    expect(isFailure(line('source', '- 0 -'))).toBe(true);
  });
});

describe('classify', () => {
  it('keeps the flags as they stand, unknown ones too', () => {
    expect(classify(line('source', 'XYZ,UF,__proto__ 503 -')).flags).toEqual(['XYZ', 'UF', '__proto__']);
  });

  it('takes the reporter from the caller where it is given', () => {
    expect(classify(line('unknown', 'UF 503 -'), { reporter: 'destination' }).fault).toBe('app_down');
  });

  it('stays within its closed lists for any evidence', () => {
    const text = fc.option(fc.string());
    const flag = fc.oneof(fc.constantFrom(...responseFlags.map((entry) => entry.shortName)), fc.string());
    const evidence = fc.record({
      responseFlags: fc.array(flag, { maxLength: 5 }),
      responseCode: fc.constantFrom(0, 101, 200, 204, 301, 403, 408, 429, 500, 502, 503, 504, 999),
      responseCodeDetails: fc.oneof(text, fc.constantFrom('via_upstream', `${before}{x}`, `${after}{x}`, 'overload')),
      connectionTerminationDetails: text,
      upstreamTransportFailureReason: text,
      upstreamCluster: text,
      routeName: text,
      protocol: fc.constantFrom('HTTP/1.1', 'HTTP/2', null),
      listenerDirection: fc.constantFrom('inbound', 'outbound', null),
    });
    fc.assert(
      fc.property(evidence, (given) => {
        const record = { ...base, ...given };
        const { fault, party, confidence, flags } = classify(record);
        expect(faults).toContain(fault);
        expect(parties).toContain(party);
        expect(confidences).toContain(confidence);
        expect(party).toBe(faultParties[fault]);
        expect(flags).toEqual(given.responseFlags);
        expect(isFailure(record)).toBe(fault !== 'none' && fault !== 'client_error');
      }),
    );
  });

  it('takes every flag that marks a failure for one, on each side', () => {
    for (const { shortName, marksFailure } of responseFlags) {
      for (const side of ['source', 'destination', 'unknown'] as const) {
        const record = line(side, `${shortName} 503 -`);
        expect(isFailure(record), `${side} ${shortName}`).toBe(true);
        if (!marksFailure && shortName !== 'DI') {
          expect(isFailure(line(side, `${shortName} 200 -`)), `${side} ${shortName}`).toBe(false);
        }
      }
    }
  });
});
