// Hand-overs of the memory broker: outputs and offset together, refused to all but the newest owner.
import { AdapterError } from '#ports/adapter-error.ts';
import type { ConsumeOptions, HandOver } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { MemoryGroup } from './memory-group.ts';
import type { MemoryBrokerState } from './memory-settings.ts';

/** In whose name a member works, and what ends that. */
export interface MemoryOwnership {
  readonly state: MemoryBrokerState;
  readonly options: ConsumeOptions;
  readonly group: MemoryGroup;
  readonly lost: AbortController;
  readonly stop: AbortSignal;
}

/** The hand-over of one opened partition: whole or not at all, because nothing else runs between its lines. */
export class MemoryHandOver implements HandOver {
  readonly #ownership: MemoryOwnership;
  readonly #of: { readonly topic: string; readonly partition: number };
  readonly #closed: AbortSignal;
  readonly #epoch: number;
  #failure: unknown;
  #busy = false;

  constructor(
    ownership: MemoryOwnership,
    of: { readonly topic: string; readonly partition: number },
    closed: AbortSignal,
  ) {
    this.#ownership = ownership;
    this.#of = of;
    this.#closed = closed;
    this.#epoch = ownership.group.fence(of.topic, of.partition);
  }

  async commit(handed: Parameters<HandOver['commit']>[0]): Promise<void> {
    if (this.#busy) throw new Error('two commits of one partition overlap');
    this.#busy = true;
    // Never within the caller's own turn: what a loop forgets to wait for shows here as it does on Kafka.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      this.#commitNow(handed);
    } catch (error) {
      this.#failure = error;
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  /** A processor may not go on after a commit that failed, even where it swallowed the failure. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #commitNow({ records, nextOffset }: Parameters<HandOver['commit']>[0]): void {
    const { state, options, group } = this.#ownership;
    const { topic, partition } = this.#of;
    if (this.#closed.aborted || group.epoch(topic, partition) !== this.#epoch) {
      throw new AdapterError('KAFKA_FENCED', `${topic}/${partition} is no longer ours`, { retryable: false });
    }
    this.throwIfFailed();
    state.topics.write(records);
    group.commit(topic, partition, nextOffset);
    state.topics.trim(topic, partition);
    state.deps.meter.add(metrics.commits, 1, { loop: options.loop });
  }
}
