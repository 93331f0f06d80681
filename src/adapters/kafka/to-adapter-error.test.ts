import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import { fetchErrorOf, hasErrorType, isColdCoordinator, toAdapterError } from './to-adapter-error.ts';

const load = createRequire(import.meta.url);
// Not typed and not public: the errors as kafkajs makes them.
const errors = load('kafkajs/src/errors');
const { errorCodes, createErrorFromCode } = load('kafkajs/src/protocol/error');

function ofType(type: string): Error {
  return createErrorFromCode(errorCodes.find((entry: { type: string }) => entry.type === type).code);
}

const table: readonly (readonly [name: string, error: unknown, code: string, retryable: boolean])[] = [
  ['INVALID_PRODUCER_EPOCH', ofType('INVALID_PRODUCER_EPOCH'), 'KAFKA_FENCED', false],
  ['INVALID_TXN_STATE', ofType('INVALID_TXN_STATE'), 'KAFKA_FENCED', false],
  ['INVALID_PRODUCER_ID_MAPPING', ofType('INVALID_PRODUCER_ID_MAPPING'), 'KAFKA_FENCED', false],
  ['UNKNOWN_PRODUCER_ID', ofType('UNKNOWN_PRODUCER_ID'), 'KAFKA_FENCED', false],
  ['ILLEGAL_GENERATION', ofType('ILLEGAL_GENERATION'), 'KAFKA_FENCED', false],
  ['UNKNOWN_MEMBER_ID', ofType('UNKNOWN_MEMBER_ID'), 'KAFKA_FENCED', false],
  ['REQUEST_TIMED_OUT', ofType('REQUEST_TIMED_OUT'), 'KAFKA_TIMEOUT', true],
  ['CONCURRENT_TRANSACTIONS', ofType('CONCURRENT_TRANSACTIONS'), 'KAFKA_UNAVAILABLE', true],
  ['GROUP_LOAD_IN_PROGRESS', ofType('GROUP_LOAD_IN_PROGRESS'), 'KAFKA_UNAVAILABLE', true],
  ['NOT_COORDINATOR_FOR_GROUP', ofType('NOT_COORDINATOR_FOR_GROUP'), 'KAFKA_UNAVAILABLE', true],
  ['NOT_LEADER_FOR_PARTITION', ofType('NOT_LEADER_FOR_PARTITION'), 'KAFKA_UNAVAILABLE', true],
  ['UNKNOWN_TOPIC_OR_PARTITION', ofType('UNKNOWN_TOPIC_OR_PARTITION'), 'KAFKA_UNAVAILABLE', true],
  ['NOT_ENOUGH_REPLICAS', ofType('NOT_ENOUGH_REPLICAS'), 'KAFKA_UNAVAILABLE', true],
  ['REBALANCE_IN_PROGRESS', ofType('REBALANCE_IN_PROGRESS'), 'KAFKA_UNAVAILABLE', true],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', ofType('OUT_OF_ORDER_SEQUENCE_NUMBER'), 'KAFKA_REJECTED', true],
  ['MESSAGE_TOO_LARGE', ofType('MESSAGE_TOO_LARGE'), 'KAFKA_REJECTED', false],
  ['TOPIC_AUTHORIZATION_FAILED', ofType('TOPIC_AUTHORIZATION_FAILED'), 'KAFKA_REJECTED', false],
  ['SASL_AUTHENTICATION_FAILED', ofType('SASL_AUTHENTICATION_FAILED'), 'KAFKA_REJECTED', false],
  ['UNSUPPORTED_VERSION', ofType('UNSUPPORTED_VERSION'), 'KAFKA_REJECTED', false],
  ['a code that kafkajs does not know', createErrorFromCode(9_999), 'KAFKA_UNAVAILABLE', true],
  ['nobody listens', new errors.KafkaJSConnectionError('x', { code: 'ECONNREFUSED' }), 'KAFKA_UNAVAILABLE', true],
  ['no such host', new errors.KafkaJSConnectionError('x', { code: 'ENOTFOUND' }), 'KAFKA_UNAVAILABLE', true],
  ['no code', new errors.KafkaJSConnectionError('Connection timeout', {}), 'KAFKA_UNAVAILABLE', true],
  ['closed', new errors.KafkaJSConnectionClosedError('x', { host: 'h', port: 1 }), 'KAFKA_UNAVAILABLE', true],
  ['expired', new errors.KafkaJSConnectionError('x', { code: 'CERT_HAS_EXPIRED' }), 'KAFKA_REJECTED', false],
  ['no answer', new errors.KafkaJSRequestTimeoutError('x'), 'KAFKA_TIMEOUT', true],
  ['lock', new errors.KafkaJSLockTimeout('x'), 'KAFKA_TIMEOUT', true],
  ['credentials', new errors.KafkaJSSASLAuthenticationError('x'), 'KAFKA_REJECTED', false],
  ['codec', new errors.KafkaJSNotImplemented('x'), 'KAFKA_REJECTED', false],
  ['no broker', new errors.KafkaJSNoBrokerAvailableError(), 'KAFKA_UNAVAILABLE', true],
  ['used after its end', new errors.KafkaJSNonRetriableError('x'), 'KAFKA_UNAVAILABLE', true],
  ['of the client itself', new TypeError('x'), 'KAFKA_UNAVAILABLE', true],
  ['not even an error', 'x', 'KAFKA_UNAVAILABLE', true],
];

