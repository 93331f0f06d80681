// One call of Slack's Web API: at our pace, with a timeout, measured, and its failure as a decision. The client's own retries are
// off: it would repeat a post blindly, and wait without a bound.
import { type Logger as ClientLogger, LogLevel, WebClient } from '@slack/web-api';
import { AdapterError } from '#ports/adapter-error.ts';
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { PaceSettings } from './pace.ts';
import { Pace } from './pace.ts';
import type { SlackDecision } from './retry.ts';
import { decideSlack, toSlackFailure } from './retry.ts';

/** How calls are made. */
export interface SlackCallSettings {
  readonly token: string;
  readonly apiUrl: string;
  /** A call without an answer after this long is given up. */
  readonly requestTimeoutMs: number;
  /** How often one call is made at most, the first time counted, before its failure goes to the caller. */
  readonly maxAttempts: number;
  /** Wait after a failure without Retry-After; doubles with each. */
  readonly backoffMs: number;
  /** The longest Retry-After that is waited for as a whole; after it one more call asks again. */
  readonly maxRetryAfterMs: number;
  /** Posting, for the one channel. */
  readonly postPace: PaceSettings;
  /** Each of the other methods. */
  readonly callPace: PaceSettings;
}

/** What the adapter needs. `fetch`: the platform's unless given. */
export interface SlackDeps {
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** What came of a call. */
export type SlackResult<T> = { readonly kind: 'ok'; readonly value: T } | SlackDecision;

type UseClient<T> = (client: WebClient) => Promise<T>;

/** Makes calls. Every method throws `AdapterError` `ABORTED` once `signal` is aborted. */
export class SlackCaller {
  readonly #settings: SlackCallSettings;
  readonly #deps: SlackDeps;
  readonly #paces = new Map<string, Pace>();

  constructor(settings: SlackCallSettings, deps: SlackDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** Makes the call once. */
  async once<T>(method: string, signal: AbortSignal, use: UseClient<T>): Promise<SlackResult<T>> {
    const { clock, meter } = this.#deps;
    const pace = this.#paceOf(method);
    await this.#sleep(pace.reserve(clock.nowMs()), signal);
    const startedAtMs = clock.nowMs();
    try {
      return { kind: 'ok', value: await use(this.#client(signal)) };
    } catch (error) {
      throwIfAborted(signal);
      const decision = decideSlack(toSlackFailure(error));
      if (decision.kind === 'retry' && decision.afterMs !== null) {
        pace.hold(clock.nowMs() + Math.min(decision.afterMs, this.#settings.maxRetryAfterMs));
      }
      return decision;
    } finally {
      meter.observe(metrics.sinkSeconds, (clock.nowMs() - startedAtMs) / 1000, { sink: 'slack' });
    }
  }

  /** Makes a call that may be repeated, until it succeeds, is refused or was made `maxAttempts` times. */
  async repeat<T>(method: string, signal: AbortSignal, use: UseClient<T>): Promise<SlackResult<T>> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.once(method, signal, use);
      if (result.kind === 'ok' || !(await this.mayRepeat(result, { method, attempt }, signal))) return result;
    }
  }

  /** Whether to call again; if so, the failure is counted and the wait is over when this resolves. */
  async mayRepeat(
    decision: SlackDecision,
    { method, attempt }: { readonly method: string; readonly attempt: number },
    signal: AbortSignal,
  ): Promise<boolean> {
    if (decision.kind !== 'retry' && decision.kind !== 'ambiguous') return false;
    if (attempt >= this.#settings.maxAttempts) return false;
    this.countRetry(decision.code);
    this.#deps.logger.warn('call to Slack is tried again', {
      method,
      attempt,
      code: decision.code,
      why: decision.detail,
    });
    // After a Retry-After it is the pace that waits, for all callers alike.
    const isHeld = decision.kind === 'retry' && decision.afterMs !== null;
    if (!isHeld) await this.#sleep(this.#settings.backoffMs * 2 ** (attempt - 1), signal);
    return true;
  }

  /** Counts a call that is made again. */
  countRetry(code: string): void {
    this.#deps.meter.add(metrics.sinkRetries, 1, { sink: 'slack', code });
  }

  async #sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (durationMs <= 0) return;
    await this.#deps.clock.sleep(durationMs, signal);
    throwIfAborted(signal);
  }

  #paceOf(method: string): Pace {
    // The keys are the handful of methods that the adapter calls.
    const known = this.#paces.get(method);
    if (known !== undefined) return known;
    const { postPace, callPace } = this.#settings;
    const pace = new Pace(method === 'chat.postMessage' ? postPace : callPace);
    this.#paces.set(method, pace);
    return pace;
  }

  /** A client for one call, because the client itself knows no signal. */
  #client(signal: AbortSignal): WebClient {
    const { token, apiUrl, requestTimeoutMs } = this.#settings;
    const baseFetch = this.#deps.fetch ?? globalThis.fetch;
    return new WebClient(token, {
      slackApiUrl: apiUrl,
      timeout: requestTimeoutMs,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      logger: toClientLogger(this.#deps.logger),
      fetch: (url, init) =>
        baseFetch(url, { ...init, signal: AbortSignal.any([signal, ...(init?.signal ? [init.signal] : [])]) }),
    });
  }
}

/** The error for a caller of the port. */
export function toAdapterError(decision: SlackDecision): AdapterError {
  switch (decision.kind) {
    case 'retry': {
      const { code, detail, afterMs } = decision;
      return new AdapterError(code, detail, {
        retryable: true,
        ...(afterMs === null ? {} : { retryAfterMs: afterMs }),
      });
    }
    case 'ambiguous':
      return new AdapterError(decision.code, decision.detail, { retryable: true });
    case 'rejected':
      return new AdapterError(decision.code, decision.detail, { retryable: false });
    case 'repost':
    case 'content':
      return new AdapterError('SLACK_REJECTED', decision.detail, { retryable: false });
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AdapterError('ABORTED', 'stopped while talking to Slack', { retryable: true });
}

/** The client's own chatter: its failures come to us as errors, so nothing of it is more than a detail. */
function toClientLogger(logger: Logger): ClientLogger {
  const say = (...parts: readonly unknown[]): void =>
    logger.debug('Slack client', { text: parts.map(String).join(' ') });
  const ignore = (): void => undefined;
  return {
    // Requests and answers word by word: too much even for debugging.
    debug: ignore,
    info: say,
    warn: say,
    error: say,
    setLevel: ignore,
    getLevel: () => LogLevel.INFO,
    setName: ignore,
  };
}
