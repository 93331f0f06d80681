// Lets only so many at a time do something that costs connections. Stands here because adapters may not take it from each other.

/** A door for a limited number. */
export interface Limiter {
  /** Resolves when there is room, or at once when `signal` is aborted; the result gives the room back and may be called twice. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** A limiter with `places` places, first come first served. */
export function createLimiter(places: number): Limiter {
  let free = places;
  const waiting = new Set<() => void>();
  const leave = (): (() => void) => {
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      free += 1;
      const [next] = waiting;
      next?.();
    };
  };
  return {
    enter: async (signal) => {
      while (free === 0 && !signal.aborted) await place(waiting, signal);
      free -= 1;
      return leave();
    },
  };
}

function place(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