describe('toAdapterError', () => {
  it.each(table)('%s', (_, error, code, retryable) => {
    const translated = toAdapterError(error, 'doing');
    expect(translated).toBeInstanceOf(AdapterError);
    expect(translated).toMatchObject({ code, retryable, cause: error });
    expect(translated.message).toMatch(/^doing: /);
  });

  it.each(table)('%s, however kafkajs wraps it', (_, error, code, retryable) => {
    if (!(error instanceof Error)) return;
    const exceeded = new errors.KafkaJSNumberOfRetriesExceeded(error, { retryCount: 5, retryTime: 1 });
    const bailed = new errors.KafkaJSNonRetriableError(exceeded, { cause: exceeded });
    expect(toAdapterError(bailed, 'doing')).toMatchObject({ code, retryable });
    expect(toAdapterError(new errors.KafkaJSAggregateError('x', [error]), 'doing')).toMatchObject({ code, retryable });
  });

  it('gives an AdapterError back as it is', () => {
    const error = new AdapterError('ABORTED', 'x', { retryable: true });
    expect(toAdapterError(error, 'doing')).toBe(error);
  });

  it('has an end where causes form a ring', () => {
    const ring = new Error('ring');
    ring.cause = ring;
    expect(toAdapterError(ring, 'doing')).toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
  });
});

describe('what callers ask about errors', () => {
  it('knows types through wrapping', () => {
    const wrapped = new errors.KafkaJSNonRetriableError(ofType('CONCURRENT_TRANSACTIONS'), {
      cause: ofType('CONCURRENT_TRANSACTIONS'),
    });
    expect(hasErrorType(wrapped, 'CONCURRENT_TRANSACTIONS')).toBe(true);
    expect(hasErrorType(wrapped, 'UNKNOWN')).toBe(false);
  });

  it.each(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP'])(
    'calls %s a cold coordinator',
    (type) => {
      expect(isColdCoordinator(ofType(type))).toBe(true);
    },
  );

  it('calls nothing else cold', () => {
    expect(isColdCoordinator(ofType('INVALID_PRODUCER_EPOCH'))).toBe(false);
    expect(isColdCoordinator(undefined)).toBe(false);
  });
});

describe('fetchErrorOf', () => {
  it.each([
    [6, 'KAFKA_UNAVAILABLE', true, 'NOT_LEADER_OR_FOLLOWER'],
    [29, 'KAFKA_REJECTED', false, 'TOPIC_AUTHORIZATION_FAILED'],
    [12_345, 'KAFKA_UNAVAILABLE', true, 'error code 12345'],
  ])('%d is %s', (errorCode, code, retryable, type) => {
    const error = fetchErrorOf(errorCode, 'fetching');
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toBe(`fetching: ${type}`);
  });
});
