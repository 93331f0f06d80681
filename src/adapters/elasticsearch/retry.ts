// What an answer of Elasticsearch means for what was asked: pure decisions, from status codes and error names, apart from the sending.
import { AdapterError } from '#ports/adapter-error.ts';
import type { WriteResult } from '#ports/document-store.ts';

/** One item of a bulk's answer, as far as it is asked for. */
export interface BulkItem {
  readonly status: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: { readonly type?: string; readonly reason?: string };
  };
}

/** Errors with status 400 that are about the index or the cluster (no room for more shards, closed), not about the document. */
const notTheDocuments: ReadonlySet<string> = new Set([
  'validation_exception',
  'index_closed_exception',
  'invalid_index_name_exception',
]);

/**
 * What became of one document. Only what its own content causes is a rejection (400, 413). All else that is not success is the
 * cluster's state (overload, a shard that is away, a full disk, a missing right) and may pass: no document is set aside for it.
 */
export function toWriteResult({ status, error }: BulkItem): WriteResult {
  if (status >= 200 && status < 300) return { kind: 'created' };
  if (status === 409) return { kind: 'duplicate' };
  const isRejected = status === 413 || (status === 400 && !notTheDocuments.has(error?.type ?? ''));
  return { kind: isRejected ? 'rejected' : 'retry', detail: describe(status, error) };
}

function describe(status: number, error: BulkItem['error']): string {
  const type = error?.type ?? `status ${status}`;
  const cause = error?.caused_by?.reason;
  const reason = [error?.reason, cause].filter((text) => text !== undefined).join(': ');
  return reason === '' ? type : `${type}: ${reason}`;
}

/** The parts of the client's errors that decide. */
interface ClientError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: { readonly error?: { readonly type?: unknown; readonly reason?: unknown } };
}

/** The error of a request that failed as a whole. `isAborted`: it was our own signal that ended it. */
export function toAdapterError(cause: unknown, isAborted: boolean): AdapterError {
  const error = (typeof cause === 'object' && cause !== null ? cause : {}) as ClientError;
  if (isAborted)
    return new AdapterError('ABORTED', 'the request to Elasticsearch was stopped', { retryable: true, cause });
  if (error.name === 'ResponseError') return fromStatus(error, cause);
  if (error.name === 'TimeoutError') {
    return new AdapterError('ES_TIMEOUT', 'Elasticsearch did not answer in time', { retryable: true, cause });
  }
  if (error.name === 'ProductNotSupportedError' || error.name === 'ConfigurationError') {
    return new AdapterError('ES_REJECTED', String(error.message), { retryable: false, cause });
  }
  // No connection, no living node, an answer cut short or not JSON: somebody between us and the server, or its restart.
  return new AdapterError('ES_UNAVAILABLE', `Elasticsearch cannot be reached: ${String(error.message)}`, {
    retryable: true,
    cause,
  });
}

function fromStatus(error: ClientError, cause: unknown): AdapterError {
  const status = typeof error.statusCode === 'number' ? error.statusCode : 0;
  const message = `Elasticsearch answered ${status}${bodyText(error)}`;
  if (status === 429) {
    const retryAfterMs = parseRetryAfter(error.headers?.['retry-after']);
    const wait = retryAfterMs === null ? {} : { retryAfterMs };
    return new AdapterError('ES_OVERLOADED', message, { retryable: true, cause, ...wait });
  }
  if (status === 408) return new AdapterError('ES_TIMEOUT', message, { retryable: true, cause });
  if (status >= 500) return new AdapterError('ES_UNAVAILABLE', message, { retryable: true, cause });
  return new AdapterError('ES_REJECTED', message, { retryable: false, cause });
}

function bodyText({ body }: ClientError): string {
  const type = body?.error?.type;
  const reason = body?.error?.reason;
  return typeof type === 'string' ? `: ${type}: ${String(reason)}` : '';
}

/** Seconds, as Elasticsearch and proxies before it write them; a date is not waited for. */
function parseRetryAfter(value: unknown): number | null {
  const seconds = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : null;
  return seconds === null ? null : seconds * 1000;
}

/** Whether a request was refused for want of rights. */
export function isForbidden(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && (cause as ClientError).statusCode === 403;
}

/** Whether a request was refused for its size: a smaller one may be taken. */
export function isTooLarge(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && (cause as ClientError).statusCode === 413;
}
