// One access-log line as an ECS document: JSON text, written in one pass, because index does this for every line.
// What ECS has a field for stands there; what Envoy alone knows under `envoy`; what flagwatch made of it under `flagwatch`.
import { isIP } from 'node:net';
import { grpcStatusNames } from '#core/access-log/grpc-status.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import type { Endpoint, Traffic } from '#core/attribute/traffic.ts';
import { unknownName } from '#core/attribute/traffic.ts';
import type { Classification } from '#core/classify/classification.ts';
import { eventAtMs } from '#core/clock/event-time.ts';
import { maskRecord, maskTraffic } from '#core/mask/mask-record.ts';
import type { Masker } from '#core/mask/masker.ts';
import { maskNullable } from '#core/mask/masker.ts';
import type { IsoTimes } from './iso-times.ts';
import { listMember, numberMember, objectMember, textMember } from './json-members.ts';

/** Version of the Elastic Common Schema that the documents follow. */
export const ecsVersion = '9.0.0';

/** What a line's document is made of. */
export interface DocumentedLine {
  readonly record: AccessLogRecord;
  readonly traffic: Traffic;
  readonly classification: Classification;
  /** Name of the Kafka cluster that the line came from. */
  readonly dataCenter: string;
  /** Wall clock of the writing, ISO 8601. */
  readonly ingestedAt: string;
  /** The record as it came, for `event.original`; `null` leaves it out. */
  readonly original: string | null;
}

/** ECS: did the request get what it asked for, as far as this line tells? */
export type EventOutcome = 'success' | 'failure' | 'unknown';

/**
 * The document of one line. `@timestamp` is the start, `event.end` the event time. `service.*` is the side that wrote the line,
 * `deployment.id` and `labels.deploy_id` are the destination's deploy; both ends stand under `flagwatch`. What the line does not
 * tell is left out, but for the ends' `unknown`, which rules know as a value. Every text of the line goes through the masker.
 */
export function renderLineDocument(line: DocumentedLine, times: IsoTimes, masker: Masker): string {
  return renderMasked(maskLine(line, masker), times);
}

function maskLine(line: DocumentedLine, masker: Masker): DocumentedLine {
  const { record, traffic, original } = line;
  return {
    ...line,
    record: maskRecord(record, masker),
    traffic: maskTraffic(traffic, masker),
    original: maskNullable(original, (text) => masker.maskLine(text, record.path)),
  };
}

function renderMasked(line: DocumentedLine, times: IsoTimes): string {
  const { record, traffic } = line;
  const deployId = traffic.destination.deployId;
  return (
    `{"@timestamp":"${times.render(record.startAtMs)}","ecs":{"version":"${ecsVersion}"}` +
    eventMember(line, times) +
    (record.protocol === null ? '' : httpMember(record) + urlMember(record)) +
    addressMembers(record, traffic) +
    objectMember('user_agent', textMember('original', record.userAgent)) +
    objectMember('trace', textMember('id', record.traceId)) +
    objectMember('host', textMember('name', record.host)) +
    (record.requestedServerName === null
      ? ''
      : `,"tls":{"client":{"server_name":${JSON.stringify(record.requestedServerName)}}}`) +
    serviceMember(record, traffic) +
    (deployId === null
      ? ''
      : `${objectMember('deployment', textMember('id', deployId))}${objectMember('labels', textMember('deploy_id', deployId))}`) +
    flagwatchMember(line) +
    envoyMember(record) +
    '}'
  );
}

/**
 * `failure`: somebody has to act on it by its classification, or it is an error's code, or HTTP without any answer; flags with a
 * code of 200 count by their fault. `unknown`: nothing but a flag that nobody knows speaks against it.
 */
function eventOutcome(record: AccessLogRecord, classification: Classification): EventOutcome {
  const isUnanswered = record.responseCode === 0 && record.protocol !== null;
  if (classification.party !== 'none' || record.responseCode >= 400 || isUnanswered) return 'failure';
  return classification.confidence === 'ambiguous' ? 'unknown' : 'success';
}

function eventMember(line: DocumentedLine, times: IsoTimes): string {
  const { record } = line;
  const category = record.protocol === null ? 'network' : 'web';
  // Nanoseconds as digits: beyond 104 days they are no exact number any more.
  const durationNs = record.durationMs === 0 ? '0' : `${record.durationMs}000000`;
  return (
    `,"event":{"kind":"event","category":["${category}"],"type":["access"],"dataset":"flagwatch.lines"` +
    `,"outcome":"${eventOutcome(record, line.classification)}","duration":${durationNs}` +
    `,"end":"${times.render(eventAtMs(record))}","ingested":"${line.ingestedAt}"` +
    `${textMember('original', line.original)}}`
  );
}

// From the proxy's view: what it received is the request's body, what it sent is the response's.
function httpMember(record: AccessLogRecord): string {
  const { protocol } = record;
  const version = protocol?.startsWith('HTTP/') === true ? protocol.slice(5) : protocol;
  return (
    `,"http":{"request":{"body":{"bytes":${record.bytesReceived}}` +
    textMember('id', record.requestId) +
    textMember('method', record.method) +
    `},"response":{"status_code":${record.responseCode},"body":{"bytes":${record.bytesSent}}}` +
    `${textMember('version', version)}}`
  );
}

