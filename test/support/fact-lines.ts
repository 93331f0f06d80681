// The words in which rows of facts are written: what the lines of a request that failed have of their own.
import type { Fault } from '#core/classify/classification.ts';
import type { RawLine } from './exchanges.ts';

/** One row: what happened, and what both sides' lines have that differs from a request that went well. */
export interface RequestFact {
  readonly what: string;
  readonly fault: Fault;
  readonly source: RawLine | null;
  readonly arrivals: readonly RawLine[];
  readonly isTcp?: boolean;
}

/** Details of a failure before any answer. */
export const beforeAnswer = (reason: string): string => `upstream_reset_before_response_started{${reason}}`;
/** Details of a failure in the middle of an answer. */
export const inAnswer = (reason: string): string => `upstream_reset_after_response_started{${reason}}`;
/** What a line has that differs from one of a request that went well. */
export const line = (
  flags: string,
  code: number,
  details: string | null = 'via_upstream',
  more: RawLine = {},
): RawLine => ({
  response_flags: flags,
  response_code: code,
  response_code_details: details,
  ...more,
});
/** Nothing was chosen, so nothing was connected. */
export const nowhere: RawLine = { upstream_host: null, upstream_local_address: null, upstream_workload: null };
/** No cluster was found. */
export const noCluster: RawLine = { ...nowhere, upstream_cluster: null };
/** A host was chosen, but there is no connection. */
export const notConnected: RawLine = { upstream_local_address: null };
/** Details of a refused connection. */
export const refused = beforeAnswer('remote_connection_failure|delayed_connect_error:_Connection_refused');
/** Details of a downstream that went away. */
export const gone = 'downstream_remote_disconnect';
