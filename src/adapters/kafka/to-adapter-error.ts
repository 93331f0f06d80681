// Translates what kafkajs throws, and error codes of the protocol, into the one error of adapters. Decided by type, code and
// name, never by message text; the message is for people.
import { AdapterError, type AdapterErrorCode } from '#ports/adapter-error.ts';

interface Verdict {
  readonly code: AdapterErrorCode;
  readonly retryable: boolean;
}

const fenced: Verdict = { code: 'KAFKA_FENCED', retryable: false };
const unavailable: Verdict = { code: 'KAFKA_UNAVAILABLE', retryable: true };
const timeout: Verdict = { code: 'KAFKA_TIMEOUT', retryable: true };
const rejected: Verdict = { code: 'KAFKA_REJECTED', retryable: false };
/** The broker lost or refused our place in a sequence: a new producer begins a new one. */
const outOfStep: Verdict = { code: 'KAFKA_REJECTED', retryable: true };

/** By the type that kafkajs gives to a protocol error. Types that are not here: `retriable` decides. */
const byType: Readonly<Record<string, Verdict>> = {
  INVALID_PRODUCER_EPOCH: fenced,
  PRODUCER_FENCED: fenced,
  INVALID_TXN_STATE: fenced,
  INVALID_PRODUCER_ID_MAPPING: fenced,
  UNKNOWN_PRODUCER_ID: fenced,
  ILLEGAL_GENERATION: fenced,
  UNKNOWN_MEMBER_ID: fenced,
  FENCED_INSTANCE_ID: fenced,
  REQUEST_TIMED_OUT: timeout,
  OUT_OF_ORDER_SEQUENCE_NUMBER: outOfStep,
  DUPLICATE_SEQUENCE_NUMBER: outOfStep,
  TRANSACTION_COORDINATOR_FENCED: unavailable,
  REBALANCE_IN_PROGRESS: unavailable,
  BROKER_NOT_AVAILABLE: unavailable,
  STALE_CONTROLLER_EPOCH: unavailable,
  UNKNOWN: unavailable,
  KAFKAJS_UNKNOWN_ERROR_CODE: unavailable,
};

/** By the name of the class, for errors of the client itself. */
const byName: Readonly<Record<string, Verdict>> = {
  KafkaJSRequestTimeoutError: timeout,
  KafkaJSTimeout: timeout,
  KafkaJSLockTimeout: timeout,
  KafkaJSSASLAuthenticationError: rejected,
  KafkaJSNotImplemented: rejected,
  KafkaJSServerDoesNotSupportApiKey: rejected,
  KafkaJSUnsupportedMagicByteInMessageSet: rejected,
  KafkaJSGroupCoordinatorNotFound: unavailable,
  // Thrown where a producer or consumer is used after it broke: a new one works.
  KafkaJSNonRetriableError: unavailable,
  KafkaJSInvariantViolation: unavailable,
};

/** By the code of a connection error. Others (ECONNREFUSED, ENOTFOUND, ECONNRESET, …) mean that nobody answers. */
const byConnectionCode: Readonly<Record<string, Verdict>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: rejected,
  SELF_SIGNED_CERT_IN_CHAIN: rejected,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: rejected,
  UNABLE_TO_GET_ISSUER_CERT: rejected,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: rejected,
  CERT_HAS_EXPIRED: rejected,
  CERT_NOT_YET_VALID: rejected,
  CERT_REVOKED: rejected,
  ERR_TLS_CERT_ALTNAME_INVALID: rejected,
};

/** What kafkajs puts on its errors; all of it may be missing. */
interface KafkaErrorShape {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly retriable?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly message?: unknown;
}

/**
 * The error as adapters throw it. `doing` says what failed and on what. An `AdapterError` comes back as it is. Whatever else
 * a call of kafkajs throws, a TypeError of its own included, is a failed outside call.
 */
export function toAdapterError(error: unknown, doing: string): AdapterError {
  if (error instanceof AdapterError) return error;
  const root = rootOf(error);
  const verdict = verdictOf(root);
  const what = typeof root.type === 'string' ? root.type : String(root.name ?? 'error');
  return new AdapterError(verdict.code, `${doing}: ${what}: ${String(root.message ?? '')}`, {
    retryable: verdict.retryable,
    cause: error,
  });
}

/** Whether the protocol's error is of this type. */
export function hasErrorType(error: unknown, type: string): boolean {
  return rootOf(error).type === type;
}

const coldTypes: ReadonlySet<unknown> = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_COORDINATOR',
]);

/** Whether a coordinator is only starting or moving: expected, no failure, the same call succeeds in a moment. */
export function isColdCoordinator(error: unknown): boolean {
  return coldTypes.has(rootOf(error).type);
}

/** Types of the codes that a fetch can answer with: https://kafka.apache.org/protocol#protocol_error_codes */
const fetchErrors: Readonly<Record<number, readonly [type: string, verdict: Verdict]>> = {
  2: ['CORRUPT_MESSAGE', unavailable],
  3: ['UNKNOWN_TOPIC_OR_PARTITION', unavailable],
  5: ['LEADER_NOT_AVAILABLE', unavailable],
  6: ['NOT_LEADER_OR_FOLLOWER', unavailable],
  9: ['REPLICA_NOT_AVAILABLE', unavailable],
  29: ['TOPIC_AUTHORIZATION_FAILED', rejected],
  35: ['UNSUPPORTED_VERSION', rejected],
  56: ['KAFKA_STORAGE_ERROR', unavailable],
  74: ['FENCED_LEADER_EPOCH', unavailable],
  75: ['UNKNOWN_LEADER_EPOCH', unavailable],
  76: ['UNSUPPORTED_COMPRESSION_TYPE', rejected],
  78: ['OFFSET_NOT_AVAILABLE', unavailable],
};

/** The error of a fetch that was answered with `errorCode`. */
export function fetchErrorOf(errorCode: number, doing: string): AdapterError {
  const [type, verdict] = fetchErrors[errorCode] ?? [`error code ${errorCode}`, unavailable];
  return new AdapterError(verdict.code, `${doing}: ${type}`, { retryable: verdict.retryable });
}

/** kafkajs wraps what happened in “retries exceeded” and “non retriable”: the innermost error tells. */
function rootOf(error: unknown): KafkaErrorShape {
  let root = shapeOf(error);
  // Bounded: a chain of causes can be a ring.
  for (let depth = 0; depth < 10; depth += 1) {
    const inner = Array.isArray(root.errors) ? root.errors[0] : root.cause;
    if (typeof inner !== 'object' || inner === null) return root;
    root = shapeOf(inner);
  }
  return root;
}

function shapeOf(error: unknown): KafkaErrorShape {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

function verdictOf(error: KafkaErrorShape): Verdict {
  if (typeof error.type === 'string') return byType[error.type] ?? byRetriable(error);
  if (typeof error.name === 'string' && byName[error.name] !== undefined) return byName[error.name] ?? unavailable;
  if (typeof error.code === 'string') return byConnectionCode[error.code] ?? unavailable;
  return unavailable;
}

function byRetriable(error: KafkaErrorShape): Verdict {
  return error.retriable === true ? unavailable : rejected;
}
