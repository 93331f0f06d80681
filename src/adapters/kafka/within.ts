// Deadlines and pauses of calls to Kafka: a client that never answers must not hold up anybody.
import { AdapterError } from '#ports/adapter-error.ts';
import type { Clock } from '#ports/system.ts';

/** What the call is, and how long it may take. */
export interface Deadline {
  readonly durationMs: number;
  readonly doing: string;
  readonly clock: Clock;
}

/** The call's result, or `KAFKA_TIMEOUT` after `durationMs`; what becomes of the call then is ignored. */
export async function within<T>(deadline: Deadline, call: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const late = deadline.clock.sleep(deadline.durationMs, settled.signal).then(() => null);
  try {
    const result = await Promise.race([call.then((value) => ({ value })), late]);
    if (result !== null) return result.value;
  } finally {
    settled.abort();
  }
  const message = `${deadline.doing}: no answer within ${deadline.durationMs} ms`;
  throw new AdapterError('KAFKA_TIMEOUT', message, { retryable: true });
}

/** Waits for the call at most `durationMs` and ignores how it ends: for closing what is given up anyway. */
export async function settle(call: Promise<unknown>, durationMs: number, clock: Clock): Promise<void> {
  const settled = new AbortController();
  const ended = call.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([ended, clock.sleep(durationMs, settled.signal)]);
  settled.abort();
}

/** Waiting for a signal that outlives the waiting: `forget` takes the listener away. */
export function whenAborted(signal: AbortSignal): { readonly promise: Promise<void>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (): void => resolve();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', listener, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', listener) };
}

/** Pause before attempt number `failures` + 1: doubles from `firstMs` to `maxMs`. */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.max(0, Math.min(failures - 1, 30)));
}
