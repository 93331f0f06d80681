import { describe, expect, it } from 'vitest';
import { createLimiter } from './limiter.ts';

const never = new AbortController().signal;

describe('createLimiter', () => {
  it('lets in as many as there are places, in order', async () => {
    const limiter = createLimiter(2);
    const inside: number[] = [];
    const leaves: (() => void)[] = [];
    const entering = [1, 2, 3, 4].map(async (name) => {
      const leave = await limiter.enter(never);
      inside.push(name);
      leaves.push(leave);
    });
    await Promise.all(entering.slice(0, 2));
    expect(inside).toEqual([1, 2]);
    leaves[0]?.();
    leaves[0]?.();
    await entering[2];
    expect(inside).toEqual([1, 2, 3]);
    leaves[1]?.();
    await entering[3];
    expect(inside).toEqual([1, 2, 3, 4]);
  });

  it('keeps nobody waiting who was aborted, and loses no place by it', async () => {
    const limiter = createLimiter(1);
    const leave = await limiter.enter(never);
    const controller = new AbortController();
    const aborted = limiter.enter(controller.signal);
    const third = limiter.enter(never);
    controller.abort();
    (await aborted)();
    leave();
    (await third)();
    await limiter.enter(never);
  });
});
