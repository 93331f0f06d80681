// Access-log lines of one call from a caller's sidecar to a callee's, as both write them: what tests of correlation vary.
import fc from 'fast-check';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { RequestLine } from '#core/correlate/request-line.ts';
import { toRequestLine } from '#core/correlate/request-line.ts';

/** Keys of an access-log line, in Istio's default JSON format or the extended one. */
export type RawLine = Readonly<Record<string, unknown>>;

/** One workload: a pod with its sidecar. */
export interface Workload {
  readonly service: string;
  readonly version: string;
  readonly host: string;
}

/** What both sides of a call have in common. */
export interface Call {
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly startAtMs: number;
  readonly durationMs: number;
  readonly caller: Workload;
  readonly callee: Workload;
  /** Port of the callee's service, and the ports from which the client and the caller's sidecar connect. */
  readonly port: number;
  readonly clientPort: number;
  readonly proxyPort: number;
  readonly protocol: string | null;
  /** By how much the callee's clock is ahead. */
  readonly skewMs: number;
}

/** A checkout v1 that calls a payments v2, with changes. */
export function aCall(changes: Partial<Call> = {}): Call {
  return {
    requestId: '11111111-2222-4333-8444-555555555555',
    traceId: null,
    startAtMs: Date.UTC(2026, 10, 21, 12),
    durationMs: 100,
    caller: { service: 'checkout', version: 'v1', host: '10.1.0.11' },
    callee: { service: 'payments', version: 'v2', host: '10.1.0.22' },
    port: 8080,
    clientPort: 40001,
    proxyPort: 50001,
    protocol: 'HTTP/1.1',
    skewMs: 0,
    ...changes,
  };
}

/** The caller's line of a call, in the extended format, with changes. */
export function sourceLine(call: Call, changes: RawLine = {}): RawLine {
  const { caller, callee, port } = call;
  return {
    ...common(call),
    start_time: time(call.startAtMs),
    duration: call.durationMs,
    listener_direction: 2,
    ...identity(caller),
    upstream_cluster: `outbound|${port}||${callee.service}.shop.svc.cluster.local`,
    upstream_host: `${callee.host}:${port}`,
    upstream_local_address: `${caller.host}:${call.proxyPort}`,
    upstream_workload: `${callee.service}-${callee.version};shop;${callee.service};${callee.version};Kubernetes`,
    downstream_local_address: `10.96.0.9:${port}`,
    downstream_remote_address: `${caller.host}:${call.clientPort}`,
    response_code_details: call.protocol === null ? null : 'via_upstream',
    attempts: 1,
    ...changes,
  };
}

/** The callee's line of an attempt, in the extended format, with changes; `part` is which of `parts` in time. */
export function arrivalLine(call: Call, changes: RawLine = {}, part = 0, parts = 1): RawLine {
  const { caller, callee, port } = call;
  const sliceMs = Math.floor(call.durationMs / parts);
  return {
    ...common(call),
    start_time: time(call.startAtMs + part * sliceMs + 1 + call.skewMs),
    duration: Math.max(0, sliceMs - 2),
    listener_direction: 1,
    ...identity(callee),
    upstream_cluster: `inbound|${port}||`,
    upstream_host: `${callee.host}:${port + 10_000}`,
    upstream_local_address: `127.0.0.6:${call.proxyPort - 7}`,
    downstream_local_address: `${callee.host}:${port}`,
    downstream_remote_address: `${caller.host}:${call.proxyPort - (parts - 1 - part)}`,
    requested_server_name: `outbound_.${port}_._.${callee.service}.shop.svc.cluster.local`,
    response_code_details: call.protocol === null ? null : 'via_upstream',
    downstream_peer: `${caller.service}-${caller.version};shop;${caller.service};${caller.version};Kubernetes;d-1`,
    attempts: 1,
    ...changes,
  };
}

/** Three services that call each other in this order. */
export const checkout: Workload = { service: 'checkout', version: 'v1', host: '10.1.0.11' };
export const payments: Workload = { service: 'payments', version: 'v2', host: '10.1.0.22' };
export const ledger: Workload = { service: 'ledger', version: 'v7', host: '10.1.0.33' };

