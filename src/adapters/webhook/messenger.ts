// The messenger that posts to a webhook: each change of an incident is one request. A webhook cannot be looked into, so after a crash a
// notification may come twice; its `Idempotency-Key` is the same then.
import type { MessageContent } from '#core/notify/message.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { MessageHandle, Messenger } from '#ports/messenger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';
import { encodeNotification } from './encode-notification.ts';

/** Where notifications go. */
export interface WebhookSettings {
  /** May hold a token in its path: never logged, only its host is. */
  readonly url: string;
  readonly bearerToken: string | null;
  readonly timeoutMs: number;
}

/** What the adapter needs. `fetch`: the platform's unless given. */
export interface WebhookDeps {
  readonly meter: Meter;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** The longest that a receiver may make us wait at once, milliseconds: an alert is not for tomorrow. */
const maxRetryAfterMs = 300_000;

/** A messenger over HTTP. Makes each request once: whether to try again is for the caller, by `retryable`. */
export function createWebhookMessenger(settings: WebhookSettings, deps: WebhookDeps): Messenger {
  const { host } = new URL(settings.url);
  const send = async (content: MessageContent, signal: AbortSignal): Promise<MessageHandle> => {
    const { clock, meter } = deps;
    const startedAtMs = clock.nowMs();
    try {
      await post(content, settings, { ...deps, host, signal });
    } finally {
      meter.observe(metrics.sinkSeconds, (clock.nowMs() - startedAtMs) / 1000, { sink: 'webhook' });
    }
    return { channel: host, ts: content.step };
  };
  return {
    post: send,
    update: (_handle, content, signal) => send(content, signal),
    find: () => Promise.resolve(null),
    // A request without an incident in it would be one to the receiver.
    ping: () => Promise.resolve(),
  };
}

interface Sending extends WebhookDeps {
  readonly host: string;
  readonly signal: AbortSignal;
}

async function post(content: MessageContent, settings: WebhookSettings, sending: Sending): Promise<void> {
  const { host, signal, clock } = sending;
  const { body, idempotencyKey } = encodeNotification(content);
  const timeout = AbortSignal.timeout(settings.timeoutMs);
  let response: Response;
  try {
    response = await (sending.fetch ?? globalThis.fetch)(settings.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'flagwatch',
        'idempotency-key': toHeader(idempotencyKey),
        ...(settings.bearerToken === null ? {} : { authorization: `Bearer ${settings.bearerToken}` }),
      },
      body,
      // Alerts and tokens go where the configuration says, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    // What it says is not read; unread it would hold the connection.
    await response.body?.cancel();
  } catch (error) {
    throw toFailure(error, { host, isAborted: signal.aborted, isTimeout: timeout.aborted });
  }
  const failure = judgeStatus(response.status, host, toWaitMs(response.headers.get('retry-after'), clock.nowMs()));
  if (failure !== null) throw failure;
}

/** A header takes printable ASCII alone, and keys are made of fingerprints and times. */
function toHeader(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, 255);
}

function toFailure(
  error: unknown,
  { host, isAborted, isTimeout }: { readonly host: string; readonly isAborted: boolean; readonly isTimeout: boolean },
): AdapterError {
  if (isAborted) return new AdapterError('ABORTED', 'stopped while telling a webhook', { retryable: true });
  if (isTimeout) {
    return new AdapterError('WEBHOOK_TIMEOUT', `the webhook at ${host} did not answer in time`, { retryable: true });
  }
  // The cause is left out: it may show the address, and the address may hold a token.
  const code = error instanceof Error ? errorCode(error) : 'unknown';
  const message = `the webhook at ${host} cannot be reached (${code}): check the address and the network`;
  return new AdapterError('WEBHOOK_UNAVAILABLE', message, { retryable: true });
}

function errorCode(error: Error): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code: unknown = 'code' in at ? at.code : null;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  }
  return 'no answer';
}

/** `null` where the receiver took it. */
function judgeStatus(status: number, host: string, retryAfterMs: number | null): AdapterError | null {
  if (status >= 200 && status < 300) return null;
  const detail = `the webhook at ${host} answered with HTTP ${status}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const wait = retryAfterMs === null ? {} : { retryAfterMs };
    return new AdapterError('WEBHOOK_UNAVAILABLE', detail, { retryable: true, ...wait });
  }
  const remedy =
    status < 400
      ? 'it redirects, and redirects are not followed: configure the address that it leads to'
      : 'check the address, and what the receiver takes';
  return new AdapterError('WEBHOOK_REJECTED', `${detail}: ${remedy}`, { retryable: false });
}

/** `Retry-After` in seconds or as a date. */
export function toWaitMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const waitMs = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), maxRetryAfterMs) : null;
}
