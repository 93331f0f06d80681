import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aMarker, anEmptiedBatch, aRecordBatch } from '../../../test/support/record-batches.ts';
import { type AbortedTransaction, FetchedRecords } from './fetched-records.ts';

const limits = { batchMaxBytes: 1_000_000, decompressedMaxBytes: 1_000_000 };
const noAborted: readonly AbortedTransaction[] = [];

function aValue(text: string): { readonly key: null; readonly value: Buffer } {
  return { key: null, value: Buffer.from(text) };
}

function drain(fetched: FetchedRecords): { readonly values: string[]; readonly chunks: number } {
  const values: string[] = [];
  let chunks = 0;
  for (let chunk = fetched.next(); chunk !== null; chunk = fetched.next()) {
    chunks += 1;
    values.push(...chunk.records.map(({ value }) => String(value)));
  }
  return { values, chunks };
}

describe('FetchedRecords', () => {
  it('goes on behind control batches and behind records that compaction took away', async () => {
    const bytes = Buffer.concat([
      await aRecordBatch({ baseOffset: 10, records: [aValue('a')], producerId: 1, transactional: true }),
      await aMarker({ offset: 11, producerId: 1, kind: 'commit' }),
      await anEmptiedBatch(12, 40),
    ]);
    const fetched = new FetchedRecords({ bytes, aborted: noAborted }, 10, limits);
    expect(fetched.next()).toMatchObject({ nextOffset: 41, valueBytes: 1, records: [{ offset: 10 }] });
    expect(fetched.next()).toBeNull();
    expect(fetched.nextOffset).toBe(41);
  });

  it('fails where nothing whole came, because the same fetch would bring the same', async () => {
    const bytes = (await aRecordBatch({ baseOffset: 10, records: [aValue('a')] })).subarray(0, -1);
    const fetched = new FetchedRecords({ bytes, aborted: noAborted }, 10, limits);
    expect(() => fetched.next()).toThrow(expect.objectContaining({ code: 'KAFKA_REJECTED', retryable: true }));
  });

  it('cuts at batches, and gives the control batches behind a chunk to that chunk', async () => {
    const bytes = Buffer.concat([
      await aRecordBatch({ baseOffset: 0, records: [aValue('aaaa')], producerId: 1, transactional: true }),
      await aMarker({ offset: 1, producerId: 1, kind: 'commit' }),
      await aRecordBatch({ baseOffset: 2, records: [aValue('b')] }),
      await aRecordBatch({ baseOffset: 3, records: [aValue('c')] }),
    ]);
    const fetched = new FetchedRecords({ bytes, aborted: noAborted }, 0, { ...limits, batchMaxBytes: 2 });
    expect(fetched.next()).toMatchObject({ nextOffset: 2, valueBytes: 4 });
    expect(fetched.next()).toMatchObject({ nextOffset: 4, valueBytes: 2, records: [{ offset: 2 }, { offset: 3 }] });
    expect(fetched.next()).toBeNull();
  });

  it('leaves out aborted transactions that were open side by side and ended in the other order', async () => {
    // The broker lists aborted transactions by their ends: here 2 before 1.
    const bytes = Buffer.concat([
      await aRecordBatch({ baseOffset: 0, records: [aValue('1')], producerId: 1, transactional: true }),
      await aRecordBatch({ baseOffset: 1, records: [aValue('2')], producerId: 2, transactional: true }),
      await aMarker({ offset: 2, producerId: 2, kind: 'abort' }),
      await aMarker({ offset: 3, producerId: 1, kind: 'abort' }),
      await aRecordBatch({ baseOffset: 4, records: [aValue('good')], producerId: 1, transactional: true }),
      await aMarker({ offset: 5, producerId: 1, kind: 'commit' }),
    ]);
    const aborted = [
      { producerId: 2n, firstOffset: 1 },
      { producerId: 1n, firstOffset: 0 },
    ];
    expect(drain(new FetchedRecords({ bytes, aborted }, 0, limits)).values).toEqual(['good']);
  });

  it('leaves out aborted transactions that began before the first fetched batch', async () => {
    const bytes = Buffer.concat([
      await aRecordBatch({ baseOffset: 100, records: [aValue('2')], producerId: 2, transactional: true }),
      await aMarker({ offset: 101, producerId: 1, kind: 'abort' }),
      await aMarker({ offset: 102, producerId: 2, kind: 'abort' }),
    ]);
    const aborted = [
      { producerId: 1n, firstOffset: 50 },
      { producerId: 2n, firstOffset: 60 },
    ];
    expect(drain(new FetchedRecords({ bytes, aborted }, 100, limits)).values).toEqual([]);
  });

  it('gives exactly the committed records, in order, for any interleaving of transactions and any cut', async () => {
    const producers = 4;
    const steps = fc.array(
      fc.record({
        producer: fc.nat(producers - 1),
        act: fc.constantFrom('write', 'write', 'commit', 'abort'),
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(10), fc.nat(50), async (all, cut, from) => {
        const log = await writeLog(all, producers);
        const whole = { bytes: log.bytesFrom(0), aborted: log.abortedFrom(0) };
        const fetched = new FetchedRecords(whole, 0, { ...limits, batchMaxBytes: cut });
        expect(drain(fetched).values).toEqual(log.committed.map(String));
        expect(fetched.nextOffset).toBe(log.endOffset);
        // Read from the middle, the response begins with the batch that holds the offset.
        const tail = new FetchedRecords({ bytes: log.bytesFrom(from), aborted: log.abortedFrom(from) }, from, limits);
        expect(drain(tail).values).toEqual(log.committed.filter((offset) => offset >= from).map(String));
      }),
    );
  });
});

/** A partition as a broker would keep it: every transaction is ended, because a fetch never reaches an open one. */
async function writeLog(
  steps: readonly { readonly producer: number; readonly act: string }[],
  producers: number,
): Promise<{
  readonly bytesFrom: (offset: number) => Buffer;
  /** What a broker names: aborted transactions that end at or behind the offset. */
  readonly abortedFrom: (offset: number) => readonly AbortedTransaction[];
  readonly committed: readonly number[];
  readonly endOffset: number;
}> {
  const batches: Buffer[] = [];
  const open = new Map<number, number[]>();
  const aborted: (AbortedTransaction & { readonly lastOffset: number })[] = [];
  const committed: number[] = [];
  const end = async (producerId: number, kind: 'abort' | 'commit'): Promise<void> => {
    const offsets = open.get(producerId);
    if (offsets === undefined) return;
    open.delete(producerId);
    const lastOffset = batches.length;
    batches.push(await aMarker({ offset: lastOffset, producerId, kind }));
    if (kind === 'abort') aborted.push({ producerId: BigInt(producerId), firstOffset: offsets[0] ?? 0, lastOffset });
    else committed.push(...offsets);
  };
  for (const { producer, act } of steps) {
    if (act !== 'write') {
      await end(producer, act === 'abort' ? 'abort' : 'commit');
      continue;
    }
    const offset = batches.length;
    open.set(producer, [...(open.get(producer) ?? []), offset]);
    const records = [aValue(String(offset))];
    batches.push(await aRecordBatch({ baseOffset: offset, records, producerId: producer, transactional: true }));
  }
  for (let producer = 0; producer < producers; producer += 1) await end(producer, 'abort');
  return {
    bytesFrom: (offset) => Buffer.concat(batches.slice(offset)),
    abortedFrom: (offset) => aborted.filter(({ lastOffset }) => lastOffset >= offset),
    committed: committed.sort((a, b) => a - b),
    endOffset: batches.length,
  };
}
