// Decisions about answers, as tables.
import { errors } from '@elastic/elasticsearch';
import { describe, expect, it } from 'vitest';
import { isTooLarge, toAdapterError, toWriteResult } from './retry.ts';

describe('an item of a bulk', () => {
  const error = (type: string) => ({ type, reason: 'why' });
  it.each([
    [201, undefined, 'created'],
    [200, undefined, 'created'],
    [409, 'version_conflict_engine_exception', 'duplicate'],
    [429, 'es_rejected_execution_exception', 'retry'],
    [429, 'cluster_block_exception', 'retry'],
    [503, 'unavailable_shards_exception', 'retry'],
    [500, 'i_o_exception', 'retry'],
    [403, 'security_exception', 'retry'],
    [404, 'index_not_found_exception', 'retry'],
    [400, 'validation_exception', 'retry'],
    [400, 'index_closed_exception', 'retry'],
    [400, 'document_parsing_exception', 'rejected'],
    [400, 'illegal_argument_exception', 'rejected'],
    [400, 'strict_dynamic_mapping_exception', 'rejected'],
    [400, undefined, 'rejected'],
    [413, undefined, 'rejected'],
  ] as const)('with status %d and %s is %s', (status, type, kind) => {
    expect(toWriteResult(type === undefined ? { status } : { status, error: error(type) }).kind).toBe(kind);
  });

  it('is told with type, reason and cause', () => {
    const cause = { type: 'illegal_argument_exception', reason: 'For input string: "x"' };
    const result = toWriteResult({ status: 400, error: { type: 't', reason: 'failed to parse', caused_by: cause } });
    expect(result).toEqual({ kind: 'rejected', detail: 't: failed to parse: For input string: "x"' });
    expect(toWriteResult({ status: 503 })).toEqual({ kind: 'retry', detail: 'status 503' });
  });
});

/** The client's error for an answer. */
function answered(statusCode: number, headers: Record<string, string> = {}, body: unknown = {}): Error {
  const meta = { context: null, name: 'es', request: {}, connection: null, attempts: 0, aborted: false };
  return new errors.ResponseError({ statusCode, headers, body, warnings: null, meta } as never);
}

describe('a request that failed', () => {
  const cases: readonly (readonly [Error, string, boolean])[] = [
    [answered(429), 'ES_OVERLOADED', true],
    [answered(503), 'ES_UNAVAILABLE', true],
    [answered(502), 'ES_UNAVAILABLE', true],
    [answered(500), 'ES_UNAVAILABLE', true],
    [answered(408), 'ES_TIMEOUT', true],
    [answered(400), 'ES_REJECTED', false],
    [answered(401), 'ES_REJECTED', false],
    [answered(403), 'ES_REJECTED', false],
    [answered(413), 'ES_REJECTED', false],
    [new errors.TimeoutError('Request timed out'), 'ES_TIMEOUT', true],
    [new errors.ConnectionError('connect ECONNREFUSED'), 'ES_UNAVAILABLE', true],
    [new errors.DeserializationError('bad', '<html>'), 'ES_UNAVAILABLE', true],
    [new errors.RequestAbortedError('the answer is too large'), 'ES_UNAVAILABLE', true],
    [new errors.ProductNotSupportedError('Elasticsearch'), 'ES_REJECTED', false],
    [new errors.ConfigurationError('no node'), 'ES_REJECTED', false],
  ];
  it.each(cases)('%s is %s', (cause, code, retryable) => {
    expect(toAdapterError(cause, false)).toMatchObject({ code, retryable, cause });
  });

  it('is our own doing where our signal ended it', () => {
    expect(toAdapterError(new errors.RequestAbortedError('aborted'), true)).toMatchObject({ code: 'ABORTED' });
  });

  it('tells how long to wait, in seconds only', () => {
    expect(toAdapterError(answered(429, { 'retry-after': '7' }), false).retryAfterMs).toBe(7000);
    expect(
      toAdapterError(answered(429, { 'retry-after': 'Sat, 21 Nov 2026 05:21:17 GMT' }), false).retryAfterMs,
    ).toBeNull();
  });

  it('tells the server’s reason', () => {
    const body = { error: { type: 'security_exception', reason: 'unable to authenticate' } };
    expect(toAdapterError(answered(401, {}, body), false).message).toBe(
      'Elasticsearch answered 401: security_exception: unable to authenticate',
    );
  });

  it('may pass in halves where it was too large', () => {
    expect([isTooLarge(answered(413)), isTooLarge(answered(400)), isTooLarge(null)]).toEqual([true, false, false]);
  });
});
