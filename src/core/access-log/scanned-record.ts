// The whole record of a line that the lean scanner accepted, without parsing its JSON: the numbers that the scanner has read, what its
// identity stands for, and the rest cut out of one text of the line. For the index loop (core/attribute/usual-line.ts).
import { toSafeText } from './field-value.ts';
import type { LineWalk } from './line-walk.ts';
import { escapedText } from './line-walk.ts';
import type { AccessLogRecord } from './record.ts';
import { scanFieldId } from './scan-fields.ts';
import { countOf, isEmpty } from './walked-value.ts';

/** The fields of a record that are the same for all lines of one identity. */
export type IdentifiedFields = Pick<
  AccessLogRecord,
  'listenerDirection' | 'upstreamCluster' | 'node' | 'isSidecar' | 'pod' | 'upstreamPeer' | 'downstreamPeer' | 'host'
>;

/** The fields that the scanner reads itself. */
export type ScannedFields = Pick<
  AccessLogRecord,
  'startAtMs' | 'durationMs' | 'responseCode' | 'responseFlags' | 'attemptCount' | 'traceId'
>;

const ids = {
  method: scanFieldId('method'),
  path: scanFieldId('path'),
  protocol: scanFieldId('protocol'),
  authority: scanFieldId('authority'),
  responseCodeDetails: scanFieldId('response_code_details'),
  connectionTerminationDetails: scanFieldId('connection_termination_details'),
  upstreamTransportFailureReason: scanFieldId('upstream_transport_failure_reason'),
  bytesReceived: scanFieldId('bytes_received'),
  bytesSent: scanFieldId('bytes_sent'),
  upstreamServiceTime: scanFieldId('upstream_service_time'),
  requestId: scanFieldId('request_id'),
  userAgent: scanFieldId('user_agent'),
  xForwardedFor: scanFieldId('x_forwarded_for'),
  upstreamHost: scanFieldId('upstream_host'),
  upstreamLocalAddress: scanFieldId('upstream_local_address'),
  downstreamLocalAddress: scanFieldId('downstream_local_address'),
  downstreamRemoteAddress: scanFieldId('downstream_remote_address'),
  requestedServerName: scanFieldId('requested_server_name'),
  routeName: scanFieldId('route_name'),
  grpcStatus: scanFieldId('grpc_status'),
  grpcStatusNumber: scanFieldId('grpc_status_number'),
} as const;

/** The record that decodeLine gives of the line. */
export function toScannedRecord(walk: LineWalk, identified: IdentifiedFields, scanned: ScannedFields): AccessLogRecord {
  const line = new WalkedText(walk);
  const isGrpc = !isEmpty(walk, ids.grpcStatus) || !isEmpty(walk, ids.grpcStatusNumber);
  return {
    startAtMs: scanned.startAtMs,
    durationMs: scanned.durationMs,
    method: line.text(ids.method),
    path: line.text(ids.path),
    protocol: line.text(ids.protocol),
    authority: line.text(ids.authority),
    responseCode: scanned.responseCode,
    responseFlags: scanned.responseFlags,
    responseCodeDetails: line.text(ids.responseCodeDetails),
    connectionTerminationDetails: line.text(ids.connectionTerminationDetails),
    upstreamTransportFailureReason: line.text(ids.upstreamTransportFailureReason),
    bytesReceived: countOf(walk, ids.bytesReceived),
    bytesSent: countOf(walk, ids.bytesSent),
    upstreamServiceTimeMs: isEmpty(walk, ids.upstreamServiceTime) ? null : countOf(walk, ids.upstreamServiceTime),
    requestId: line.text(ids.requestId),
    traceId: scanned.traceId,
    userAgent: line.text(ids.userAgent),
    xForwardedFor: line.text(ids.xForwardedFor),
    upstreamHost: line.text(ids.upstreamHost),
    upstreamCluster: identified.upstreamCluster,
    upstreamLocalAddress: line.text(ids.upstreamLocalAddress),
    downstreamLocalAddress: line.text(ids.downstreamLocalAddress),
    downstreamRemoteAddress: line.text(ids.downstreamRemoteAddress),
    requestedServerName: line.text(ids.requestedServerName),
    routeName: line.text(ids.routeName),
    listenerDirection: identified.listenerDirection,
    node: identified.node,
    isSidecar: identified.isSidecar,
    pod: identified.pod,
    upstreamPeer: identified.upstreamPeer,
    downstreamPeer: identified.downstreamPeer,
    attemptCount: scanned.attemptCount,
    host: identified.host,
    // The scanner takes no other status than OK.
    grpcStatus: isGrpc ? 0 : null,
  };
}

/** The text of a line, decoded once. */
class WalkedText {
  readonly #walk: LineWalk;
  readonly #line: string;
  /** It holds the one control character that stands unescaped in JSON. */
  readonly #mayBeUnsafe: boolean;

  constructor(walk: LineWalk) {
    this.#walk = walk;
    this.#line = walk.bytes.textOf(0, walk.length);
    this.#mayBeUnsafe = this.#line.includes('\u007f');
  }

  text(field: number): string | null {
    const walk = this.#walk;
    if (isEmpty(walk, field)) return null;
    const raw = this.#line.slice(walk.starts[field], walk.ends[field]);
    if (walk.held[field] === escapedText) return unescaped(raw);
    return this.#mayBeUnsafe ? toSafeText(raw) : raw;
  }
}

function unescaped(raw: string): string | null {
  const text: unknown = JSON.parse(`"${raw}"`);
  return typeof text === 'string' && text !== '-' ? toSafeText(text) : null;
}