function urlMember(record: AccessLogRecord): string {
  const { path, authority } = record;
  const queryAt = path === null ? -1 : path.indexOf('?');
  return objectMember(
    'url',
    textMember('original', path) +
      textMember('path', path === null || queryAt === -1 ? path : path.slice(0, queryAt)) +
      (authority === null ? '' : textMember('domain', splitAddress(authority).host)),
  );
}

// The destination is the host that was called: from the source's side the chosen upstream host, else what was dialled.
function addressMembers(record: AccessLogRecord, traffic: Traffic): string {
  const destination =
    traffic.reporter === 'destination'
      ? record.downstreamLocalAddress
      : (record.upstreamHost ?? record.downstreamLocalAddress);
  const isTcp = record.protocol === null;
  return (
    addressMember('source', record.downstreamRemoteAddress, isTcp ? record.bytesReceived : null) +
    addressMember('destination', destination, isTcp ? record.bytesSent : null)
  );
}

function addressMember(name: string, address: string | null, bytes: number | null): string {
  if (address === null) return objectMember(name, numberMember('bytes', bytes));
  const { host, port } = splitAddress(address);
  const ip = isIP(host) === 0 ? null : host;
  return objectMember(
    name,
    textMember('address', host) + textMember('ip', ip) + numberMember('port', port) + numberMember('bytes', bytes),
  );
}

/** `10.0.0.7:8080`, `[fd00::7]:8080`, `payments.shop:8080`, or what has no port and stays as it is. */
function splitAddress(address: string): { readonly host: string; readonly port: number | null } {
  const colonAt = address.lastIndexOf(':');
  const port = colonAt === -1 ? Number.NaN : portOf(address, colonAt + 1);
  const host = Number.isNaN(port) ? address : address.slice(0, colonAt);
  // Several colons without brackets are a bare IPv6 address, whose last group is no port.
  if (!Number.isNaN(port) && host.includes(':') && !host.startsWith('[')) return { host: address, port: null };
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return { host: bare, port: Number.isNaN(port) ? null : port };
}

function portOf(address: string, from: number): number {
  if (from === address.length || address.length - from > 5) return Number.NaN;
  let port = 0;
  for (let i = from; i < address.length; i += 1) {
    const digit = address.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    port = port * 10 + digit;
  }
  return port > 65_535 ? Number.NaN : port;
}

function serviceMember(record: AccessLogRecord, traffic: Traffic): string {
  // Without a reporter attribution takes the writer for the source, unless the destination is known by its own identity.
  const isDestination =
    traffic.reporter === 'destination' ||
    (traffic.reporter === 'unknown' && traffic.destination.versionFrom === 'node');
  const writer = isDestination ? traffic.destination : traffic.source;
  return objectMember(
    'service',
    textMember('name', knownOrNull(writer.service)) +
      textMember('version', knownOrNull(writer.version)) +
      objectMember('node', textMember('name', record.pod)),
  );
}

function knownOrNull(name: string): string | null {
  return name === unknownName ? null : name;
}

function flagwatchMember({ traffic, classification, dataCenter }: DocumentedLine): string {
  return (
    `,"flagwatch":{"reporter":"${traffic.reporter}"${textMember('data_center', dataCenter)}` +
    listMember('flags', classification.flags) +
    `,"fault":"${classification.fault}","party":"${classification.party}","confidence":"${classification.confidence}"` +
    `${endMember('source', traffic.source)}${endMember('destination', traffic.destination)}}`
  );
}

function endMember(name: string, end: Endpoint): string {
  return (
    `,"${name}":{"service":${JSON.stringify(end.service)},"namespace":${JSON.stringify(end.namespace)}` +
    `,"version":${JSON.stringify(end.version)},"version_from":"${end.versionFrom}"${textMember('deploy_id', end.deployId)}` +
    `${textMember('service_from', end.serviceFrom ?? null)}}`
  );
}

function envoyMember(record: AccessLogRecord): string {
  return objectMember(
    'envoy',
    textMember('response_code_details', record.responseCodeDetails) +
      textMember('connection_termination_details', record.connectionTerminationDetails) +
      textMember('upstream_transport_failure_reason', record.upstreamTransportFailureReason) +
      numberMember('upstream_service_time_ms', record.upstreamServiceTimeMs) +
      textMember('upstream_cluster', record.upstreamCluster) +
      textMember('upstream_host', record.upstreamHost) +
      textMember('upstream_local_address', record.upstreamLocalAddress) +
      textMember('downstream_local_address', record.downstreamLocalAddress) +
      textMember('downstream_remote_address', record.downstreamRemoteAddress) +
      textMember('route_name', record.routeName) +
      textMember('x_forwarded_for', record.xForwardedFor) +
      numberMember('attempt_count', record.attemptCount) +
      textMember('grpc_status', grpcStatusText(record)),
  );
}

/** By its name, as people search for it; what is none of gRPC's statuses stays as it is. */
function grpcStatusText({ grpcStatus }: AccessLogRecord): string | null {
  if (typeof grpcStatus !== 'number') return grpcStatus;
  return grpcStatusNames[grpcStatus] ?? String(grpcStatus);
}
