// Bounds the bulks that are open at a time over all partitions of a process: what waits here is not read any further.

/** A gate with a fixed number of places, given in the order of asking. */
export class BulkGate {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Whether `enter` would not wait. */
  get hasPlace(): boolean {
    return this.#free > 0;
  }

  /** Resolves with `true` when a place is taken, which `leave` gives back; with `false` when `signal` is aborted first. */
  enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#waiting.delete(goOn);
        resolve(false);
      };
      const goOn = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      this.#waiting.add(goOn);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Gives a place back; whoever waits longest has it next. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
