// Start and stop in good order: each resource names its stop right after it is made; stops run last-in-first-out under one deadline.
import type { Logger } from '#ports/logger.ts';

interface NamedStop {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** Collects stops. `stop` may be called twice, and before anything was started. */
export class Lifecycle {
  readonly #stops: NamedStop[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Registers what undoes a start. */
  onStop(name: string, stop: () => Promise<void>): void {
    this.#stops.push({ name, stop });
  }

  /**
   * Runs every stop, newest first; one that fails does not keep the others from running. Resolves to the names of those that
   * failed or were not done when `deadlineMs` was over; none of them is waited for any longer.
   */
  async stop(deadlineMs: number): Promise<readonly string[]> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const unfinished: string[] = [];
    for (let next = this.#stops.pop(); next !== undefined; next = this.#stops.pop()) {
      const { name, stop } = next;
      const reason = await settled(stop, deadline);
      if (reason === null) continue;
      this.#logger.error('a part did not stop in good order', { part: name, reason });
      unfinished.push(name);
    }
    return unfinished;
  }
}

/** `null` when the stop is done, else why it is not. */
async function settled(stop: () => Promise<void>, deadline: AbortSignal): Promise<string | null> {
  if (deadline.aborted) return 'deadline over before it began';
  return await new Promise((resolve) => {
    deadline.addEventListener('abort', () => resolve('deadline over'), { once: true });
    Promise.resolve()
      .then(stop)
      .then(
        () => resolve(null),
        (error: unknown) => resolve(String(error)),
      );
  });
}
