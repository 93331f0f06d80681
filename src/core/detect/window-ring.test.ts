import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WindowRing } from './window-ring.ts';

const windows = fc.array(
  fc.tuple(
    fc.oneof(fc.constant(0), fc.nat({ max: 0xffffffff })),
    fc.oneof(fc.constant(310), fc.nat({ max: 0xffffffff })),
  ),
  { maxLength: 40 },
);

function filled(capacity: number, list: readonly (readonly [number, number])[]): WindowRing {
  const ring = new WindowRing(capacity);
  for (const [count, requestCount] of list) ring.push(count, requestCount);
  return ring;
}

const contents = (ring: WindowRing) =>
  Array.from({ length: ring.length }, (_, i) => [ring.countAt(i), ring.requestCountAt(i)]);

describe('WindowRing', () => {
  it('holds the last windows, oldest first, with their sums', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), windows, (capacity, list) => {
        const ring = filled(capacity, list);
        const kept = list.slice(-capacity);
        expect(contents(ring)).toEqual(kept);
        expect(ring.countSum).toBe(kept.reduce((sum, [count]) => sum + count, 0));
        expect(ring.requestCountSum).toBe(kept.reduce((sum, [, requestCount]) => sum + requestCount, 0));
      }),
    );
  });

  it('comes back from its text and goes on the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), windows, windows, (capacity, list, more) => {
        const ring = filled(capacity, list);
        const restored = WindowRing.decode(capacity, ring.encode());
        for (const [count, requestCount] of more) {
          ring.push(count, requestCount);
          restored.push(count, requestCount);
        }
        expect(contents(restored)).toEqual(contents(ring));
        expect(restored.countSum).toBe(ring.countSum);
      }),
    );
  });

  it('writes equal windows once', () => {
    expect(
      filled(10, [
        [0, 310],
        [0, 310],
        [0, 310],
        [5, 334],
      ]).encode(),
    ).toBe('8m*3,5.9a');
    expect(filled(10, []).encode()).toBe('');
  });

  it.each(['x!', '1.2.3', '1*', '8m*zzzz', ','])('refuses %j', (text) => {
    expect(() => WindowRing.decode(10, text)).toThrow('malformed');
  });
});
