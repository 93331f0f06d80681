// The gate: never more inside than places, first come first in, nobody left waiting after an abort.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BulkGate } from './bulk-gate.ts';

const never = new AbortController().signal;

it('lets in as many as it has places, the next in the order of asking', async () => {
  const gate = new BulkGate(1);
  const inside: string[] = [];
  expect(await gate.enter(never)).toBe(true);
  expect(gate.hasPlace).toBe(false);
  const waiting = ['a', 'b'].map(async (name) => {
    await gate.enter(never);
    inside.push(name);
  });
  gate.leave();
  await waiting[0];
  expect(inside).toEqual(['a']);
  gate.leave();
  await waiting[1];
  expect(inside).toEqual(['a', 'b']);
  gate.leave();
  expect(gate.hasPlace).toBe(true);
});

it('turns away who is aborted while waiting or before, and keeps the place for others', async () => {
  const gate = new BulkGate(1);
  await gate.enter(never);
  const stop = new AbortController();
  const waiting = gate.enter(stop.signal);
  stop.abort();
  expect(await waiting).toBe(false);
  expect(await gate.enter(stop.signal)).toBe(false);
  gate.leave();
  expect(gate.hasPlace).toBe(true);
});

it('never has more inside than places', async () => {
  const steps = fc.array(fc.constantFrom('enter', 'leave', 'abort'), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), steps, async (places, actions) => {
      const gate = new BulkGate(places);
      let inside = 0;
      const stops: AbortController[] = [];
      for (const action of actions) {
        if (action === 'enter') {
          const stop = new AbortController();
          stops.push(stop);
          void gate.enter(stop.signal).then((isIn) => {
            inside += isIn ? 1 : 0;
          });
        } else if (action === 'abort') stops.pop()?.abort();
        else if (inside > 0) {
          inside -= 1;
          gate.leave();
        }
        await Promise.resolve().then(() => undefined);
        expect(inside).toBeLessThanOrEqual(places);
      }
    }),
  );
});
