// The machine's own clock, behind the clock port.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '#ports/system.ts';

/** The wall clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (durationMs, signal) => {
    try {
      await wait(durationMs, undefined, { signal });
    } catch {
      // Aborted: the caller looks at the signal itself.
    }
  },
};