/** Keys that tell where connections begin and end. */
export const addressKeys = [
  'upstream_local_address',
  'upstream_host',
  'downstream_local_address',
  'downstream_remote_address',
];

/** A call that the callee of `outer` makes for it. */
export function innerCall(outer: Call, callee: Workload, changes: Partial<Call> = {}): Call {
  return {
    ...outer,
    startAtMs: outer.startAtMs + 10,
    durationMs: outer.durationMs - 20,
    caller: outer.callee,
    callee,
    clientPort: outer.clientPort + 1,
    proxyPort: outer.proxyPort + 1,
    ...changes,
  };
}

/** The lines of both sides of a call. */
export const bothSides = (call: Call, source: RawLine, arrival: RawLine): readonly RawLine[] => [
  sourceLine(call, source),
  arrivalLine(call, arrival),
];

/** The line as correlate takes it. */
export function decoded(raw: RawLine): RequestLine {
  const outcome = decodeLine(Buffer.from(JSON.stringify(raw)));
  if (outcome.kind !== 'ok') throw new Error(`not readable: ${JSON.stringify(outcome)}`);
  return toRequestLine(outcome.value);
}

/** Keys that say who is who: a default format has none of them but through the shipper. */
export const identityKeys = [
  'pod',
  'env_pod_name',
  'node_workload',
  'node_service',
  'node_namespace',
  'node_version',
  'node_deploy_id',
  'upstream_workload',
  'downstream_peer',
  'listener_direction',
  'attempts',
] as const;

/** The line without some of its keys. */
export function without(raw: RawLine, keys: readonly string[]): RawLine {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !keys.includes(key)));
}

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));
const name = fc
  .tuple(fc.constantFrom('a', 'web', 'cart', 'ledger', 'svc'), fc.nat({ max: 999 }))
  .map(([word, number]) => `${word}-${number}`);

/** Workloads `count` at a time, each with a host and a name of its own. */
export function workloads(count: number): fc.Arbitrary<readonly Workload[]> {
  const one = fc.record({ service: name, version: fc.constantFrom('v1', 'v2', 'canary', '7f9c') });
  return fc
    .uniqueArray(one, { minLength: count, maxLength: count, selector: ({ service }) => service })
    .chain((all) =>
      fc
        .uniqueArray(fc.integer({ min: 2, max: 250 }), { minLength: count, maxLength: count })
        .map((numbers) => all.map((workload, i) => ({ ...workload, host: `10.4.7.${numbers[i] ?? 0}` }))),
    );
}

/** Calls that differ in all that must not matter. */
export const calls: fc.Arbitrary<Call> = fc
  .record({
    requestId: fc.uuid(),
    traceId: fc.option(hex(32).filter((id) => !/^0+$/.test(id))),
    startAtMs: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
    durationMs: fc.integer({ min: 30, max: 20_000 }),
    ends: workloads(2),
    port: fc.constantFrom(80, 443, 8080, 9090, 50_051),
    clientPort: fc.integer({ min: 20_000, max: 29_999 }),
    proxyPort: fc.integer({ min: 30_100, max: 60_000 }),
    protocol: fc.constantFrom('HTTP/1.1', 'HTTP/2', 'HTTP/1.0'),
    skewMs: fc.integer({ min: -300, max: 300 }),
  })
  .map(({ ends, ...call }) => aCall({ ...call, caller: ends[0] as Workload, callee: ends[1] as Workload }));

function common(call: Call): RawLine {
  const isHttp = call.protocol !== null;
  return {
    response_code: isHttp ? 200 : 0,
    response_flags: '-',
    method: isHttp ? 'GET' : null,
    protocol: call.protocol,
    request_id: call.requestId,
    ...(call.traceId === null ? {} : { traceparent: `00-${call.traceId}-00000000000000a1-01` }),
  };
}

function identity({ service, version, host }: Workload): RawLine {
  return {
    pod: `sidecar~${host}~${service}-${version}-5d4f9c-x1.shop~shop.svc.cluster.local`,
    node_workload: `${service}-${version}`,
    node_service: service,
    node_namespace: 'shop',
    node_version: version,
    node_deploy_id: `d-${service}`,
  };
}

function time(atMs: number): string {
  return new Date(atMs).toISOString();
}
