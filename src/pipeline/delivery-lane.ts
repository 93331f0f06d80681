// One place that notify tells, with all that it is owed, one message after the other. Each place has a lane of its own, so that a webhook
// that is away does not hold Slack back. What is owed is read from the book each time: a place that was away is told how things are.
import type { Delivered, Delivery, DeliveryOrder } from './delivery.ts';

/** Who knows what is owed, and writes down what was told. */
export interface LaneOwner {
  /** What the place is owed next; `null` for nothing. */
  next(target: string): { readonly key: string; readonly order: DeliveryOrder } | null;
  /** Resolves when it is durable that the place was told. */
  delivered(key: string, target: string, delivered: Delivered): Promise<void>;
}

/** A lane. It works in the background from `wake` until nothing is owed. */
export class DeliveryLane {
  readonly #target: string;
  readonly #delivery: Delivery;
  readonly #owner: LaneOwner;
  readonly #onChange: () => void;
  #isRunning = false;
  #isFailing = false;
  #error: { readonly value: unknown } | null = null;

  /** `onChange` is called when the lane comes to rest, fails, or works again. */
  constructor(target: string, delivery: Delivery, owner: LaneOwner, onChange: () => void) {
    this.#target = target;
    this.#delivery = delivery;
    this.#owner = owner;
    this.#onChange = onChange;
  }

  /** Whether it has nothing in hand. */
  get isAtRest(): boolean {
    return !this.#isRunning;
  }

  /** Whether its last try failed and is made again. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Throws what ended the lane's work: a bug, or the partition is not ours any more. */
  throwIfFailed(): void {
    if (this.#error !== null) throw this.#error.value;
  }

  /** Begins to tell what is owed, if it does not already. */
  wake(): void {
    if (this.#isRunning || this.#error !== null) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      for (let owed = this.#owner.next(this.#target); owed !== null; owed = this.#owner.next(this.#target)) {
        const delivered = await this.#delivery.deliver(owed.order, () => this.#setFailing(true));
        this.#setFailing(false);
        await this.#owner.delivered(owed.key, this.#target, delivered);
      }
    } catch (error) {
      this.#error = { value: error };
    } finally {
      // In one step with the last look at what is owed: a call of wake in between would be lost.
      this.#isRunning = false;
      this.#onChange();
    }
  }

  #setFailing(isFailing: boolean): void {
    if (this.#isFailing === isFailing) return;
    this.#isFailing = isFailing;
    this.#onChange();
  }
}
