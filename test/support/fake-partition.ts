// A partition as a loop gets it opened, whose hand-overs are remembered, and batches for it.
import type { HandOver, OpenedPartition, OutputRecord, PartitionOrigin, StreamBatch } from '#ports/record-stream.ts';

/** One hand-over. */
export interface HandedOver {
  readonly records: readonly OutputRecord[];
  readonly nextOffset: number;
}

/** An opened partition under a test's control. */
export class FakePartition {
  readonly origin: PartitionOrigin;
  /** Commits in order. */
  readonly commits: HandedOver[] = [];
  /** The next commit fails with this and leaves no trace. */
  failure: Error | null = null;
  readonly #lost = new AbortController();
  #isCommitting = false;

  constructor(origin: Partial<PartitionOrigin> = {}) {
    this.origin = { cluster: 'dc1', topic: 'istio-access-logs', partition: 3, ...origin };
  }

  /** What the loop is given: the committed offset is that of the last commit. */
  opened(): OpenedPartition {
    return {
      origin: this.origin,
      partitionCount: 8,
      handOver: this.#handOver(),
      committedOffset: this.commits.at(-1)?.nextOffset ?? null,
      state: new Map(),
      isAtEnd: () => Promise.resolve(true),
      signal: this.#lost.signal,
    };
  }

  /** Takes the partition away. */
  lose(): void {
    this.#lost.abort();
  }

  #handOver(): HandOver {
    return {
      commit: async (handed) => {
        if (this.#isCommitting) throw new Error('calls of commit must not overlap');
        this.#isCommitting = true;
        await Promise.resolve();
        this.#isCommitting = false;
        const { failure } = this;
        this.failure = null;
        if (failure !== null) throw failure;
        this.commits.push(handed);
      },
    };
  }
}

/** Records with these values at offsets from `offset` on. */
export function aBatch(offset: number, values: readonly (string | null)[]): StreamBatch {
  const records = values.map((value, i) => ({
    offset: offset + i,
    key: null,
    value: value === null ? null : Buffer.from(value),
  }));
  return { records, nextOffset: offset + values.length, behind: 0 };
}
