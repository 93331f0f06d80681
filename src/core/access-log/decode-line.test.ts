import { describe, expect, it } from 'vitest';
import { decodeLine } from './decode-line.ts';
import { anyReading } from './line-reading.ts';
import type { AccessLogRecord } from './record.ts';

const minimal = { start_time: '2026-11-21T05:21:17.136Z', response_flags: '-', response_code: 200 };
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (value: unknown) => decodeLine(encode(typeof value === 'string' ? value : JSON.stringify(value)));

function recordOf(value: unknown): AccessLogRecord {
  const outcome = decode(value);
  if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

describe('values', () => {
  it.each([
    ['response_flags', '-', 'responseFlags', []],
    ['response_flags', null, 'responseFlags', []],
    ['response_flags', 'UF,URX', 'responseFlags', ['UF', 'URX']],
    ['response_flags', 'URX, UF,,-', 'responseFlags', ['URX', 'UF']],
    ['response_flags', 'NEW,UF', 'responseFlags', ['NEW', 'UF']],
    ['response_flags', 'UpstreamRequestTimeout', 'responseFlags', ['UpstreamRequestTimeout']],
    ['response_code', '503', 'responseCode', 503],
    ['response_code', '-', 'responseCode', 0],
    ['response_code', null, 'responseCode', 0],
    ['duration', '13', 'durationMs', 13],
    ['duration', 13, 'durationMs', 13],
    ['duration', null, 'durationMs', 0],
    ['upstream_service_time', '6', 'upstreamServiceTimeMs', 6],
    ['upstream_service_time', '-', 'upstreamServiceTimeMs', null],
    ['attempts', '3', 'attemptCount', 3],
    ['attempts', null, 'attemptCount', null],
    ['path', '', 'path', null],
    ['path', '-', 'path', null],
    ['path', 'a\u001b[31m\nb\ud800', 'path', 'a\ufffd[31m\ufffdb\ufffd'],
    ['path', '/日本', 'path', '/日本'],
    ['request_id', 12, 'requestId', '12'],
    ['listener_direction', 1, 'listenerDirection', 'inbound'],
    ['listener_direction', '2', 'listenerDirection', 'outbound'],
    ['listener_direction', 'OUTBOUND', 'listenerDirection', 'outbound'],
    ['listener_direction', 0, 'listenerDirection', null],
    ['pod', 'sidecar~10.0.0.7~checkout-1.shop~shop.svc.cluster.local', 'pod', 'checkout-1'],
    ['pod', 'checkout-1', 'pod', 'checkout-1'],
    ['env_pod_name', 'checkout-1', 'pod', 'checkout-1'],
  ] as const)('%s %j is %s %j', (key, value, field, expected) => {
    expect(recordOf({ ...minimal, [key]: value })[field]).toEqual(expected);
  });

  it('reads long flag names where the short ones are not on the line', () => {
    const long = { start_time: minimal.start_time, response_flags_long: 'UpstreamRequestTimeout' };
    expect(recordOf(long).responseFlags).toEqual(['UpstreamRequestTimeout']);
    expect(recordOf({ ...long, response_flags: 'UT' }).responseFlags).toEqual(['UT']);
  });

  it.each([
    [{ traceparent: '00-0123456789ABCDEF0123456789abcdef-0123456789abcdef-01' }, '0123456789abcdef0123456789abcdef'],
    [{ traceparent: 'junk', x_b3_traceid: '0123456789ABCDEF' }, '0123456789abcdef'],
    [{ traceparent: `00-${'0'.repeat(32)}-0123456789abcdef-01`, trace_id: 'any' }, 'any'],
    [{ x_b3_traceid: 'junk', trace_id: 'any' }, 'any'],
    [{ x_b3_traceid: 'junk' }, null],
  ])('takes the trace id from %j', (headers, expected) => {
    expect(recordOf({ ...minimal, ...headers }).traceId).toBe(expected);
  });

  it.each([
    [true, 'sidecar~10.0.0.7~checkout.shop~shop.svc.cluster.local', {}],
    [true, null, { 'security.istio.io/tlsMode': 'istio' }],
    [false, 'router~10.0.0.7~edge.shop~shop.svc.cluster.local', { 'security.istio.io/tlsMode': 'istio' }],
    [false, 'waypoint~10.0.0.7~w.shop~shop.svc.cluster.local', {}],
    [false, 'sidecar', {}],
    [false, null, { app: 'sidecar' }],
  ])('tells a sidecar (%j) by the node id %j or the labels %j', (isSidecar, pod, labels) => {
    const kubernetes = { container: { name: 'istio-proxy' }, labels };
    expect(recordOf({ message: JSON.stringify({ ...minimal, pod }), kubernetes }).isSidecar).toBe(isSidecar);
  });

  it('reads both ends’ identities', () => {
    const record = recordOf({
      ...minimal,
      pod: 'sidecar~10.0.0.7~checkout.v1-abc.shop~shop.svc.cluster.local',
      node_service: 'checkout',
      node_version: 'v1',
      upstream_workload: 'payments-v2;shop;payments;v2;Kubernetes',
      downstream_peer: ';-;web;v3;c;d-7;more',
    });
    expect(record.pod).toBe('checkout.v1-abc');
    expect(record.node).toEqual({
      service: 'checkout',
      namespace: 'shop',
      version: 'v1',
      deployId: null,
      workload: null,
    });
    expect(record.upstreamPeer).toEqual({
      service: 'payments',
      namespace: 'shop',
      version: 'v2',
      deployId: null,
      workload: 'payments-v2',
    });
    expect(record.downstreamPeer).toEqual({
      service: 'web',
      namespace: null,
      version: 'v3',
      deployId: 'd-7',
      workload: null,
    });
  });

  it('is not misled by names that objects have', () => {
    const line = `{"__proto__":{"path":"/p","start_time":1},"constructor":1,${JSON.stringify(minimal).slice(1)}`;
    expect(recordOf(line)).toEqual(recordOf(minimal));
  });
});

describe('dead letters', () => {
  it.each([
    ['', 'empty', 'line: nothing but white space: expected an access-log line'],
    [' \r\n', 'empty', 'line: nothing but white space: expected an access-log line'],
    ['warning envoy config', 'not_an_access_log', 'line: "warning envoy config": expected { or [time]'],
    ['[{"a":1}]', 'not_an_access_log', 'line: "[{\\"a\\":1}]": expected { or [time]'],
    ['null', 'not_an_access_log', 'line: "null": expected { or [time]'],
    ['{"a":1,"b":2}', 'not_an_access_log', 'keys: "a, b": expected response_flags or response_code'],
    ['{}', 'not_an_access_log', 'keys: "": expected response_flags or response_code'],
    ['{"message":"hi"}', 'not_an_access_log', 'in the envelope: line: "hi": expected { or [time]'],
    ['{"message":"{"}', 'malformed_json', 'in the envelope: line: "{": expected one whole JSON object'],
    ['{"a":1', 'malformed_json', 'line: "{\\"a\\":1": expected one whole JSON object'],
    ['[2026-11-21T05:21:17.136Z] "GET', 'malformed_text', /^quotes: .*: expected 14 quotes$/],
    [{ response_code: 200 }, 'missing_field', 'start_time: undefined: expected the time of the request'],
    [{ ...minimal, start_time: '-' }, 'missing_field', 'start_time: "-": expected the time of the request'],
    [
      { ...minimal, start_time: 'soon' },
      'wrong_type',
      'start_time: "soon": expected an ISO 8601 or epoch time in 2000 to 2099',
    ],
    [
      { ...minimal, response_code: 'OK' },
      'wrong_type',
      'response_code: "OK": expected a whole number of 0 to 999, "-" or null',
    ],
    [{ ...minimal, response_code: 1000 }, 'wrong_type', /^response_code: 1000: /],
    [{ ...minimal, duration: -1 }, 'wrong_type', /^duration: -1: /],
    [{ ...minimal, duration: 1.5 }, 'wrong_type', /^duration: 1.5: /],
    [{ ...minimal, duration: 9_007_199_254_740_991 }, 'wrong_type', /^duration: 9007199254740991: /],
    [`${JSON.stringify(minimal).slice(0, -1)},"duration":1e999}`, 'wrong_type', /^duration: Infinity: /],
    [{ ...minimal, path: {} }, 'wrong_type', 'path: an object: expected text, "-" or null'],
    [{ ...minimal, path: [] }, 'wrong_type', 'path: an array: expected text, "-" or null'],
    [{ ...minimal, path: true }, 'wrong_type', 'path: true: expected text, "-" or null'],
    [{ ...minimal, listener_direction: 3 }, 'wrong_type', /^listener_direction: "3": expected one of /],
    [{ ...minimal, response_flags: 'A,'.repeat(40) }, 'wrong_type', /^response_flags: .* at most 32 names/],
    [{ ...minimal, response_flags: 'A'.repeat(65) }, 'wrong_type', /^response_flags: .* at most 32 names/],
    [{ ...minimal, duration: `\u001b${'x'.repeat(99)}` }, 'wrong_type', /^duration: "\\u001bx{79}…": /],
    [
      { ...minimal, nested: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown },
      'too_deep',
      /at most 32 levels/,
    ],
    ['{"a":'.repeat(100_000), 'too_deep', /at most 32 levels/],
  ])('%j is %s', (value, reason, detail) => {
    expect(decode(value)).toEqual({
      kind: 'dead-letter',
      reason,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
  });

  it('takes no bytes for text that are not', () => {
    expect(decodeLine(Uint8Array.of(0x7b, 0xff, 0x7d))).toMatchObject({ reason: 'not_utf8_text' });
  });

  it('reads a line of exactly the greatest length', () => {
    const line = encode(JSON.stringify(minimal));
    expect(decodeLine(line, anyReading, { maxLineBytes: line.length, maxDepth: 1 }).kind).toBe('ok');
    expect(decodeLine(line, anyReading, { maxLineBytes: line.length - 1, maxDepth: 1 })).toMatchObject({
      reason: 'too_long',
    });
  });
});

describe('skips', () => {
  it.each(
    [
      'DownstreamStart DownstreamPeriodic DownstreamTunnelSuccessfullyEstablished TcpPeriodic TcpUpstreamConnected',
      'UdpTunnelUpstreamConnected UdpPeriodic UpstreamPoolReady UpstreamPeriodic UpstreamEnd',
    ].flatMap((names) => names.split(' ')),
  )('skips entries of type %s', (type) => {
    expect(decode({ ...minimal, access_log_type: type })).toEqual({ kind: 'skip', reason: 'not_final' });
  });

  it.each(['DownstreamEnd', 'TcpConnectionEnd', 'UdpSessionEnd', 'NotSet', '-', null])('reads type %j', (type) => {
    expect(decode({ ...minimal, access_log_type: type }).kind).toBe('ok');
  });

  it('skips other containers, whatever they write', () => {
    const kubernetes = { container: { name: 'app' } };
    expect(decode({ message: 'hello', kubernetes })).toEqual({ kind: 'skip', reason: 'other_container' });
  });
});

describe('envelopes', () => {
  const kubernetes = {
    container: { name: 'istio-proxy' },
    pod: { name: 'checkout-1\u001f' },
    labels: { app: 'checkout', version: 'v1' },
  };

  it('hold a line of either format, and say who wrote it where the line does not', () => {
    const text =
      '[2026-11-21T05:21:17.136Z] "- - -" 0 - - - "-" 9 5 13 - "-" "-" "-" "-" "h:1" outbound|1||h a:1 b:1 c:1 - -';
    const record = recordOf({ message: `${text}\n`, kubernetes });
    expect(record).toMatchObject({
      durationMs: 13,
      pod: 'checkout-1\ufffd',
      node: { service: 'checkout', version: 'v1' },
    });
    const line = JSON.stringify({ ...minimal, node_version: 'v2', pod: 'p' });
    expect(recordOf({ message: line, kubernetes })).toMatchObject({
      pod: 'p',
      node: { service: 'checkout', version: 'v2' },
    });
  });

  it('may hold the keys themselves', () => {
    expect(recordOf({ ...minimal, kubernetes })).toMatchObject({ responseCode: 200, node: { service: 'checkout' } });
  });

  it('are opened once', () => {
    const inner = JSON.stringify({ message: JSON.stringify(minimal) });
    expect(decode({ message: inner })).toMatchObject({ kind: 'dead-letter', reason: 'not_an_access_log' });
  });
});
