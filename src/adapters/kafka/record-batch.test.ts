import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamRecord } from '#ports/record-stream.ts';
import { aMarker, anEmptiedBatch, aRecordBatch, type PlainRecord } from '../../../test/support/record-batches.ts';
import { decompress } from './decompress.ts';
import { decodeRecordBatch, decodeRecords, isAbortMarker, readInt64 } from './record-batch.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)));
const record: fc.Arbitrary<PlainRecord> = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 3 }),
});
const limit = 1_000_000;

function decodeAll(buffer: Buffer, fromOffset = 0): { readonly records: StreamRecord[]; readonly valueBytes: number } {
  const batch = decodeRecordBatch(buffer, 0);
  if (batch === null) throw new Error('no batch');
  const records: StreamRecord[] = [];
  const payload = decompress(batch.codec, batch.payload, limit);
  return { records, valueBytes: decodeRecords(batch, payload, { fromOffset, into: records }) };
}

describe('decodeRecordBatch and decodeRecords', () => {
  it('read what kafkajs writes, plain and gzip', async () => {
    const shapes = fc.record({
      baseOffset: fc.integer({ min: 0, max: 2 ** 40 }),
      records: fc.array(record, { minLength: 1, maxLength: 20 }),
      codec: fc.constantFrom(0, 1),
      producerId: fc.integer({ min: 0, max: 2 ** 31 }),
      transactional: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const buffer = await aRecordBatch(shape);
        const batch = decodeRecordBatch(buffer, 0);
        expect(batch).toMatchObject({
          baseOffset: shape.baseOffset,
          lastOffset: shape.baseOffset + shape.records.length - 1,
          producerId: BigInt(shape.producerId),
          isTransactional: shape.transactional,
          isControl: false,
          codec: shape.codec,
          endsAt: buffer.length,
        });
        const { records, valueBytes } = decodeAll(buffer);
        expect(records).toEqual(
          shape.records.map(({ key, value }, index) => ({ offset: shape.baseOffset + index, key, value })),
        );
        expect(valueBytes).toBe(shape.records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0));
      }),
    );
  });

  it('leaves out what lies before the wanted offset', async () => {
    const one = { key: null, value: Buffer.from('x') };
    const { records, valueBytes } = decodeAll(await aRecordBatch({ baseOffset: 10, records: [one, one, one] }), 11);
    expect(records.map(({ offset }) => offset)).toEqual([11, 12]);
    expect(valueBytes).toBe(2);
  });

  it('gives nothing for a batch that is cut off, wherever it is cut', async () => {
    const whole = await aRecordBatch({ baseOffset: 0, records: [{ key: null, value: Buffer.from('value') }] });
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeRecordBatch(whole.subarray(0, length), 0)).toBeNull();
    }
  });

  it('either decodes or says KAFKA_REJECTED, whatever byte is broken', async () => {
    const whole = await aRecordBatch({
      baseOffset: 5,
      records: [
        { key: Buffer.from('k'), value: Buffer.from('value') },
        { key: null, value: null },
      ],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const broken = Buffer.from(whole);
        broken[at] = value;
        // A broken count of records asks for long work on short bytes: it must end at the first record outside.
        try {
          decodeAll(broken);
        } catch (error) {
          if ((error as Error).message !== 'no batch') expect(error).toMatchObject({ code: 'KAFKA_REJECTED' });
        }
      }),
    );
  });

  it('passes over batches that compaction emptied', async () => {
    const buffer = await anEmptiedBatch(7, 99);
    expect(decodeRecordBatch(buffer, 0)).toMatchObject({ baseOffset: 7, lastOffset: 99, recordCount: 0 });
    expect(decodeAll(buffer).records).toEqual([]);
  });

  it('tells abort markers from commit markers', async () => {
    for (const kind of ['abort', 'commit'] as const) {
      const batch = decodeRecordBatch(await aMarker({ offset: 3, producerId: 8, kind }), 0);
      if (batch === null) throw new Error('no batch');
      expect(batch).toMatchObject({ isControl: true, isTransactional: true, producerId: 8n });
      expect(isAbortMarker(batch)).toBe(kind === 'abort');
    }
  });

  it('refuses formats from before Kafka 0.11', async () => {
    const old = await aRecordBatch({ baseOffset: 0, records: [{ key: null, value: null }] });
    old.writeInt8(1, 16);
    expect(() => decodeRecordBatch(old, 0)).toThrow(expect.objectContaining({ code: 'KAFKA_REJECTED' }));
  });
});

describe('readInt64', () => {
  it('is exact to 2^53, also below zero', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const buffer = Buffer.alloc(8);
        buffer.writeBigInt64BE(BigInt(value));
        expect(readInt64(buffer, 0)).toBe(value);
      }),
    );
  });
});
