import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputRecord } from '#ports/record-stream.ts';
import { toOutputChunks } from './output-chunks.ts';

const outputRecord: fc.Arbitrary<OutputRecord> = fc
  .record({
    topic: fc.constantFrom('a', 'b'),
    key: fc.option(fc.string({ unit: 'grapheme', maxLength: 10 })),
    value: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.constant(null),
    ),
    partition: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ partition, ...record }) => (partition === undefined ? record : { ...record, partition }));

describe('toOutputChunks', () => {
  it('keeps every record, in the order of its topic, in chunks under the limit', () => {
    fc.assert(
      fc.property(fc.array(outputRecord, { maxLength: 30 }), fc.integer({ min: 1, max: 500 }), (records, maxBytes) => {
        const chunks = toOutputChunks(records, maxBytes);
        for (const chunk of chunks) {
          const messages = chunk.flatMap((entry) => entry.messages);
          const bytes = messages.reduce(
            (sum, { key, value }) => sum + Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? ''),
            0,
          );
          expect(bytes <= maxBytes || messages.length === 1).toBe(true);
          expect(messages.length).toBeGreaterThan(0);
        }
        for (const topic of ['a', 'b']) {
          const sent = chunks.flat().flatMap((entry) => (entry.topic === topic ? entry.messages : []));
          const wanted = records.filter((record) => record.topic === topic);
          expect(sent.map(({ key, value, partition }) => [text(key), text(value), partition])).toEqual(
            wanted.map(({ key, value, partition }) => [text(key), text(value), partition]),
          );
        }
      }),
    );
  });

  it('is nothing for nothing', () => {
    expect(toOutputChunks([], 100)).toEqual([]);
  });
});

function text(value: string | Uint8Array | null | undefined): string | null {
  return value === null || value === undefined ? null : Buffer.from(value).toString('hex');
}
