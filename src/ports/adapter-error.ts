// The one error that adapters throw: a failed call to something outside, with what the caller needs to decide.

/** Closed list: used in logs, as a metric label and in the reference. */
export const adapterErrorCodes = [
  'KAFKA_UNAVAILABLE',
  'KAFKA_TIMEOUT',
  'KAFKA_FENCED',
  'KAFKA_REJECTED',
  'ES_UNAVAILABLE',
  'ES_TIMEOUT',
  'ES_REJECTED',
  'ES_OVERLOADED',
  'SLACK_UNAVAILABLE',
  'SLACK_TIMEOUT',
  'SLACK_RATE_LIMITED',
  'SLACK_REJECTED',
  'SLACK_AUTH',
  'WEBHOOK_UNAVAILABLE',
  'WEBHOOK_TIMEOUT',
  'WEBHOOK_REJECTED',
  'STORE_FAILED',
  'FILE_UNREADABLE',
  'HTTP_LISTEN',
  'API_UNAVAILABLE',
  'API_REJECTED',
  'ABORTED',
] as const;
export type AdapterErrorCode = (typeof adapterErrorCodes)[number];

/** `retryable` says whether the same call may succeed later. Made from status and error codes, never from message text. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly code: AdapterErrorCode;
  readonly retryable: boolean;
  /** How long the other side asked us to wait, milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    code: AdapterErrorCode,
    message: string,
    options: { retryable: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
