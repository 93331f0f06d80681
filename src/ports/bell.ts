// Wakes the one who waits for “something happened”. A race of promises would do, but keeps each batch alive until the slowest promise settles.
// Stands here because adapters may not take it from each other.

/** Rung from anywhere; waited for by one. */
export class Bell {
  #ringing = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#ringing = true;
    this.#wake?.();
  }

  /** Resolves when it was rung since the last time. */
  async rung(): Promise<void> {
    if (!this.#ringing) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = null;
    this.#ringing = false;
  }
}
