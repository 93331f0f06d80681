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

  it('takes what came late for a window as if it had come in time, and nothing for one that has left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        windows,
        fc.nat({ max: 15 }),
        windows,
        (capacity, list, back, late) => {
          const ring = filled(capacity, list);
          const at = list.length - back;
          const isHeld = back >= 1 && back <= Math.min(capacity, list.length);
          const [count = 0, requestCount = 0] = late[0] ?? [];
          const small = { count: count % 1000, requestCount: requestCount % 1000 };
          const before = (list[at] ?? [0, 0]).map((value) => Math.min(value, 0xffff_0000)) as [number, number];
          const whole = [...list.slice(0, Math.max(0, at)), before, ...list.slice(at + 1)];
          const amended = isHeld ? filled(capacity, whole) : ring;
          const total = amended.addTo(back, small);
          if (!isHeld) {
            expect([total, contents(ring)]).toEqual([null, contents(filled(capacity, list))]);
            return;
          }
          const sums = [before[0] + small.count, before[1] + small.requestCount] as const;
          expect(total).toEqual({ count: sums[0], requestCount: sums[1] });
          const inTime = filled(capacity, [...whole.slice(0, at), sums, ...whole.slice(at + 1)]);
          expect(contents(amended)).toEqual(contents(inTime));
          expect([amended.countSum, amended.requestCountSum]).toEqual([inTime.countSum, inTime.requestCountSum]);
        },
      ),
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
