import { describe, expect, it } from 'vitest';
import type { Clock } from '#ports/system.ts';
import { backoffMs, settle, whenAborted, within } from './within.ts';

/** Every deadline is over at once, or none ever. */
function aClock(isOver: boolean): Clock {
  return {
    nowMs: () => 0,
    sleep: (_, signal) =>
      isOver ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  };
}

const never = new Promise<never>(() => undefined);

describe('within', () => {
  it('gives the result, or the failure, of a call that ends in time', async () => {
    const deadline = { durationMs: 5, doing: 'asking', clock: aClock(false) };
    expect(await within(deadline, Promise.resolve(undefined))).toBeUndefined();
    await expect(within(deadline, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('fails a call that does not end', async () => {
    const deadline = { durationMs: 5, doing: 'asking', clock: aClock(true) };
    await expect(within(deadline, never)).rejects.toMatchObject({
      code: 'KAFKA_TIMEOUT',
      retryable: true,
      message: 'asking: no answer within 5 ms',
    });
  });
});

describe('settle', () => {
  it('waits for the end, however it is, and not longer than it may', async () => {
    await settle(Promise.reject(new Error('ignored')), 5, aClock(false));
    await settle(never, 5, aClock(true));
  });
});

describe('whenAborted', () => {
  it('resolves when the signal is aborted, or is so already', async () => {
    await whenAborted(AbortSignal.abort()).promise;
    const controller = new AbortController();
    const waiting = whenAborted(controller.signal);
    controller.abort();
    await waiting.promise;
    waiting.forget();
  });
});

describe('backoffMs', () => {
  it.each([
    [1, 200],
    [2, 400],
    [5, 3_200],
    [7, 10_000],
    [1_000_000, 10_000],
  ])('after %d failures is %d ms', (failures, pauseMs) => {
    expect(backoffMs(failures, 200, 10_000)).toBe(pauseMs);
  });
});
