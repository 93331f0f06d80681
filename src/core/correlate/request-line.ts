// One access-log line as correlate needs it: who wrote it, what it says, and what ties it to other lines of its request.
// Plain data, so that it travels and is kept in snapshots as JSON. Never holds a path, an authority or a user agent; of an authority at
// most the name of a service in the mesh (`readsAuthority`).
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { attribute } from '#core/attribute/attribute.ts';
import type { Traffic } from '#core/attribute/traffic.ts';
import { parseUpstreamCluster } from '#core/attribute/upstream-cluster.ts';
import type { Confidence, Fault } from '#core/classify/classification.ts';
import { classify } from '#core/classify/classify.ts';
import { eventAtMs } from '#core/clock/event-time.ts';

/** A line of a request. Texts come from outside; each is bounded by `maxTextLength`. */
export interface RequestLine {
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly startAtMs: number;
  readonly durationMs: number;
  readonly traffic: Traffic;
  /** Name of the writing pod. */
  readonly pod: string | null;
  readonly isHttp: boolean;
  readonly flags: readonly string[];
  readonly code: number;
  readonly details: string | null;
  /** `%UPSTREAM_REQUEST_ATTEMPT_COUNT%`, `null` where the format does not carry it. */
  readonly attemptCount: number | null;
  /** What was called, `8080|v2|payments.shop.svc.cluster.local`: the source by its cluster, the destination by SNI. */
  readonly called: string | null;
  readonly upstreamHost: string | null;
  readonly upstreamLocalAddress: string | null;
  readonly downstreamLocalAddress: string | null;
  readonly downstreamRemoteAddress: string | null;
  /** The first reading: this line alone. */
  readonly fault: Fault;
  readonly confidence: Confidence;
}

/** Longest text taken from a line, in UTF-16 units: addresses, ids and Envoy's own details are shorter. */
const maxTextLength = 256;

/** The line of a record; `traffic` is that of the same record where the caller has it already. */
export function toRequestLine(record: AccessLogRecord, traffic: Traffic = attribute(record)): RequestLine {
  const { flags, fault, confidence } = classify(record, traffic);
  return {
    requestId: bounded(record.requestId),
    traceId: bounded(record.traceId),
    startAtMs: record.startAtMs,
    durationMs: record.durationMs,
    traffic,
    pod: bounded(record.pod),
    isHttp: record.protocol !== null,
    flags,
    code: record.responseCode,
    details: bounded(record.responseCodeDetails),
    attemptCount: record.attemptCount,
    called: bounded(calledOf(record, traffic)),
    upstreamHost: bounded(record.upstreamHost),
    upstreamLocalAddress: bounded(record.upstreamLocalAddress),
    downstreamLocalAddress: bounded(record.downstreamLocalAddress),
    downstreamRemoteAddress: bounded(record.downstreamRemoteAddress),
    fault,
    confidence,
  };
}

/** Whether a fault, as one line or a whole hop shows it, means that a request has failed. */
export function isFailedFault(fault: Fault): boolean {
  return fault !== 'none' && fault !== 'client_error';
}

/** Whether a line has to wait for its partners: it shows a failure, or more than one attempt. All others are healthy. */
export function needsPartners(line: RequestLine): boolean {
  return isFailedFault(line.fault) || (line.attemptCount ?? 1) > 1;
}

/** Event time of the line's end. */
export function lineEndAtMs(line: RequestLine): number {
  return eventAtMs(line);
}

/** Whether the same line has come twice. */
export function isRepeat(a: RequestLine, b: RequestLine): boolean {
  return a.traffic.reporter === b.traffic.reporter && isSameLine(a, b);
}

/** Whether two lines agree in all that their proxy wrote, whatever was found out about its side since. */
export function isSameLine(a: RequestLine, b: RequestLine): boolean {
  return a === b || (a.startAtMs === b.startAtMs && lineKey(a) === lineKey(b));
}

/** Text of all that the line's proxy wrote, for an order of lines in which nothing else differs. */
export function lineKey(line: RequestLine): string {
  return JSON.stringify([
    line.startAtMs,
    line.durationMs,
    line.code,
    line.flags,
    line.requestId,
    line.traceId,
    line.downstreamRemoteAddress,
    line.downstreamLocalAddress,
    line.upstreamLocalAddress,
    line.upstreamHost,
    line.details,
  ]);
}

/**
 * Both addresses of the connection between the two proxies, the same text on both sides: the source's upstream is the
 * destination's downstream. `null` where the line does not have both (nothing was connected).
 */
export function connectionOf(line: RequestLine): string | null {
  return line.traffic.reporter === 'source'
    ? joinAddresses(line.upstreamLocalAddress, line.upstreamHost)
    : joinAddresses(line.downstreamRemoteAddress, line.downstreamLocalAddress);
}

/**
 * The key under which all lines of a request meet, for topics and tables: the trace where the line carries one, else the
 * request, else the connection, else the line itself.
 */
export function correlationKey(line: RequestLine): string {
  if (line.traceId !== null) return `trace ${line.traceId}`;
  if (line.requestId !== null) return `request ${line.requestId}`;
  const addresses = connectionOf(line) ?? joinAddresses(line.downstreamRemoteAddress, line.downstreamLocalAddress);
  return addresses === null ? `line ${lineKey(line)}` : `connection ${addresses}`;
}

/** The host of an address, `null` where there is none, and for the loopback: every pod has that one. */
export function hostOfAddress(address: string | null): string | null {
  if (address === null) return null;
  const colon = address.lastIndexOf(':');
  const host = colon <= 0 ? address : address.slice(0, colon);
  return host === '127.0.0.1' || host === '[::1]' ? null : host;
}

function joinAddresses(from: string | null, to: string | null): string | null {
  return from === null || to === null ? null : `${from} > ${to}`;
}

// Istio's sidecars put the name of the cluster into the SNI of the connection, so that both sides know what was called.
function calledOf(record: AccessLogRecord, traffic: Traffic): string | null {
  const text = traffic.reporter === 'source' ? record.upstreamCluster : record.requestedServerName;
  const cluster = parseUpstreamCluster(text);
  if (cluster.kind !== 'outbound' || cluster.host === null) return null;
  return `${cluster.port ?? ''}|${cluster.subset ?? ''}|${cluster.host}`;
}

function bounded(text: string | null): string | null {
  return text === null || text.length <= maxTextLength ? text : text.slice(0, maxTextLength);
}
