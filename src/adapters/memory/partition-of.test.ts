import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { partitionOf } from './partition-of.ts';

describe('partitionOf', () => {
  it('is what Kafka clients choose', () => {
    const choose = Partitioners.DefaultPartitioner();
    const key = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ maxLength: 9 }));
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 100 }), (text, count) => {
        const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
          partitionId,
          leader: 1,
          partitionErrorCode: 0,
          replicas: [1],
          isr: [1],
        }));
        const theirs = choose({ topic: 't', partitionMetadata, message: { key: text, value: null } });
        expect(partitionOf(text, count)).toBe(theirs);
      }),
    );
  });
});
