// One line as the readings of classify look at it: the evidence that may decide, and nothing else.
import type { AccessLogRecord } from '#core/access-log/record.ts';
import type { Reporter } from '#core/attribute/traffic.ts';
import type { Confidence, Fault } from './classification.ts';

/** All of a record that classification looks at: never paths, authorities or user agents. */
export type ClassificationInput = Pick<
  AccessLogRecord,
  | 'responseFlags'
  | 'responseCode'
  | 'responseCodeDetails'
  | 'connectionTerminationDetails'
  | 'upstreamTransportFailureReason'
  | 'upstreamCluster'
  | 'routeName'
  | 'protocol'
  | 'grpcStatus'
>;

/** The evidence of one line. Texts are empty where the line has none. */
export interface LineView {
  readonly reporter: Reporter;
  readonly flags: readonly string[];
  readonly code: number;
  readonly details: string;
  readonly terminationDetails: string;
  readonly transportFailure: string;
  readonly cluster: string;
  readonly routeName: string;
  readonly isHttp: boolean;
  /** Over HTTP/1.0 or HTTP/1.1, as far as the line tells. */
  readonly isHttp1: boolean;
  /** As in AccessLogRecord. */
  readonly grpcStatus: number | string | null;
  /** Response headers of the upstream had been passed on when it broke. */
  readonly responseStarted: boolean;
}

/** What a reading says of a line. */
export interface Reading {
  readonly fault: Fault;
  readonly confidence: Confidence;
}

/** A reading of the kind of evidence that it knows, or `null`: the next may. */
export type ReadLine = (line: LineView) => Reading | null;

/** The evidence of `record`, written by `reporter`. */
export function toLineView(record: ClassificationInput, reporter: Reporter): LineView {
  const details = record.responseCodeDetails ?? '';
  return {
    reporter,
    flags: record.responseFlags,
    code: record.responseCode,
    details,
    terminationDetails: record.connectionTerminationDetails ?? '',
    transportFailure: record.upstreamTransportFailureReason ?? '',
    cluster: record.upstreamCluster ?? '',
    routeName: record.routeName ?? '',
    isHttp: record.protocol !== null,
    isHttp1: record.protocol?.startsWith('HTTP/1') === true,
    grpcStatus: record.grpcStatus,
    responseStarted: hasResponseStarted(record.responseCode, details),
  };
}

// Where the format carries no details the code tells: what a proxy answers itself for a broken upstream is 502 to 504,
// or 408 where the request was still coming.
function hasResponseStarted(code: number, details: string): boolean {
  if (details.startsWith('upstream_reset_after_response_started')) return true;
  if (details.startsWith('upstream_reset_before_response_started')) return false;
  return code >= 100 && code < 400;
}

/** A reading that is right wherever it applies. */
export function certain(fault: Fault): Reading {
  return { fault, confidence: 'certain' };
}

/** The usual cause. */
export function likely(fault: Fault): Reading {
  return { fault, confidence: 'likely' };
}

/** One of several causes that look the same. */
export function ambiguous(fault: Fault): Reading {
  return { fault, confidence: 'ambiguous' };
}
