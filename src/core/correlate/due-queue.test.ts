import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';

it('gives keys in the order in which they are due, whatever the order in which they came', () => {
  const entry = fc.tuple(fc.nat({ max: 20 }), fc.string({ maxLength: 2 }));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      const queue = new DueQueue();
      for (const [atMs, key] of entries) queue.push(atMs, key);
      const popped: (readonly [number | null, string | null])[] = [];
      while (queue.nextAtMs !== null) popped.push([queue.nextAtMs, queue.pop()]);
      expect(popped).toEqual([...entries].sort(([a, k], [b, l]) => a - b || (k < l ? -1 : Number(k > l))));
      expect(queue.pop()).toBeNull();
    }),
  );
});
