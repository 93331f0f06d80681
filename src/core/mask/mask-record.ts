// The texts of an access-log line, masked for its document. Attribution, classification and correlation see the line itself.
import type { AccessLogRecord } from '#core/access-log/record.ts';
import type { Endpoint, Traffic } from '#core/attribute/traffic.ts';
import type { Masker } from './masker.ts';
import { maskNullable } from './masker.ts';

/** The record with every text masked that stands in a document. Identities (`node`, peers) stay: documents take them from `Traffic`. */
export function maskRecord(record: AccessLogRecord, masker: Masker): AccessLogRecord {
  const text = (value: string | null) => maskNullable(value, (known) => masker.maskText(known));
  const name = (value: string | null) => maskNullable(value, (known) => masker.maskName(known));
  return {
    ...record,
    method: name(record.method),
    protocol: name(record.protocol),
    path: maskNullable(record.path, (path) => masker.maskPath(path)),
    authority: text(record.authority),
    responseCodeDetails: text(record.responseCodeDetails),
    connectionTerminationDetails: text(record.connectionTerminationDetails),
    upstreamTransportFailureReason: text(record.upstreamTransportFailureReason),
    requestId: maskNullable(record.requestId, (id) => masker.maskId(id)),
    traceId: maskNullable(record.traceId, (id) => masker.maskTraceId(id)),
    userAgent: text(record.userAgent),
    xForwardedFor: text(record.xForwardedFor),
    upstreamHost: text(record.upstreamHost),
    upstreamCluster: name(record.upstreamCluster),
    upstreamLocalAddress: text(record.upstreamLocalAddress),
    downstreamLocalAddress: text(record.downstreamLocalAddress),
    downstreamRemoteAddress: text(record.downstreamRemoteAddress),
    requestedServerName: text(record.requestedServerName),
    routeName: text(record.routeName),
    pod: name(record.pod),
    host: name(record.host),
    grpcStatus: typeof record.grpcStatus === 'string' ? masker.maskName(record.grpcStatus) : record.grpcStatus,
  };
}

/** Both ends with their names masked. */
export function maskTraffic(traffic: Traffic, masker: Masker): Traffic {
  return { ...traffic, source: maskEnd(traffic.source, masker), destination: maskEnd(traffic.destination, masker) };
}

/** One end of a request with its names masked. */
export function maskEnd(end: Endpoint, masker: Masker): Endpoint {
  return {
    ...end,
    service: masker.maskName(end.service),
    namespace: masker.maskName(end.namespace),
    version: masker.maskName(end.version),
    deployId: maskNullable(end.deployId, (id) => masker.maskName(id)),
  };
}
