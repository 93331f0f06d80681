// The limiter against a clock set by hand.
import { expect, it } from 'vitest';
import { documentedLimits, RateLimiter } from './rate-limits.ts';

const take = (limiter: RateLimiter, count: number, nowMs: number, channel = 'C1'): number[] =>
  Array.from({ length: count }, () => limiter.take('chat.postMessage', channel, nowMs));

it('lets a burst pass, then one message a second', () => {
  const limiter = new RateLimiter(documentedLimits);
  expect(take(limiter, 6, 0)).toEqual([0, 0, 0, 0, 0, 1]);
  expect(take(limiter, 2, 1000)).toEqual([0, 1]);
  expect(take(limiter, 1, 1999)).toEqual([1]);
  expect(take(limiter, 1, 2000)).toEqual([0]);
});

it('keeps channels apart, up to the limit of the workspace', () => {
  const limiter = new RateLimiter({ ...documentedLimits, workspacePostsPerMinute: 6 });
  expect(take(limiter, 5, 0, 'C1')).toEqual([0, 0, 0, 0, 0]);
  expect(take(limiter, 2, 0, 'C2')).toEqual([0, 10]);
});

it('gives chat.update a minute of its own', () => {
  const limiter = new RateLimiter({ ...documentedLimits, tier3PerMinute: 2 });
  const updates = [0, 1, 2].map((nowMs) => limiter.take('chat.update', 'C1', nowMs));
  expect(updates).toEqual([0, 0, 30]);
  expect(limiter.take('chat.postMessage', 'C1', 3)).toBe(0);
});

it('is silent when it is off', () => {
  expect(take(new RateLimiter('off'), 100, 0).every((seconds) => seconds === 0)).toBe(true);
});
