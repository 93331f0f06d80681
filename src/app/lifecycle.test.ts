import { describe, expect, it } from 'vitest';
import { silentLogger } from '#ports/logger.ts';
import { Lifecycle } from './lifecycle.ts';

describe('Lifecycle', () => {
  it('stops the newest first, and each once', async () => {
    const lifecycle = new Lifecycle(silentLogger);
    const stopped: string[] = [];
    for (const name of ['store', 'stream', 'loops']) {
      lifecycle.onStop(name, () => Promise.resolve(void stopped.push(name)));
    }
    expect(await lifecycle.stop(1000)).toEqual([]);
    expect(await lifecycle.stop(1000)).toEqual([]);
    expect(stopped).toEqual(['loops', 'stream', 'store']);
  });

  it('goes on when one fails, and names those that did not stop in time', async () => {
    const lifecycle = new Lifecycle(silentLogger);
    let isStoreClosed = false;
    lifecycle.onStop('store', () => {
      isStoreClosed = true;
      return Promise.resolve();
    });
    lifecycle.onStop('stream', () => Promise.reject(new Error('gone')));
    expect(await lifecycle.stop(1000)).toEqual(['stream']);
    expect(isStoreClosed).toBe(true);
    lifecycle.onStop('first', () => Promise.resolve());
    lifecycle.onStop('hangs', () => new Promise(() => undefined));
    expect(await lifecycle.stop(20)).toEqual(['hangs', 'first']);
  });

  it('stops nothing where nothing was started', async () => {
    expect(await new Lifecycle(silentLogger).stop(10)).toEqual([]);
  });
});
