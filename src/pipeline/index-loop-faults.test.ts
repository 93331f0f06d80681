// The index loop while things break: a store that is away, crashes, lost partitions, bugs.
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamBatch } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { FakeDocumentStore } from '../../test/support/fake-document-store.ts';
import { unavailable } from '../../test/support/fake-document-store.ts';
import type { IndexOwner } from '../../test/support/index-harness.ts';
import { batchOf, idOf, setUpIndex } from '../../test/support/index-harness.ts';
import { RecordedPartition } from '../../test/support/loop-harness.ts';

/** A partition that can be lost. */
class LosablePartition extends RecordedPartition {
  readonly #lost = new AbortController();
  override readonly signal: AbortSignal = this.#lost.signal;

  lose(): void {
    this.#lost.abort();
  }
}

describe('when things break', () => {
  it('a crash between writing and committing gives duplicates that change nothing', async () => {
    const { store, open, meter } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const first = await open(partition);
    partition.failNext = true;
    await first.processor.process(batchOf(0, 4));
    await expect(first.settle()).rejects.toMatchObject({ code: 'KAFKA_TIMEOUT' });
    const before = structuredClone([...store.documents]);

    const second = await open(partition);
    await second.processor.process(batchOf(0, 4));
    await second.settle();
    expect([...store.documents]).toEqual(before);
    expect(partition.commits).toEqual([{ records: [], nextOffset: 4 }]);
    expect(meter.total(metrics.documents, { outcome: 'duplicate' })).toBe(4);
  });

  it('a failed hand-over frees the places of what is still under way', async () => {
    const { store, open } = setUpIndex({ maxBulksInFlight: 1 });
    const partition = new RecordedPartition({ topic: 'logs' });
    const first = await open(partition);
    await first.processor.process(batchOf(0, 4));
    for (let i = 0; i < 5; i += 1) await nextTurn();
    store.pause = new Promise(() => undefined);
    partition.failNext = true;
    await expect(first.processor.process(batchOf(4, 4))).rejects.toMatchObject({ code: 'KAFKA_TIMEOUT' });
    // Only now has the second bulk come to the store, which never answers it.
    for (let i = 0; i < 5; i += 1) await nextTurn();
    store.pause = null;
    const second = await open(partition);
    await second.processor.process(batchOf(0, 20));
    await second.settle();
    expect(partition.commits.at(-1)?.nextOffset).toBe(20);
  });

  it('a store that is away is waited for, and then every document is there', async () => {
    const { store, open, clock, meter } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor, settle } = await open(partition);
    store.failure = unavailable();
    const processing = processor.process(batchOf(0, 40));
    while (clock.sleeps.length < 10) await nextTurn();
    expect(partition.commits).toEqual([]);
    store.failure = null;
    await processing;
    await settle();
    expect(store.documents.size).toBe(40);
    expect(partition.commits.at(-1)?.nextOffset).toBe(40);
    expect(meter.total(metrics.sinkRetries, { code: 'ES_UNAVAILABLE' })).toBeGreaterThanOrEqual(10);
  });

  it('a lost partition stops waiting, commits nothing and gives its places to others', async () => {
    const { store, open } = setUpIndex();
    const lost = new LosablePartition({ topic: 'logs' });
    const first = await open(lost);
    store.failure = unavailable();
    const processing = first.processor.process(batchOf(0, 40));
    for (let i = 0; i < 10; i += 1) await nextTurn();
    lost.lose();
    await processing;
    for (let i = 0; i < 5; i += 1) await nextTurn();
    store.failure = null;
    const second = await open(new RecordedPartition({ topic: 'logs' }));
    await second.processor.process(batchOf(0, 12));
    await second.settle();
    expect(lost.commits).toEqual([]);
    expect(store.documents.size).toBe(12);
  });

  it('draining commits what is done, sends what is read, and does not wait for a store that is away', async () => {
    const { store, open } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor } = await open(partition);
    await processor.process(batchOf(0, 6));
    await processor.drain();
    expect(partition.commits.at(-1)?.nextOffset).toBe(6);

    const other = new RecordedPartition({ topic: 'logs' });
    const away = await open(other);
    store.failure = unavailable();
    await away.processor.process(batchOf(6, 6));
    await away.processor.drain();
    expect(other.commits).toEqual([]);
  });

  it('a bug in the store’s adapter ends the work on the partition and is not taken for an outage', async () => {
    const { store, open } = setUpIndex();
    const { processor, settle } = await open(new RecordedPartition({ topic: 'logs' }));
    store.answer = () => {
      throw new TypeError('a bug');
    };
    await processor.process(batchOf(0, 2));
    await expect(settle()).rejects.toThrow(TypeError);
  });

  it('whatever fails, every committed offset stands behind stored documents, and in the end all are stored once', async () => {
    const fault = fc.constantFrom('none', 'commit', 'away', 'retry');
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), async (faults, size) => {
        const { store, open } = setUpIndex();
        const partition = new RecordedPartition({ topic: 'logs' });
        let owner = await open(partition);
        for (const kind of [...faults, 'none', 'none']) {
          breakOnce(kind, store, partition);
          const isWhole = await takeBatch(owner, store, batchOf(committedOf(partition), size));
          if (!isWhole) owner = await open(partition);
          const missing = Array.from(
            { length: committedOf(partition) },
            (_, i) => `fw-lines-2026.11.21 ${idOf(i)}`,
          ).filter((key) => !store.documents.has(key));
          expect(missing).toEqual([]);
        }
        expect(committedOf(partition)).toBeGreaterThanOrEqual(size);
      }),
      { numRuns: 60 },
    );
  });
});

function committedOf(partition: RecordedPartition): number {
  return partition.commits.at(-1)?.nextOffset ?? 0;
}

function breakOnce(kind: string, store: FakeDocumentStore, partition: RecordedPartition): void {
  let retries = kind === 'retry' ? 3 : 0;
  store.answer = () => {
    retries -= 1;
    return retries >= 0 ? { kind: 'retry', detail: 'overload' } : null;
  };
  store.failure = kind === 'away' ? unavailable() : null;
  partition.failNext = kind === 'commit';
}

/** Processes a batch while the store comes back; `false` when the processor failed and has to be opened anew. */
async function takeBatch(owner: IndexOwner, store: FakeDocumentStore, batch: StreamBatch): Promise<boolean> {
  try {
    const processing = owner.processor.process(batch);
    for (let i = 0; i < 4; i += 1) await nextTurn();
    store.failure = null;
    await processing;
    await owner.settle();
    return true;
  } catch {
    return false;
  }
}
