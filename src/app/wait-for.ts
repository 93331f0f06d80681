// Waiting for an outside thing that is not there at start: with a clear message, for as long as it takes.

import { AdapterError } from '#ports/adapter-error.ts';
import type { Logger } from '#ports/logger.ts';
import type { Clock } from '#ports/system.ts';

/** Pause between two looks: short, because on-call waits with us. */
const pauseMs = 2000;
/** How often the log repeats what is waited for. */
const repeatMs = 30_000;

/** How to wait. */
interface WaitDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A service waits also for rights that somebody has to grant; a command that a person watches ends and says so. */
  readonly waitsForRights?: boolean;
}

/**
 * Calls `look` until it gives a value. `null` and retryable `AdapterError`s mean “not yet”, with `waitsForRights` the others too;
 * anything else is thrown. Resolves to `null` when `signal` is aborted.
 */
export async function waitFor<T>(what: string, look: () => Promise<T | null>, deps: WaitDeps): Promise<T | null> {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let hasWaited = false;
  while (!deps.signal.aborted) {
    const { value, reason } = await attempt(look, deps.waitsForRights === true);
    if (value !== null) {
      if (hasWaited) deps.logger.info(`${what}: there now`);
      return value;
    }
    const nowMs = deps.clock.nowMs();
    if (nowMs - saidAtMs >= repeatMs) {
      deps.logger.warn(`waiting for ${what}`, reason === null ? {} : { reason });
      saidAtMs = nowMs;
    }
    hasWaited = true;
    await deps.clock.sleep(pauseMs, deps.signal);
  }
  return null;
}

async function attempt<T>(
  look: () => Promise<T | null>,
  waitsForRights: boolean,
): Promise<{ value: T | null; reason: string | null }> {
  try {
    return { value: await look(), reason: null };
  } catch (error) {
    if (error instanceof AdapterError && (error.retryable || waitsForRights))
      return { value: null, reason: `${error.code}: ${error.message}` };
    throw error;
  }
}
