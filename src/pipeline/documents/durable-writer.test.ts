// Writing until all is durable: only what has to be sent again is sent again, for as long as it takes, and the log says so now and then.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import { FakeDocumentStore, unavailable } from '../../../test/support/fake-document-store.ts';
import { CountingMeter, RecordingLogger, SkippingClock } from '../../../test/support/recording.ts';
import { DurableWriter } from './durable-writer.ts';

const settings = { sink: 'elasticsearch', retryInitialMs: 100, retryMaxMs: 1000, logIntervalMs: 5000 };
const documents: readonly StoreDocument[] = ['a', 'b', 'c', 'd'].map((id) => ({
  index: 'i',
  id,
  json: `{"id":"${id}"}`,
}));

function setUp() {
  const store = new FakeDocumentStore();
  const logger = new RecordingLogger();
  const meter = new CountingMeter();
  const clock = new SkippingClock();
  const writer = new DurableWriter(settings, { store, logger, meter, clock });
  const stop = new AbortController();
  const drain = new AbortController();
  const write = () => writer.write('lines', documents, { signal: stop.signal, retrySignal: drain.signal });
  return { store, logger, meter, clock, stop, drain, write };
}

describe('a durable write', () => {
  it('sends again only the documents that the store asks for, in their order', async () => {
    const { store, write, meter } = setUp();
    const refusals = new Map([
      ['b', 2],
      ['d', 1],
    ]);
    store.answer = ({ id }) => {
      const left = refusals.get(id) ?? 0;
      refusals.set(id, left - 1);
      return left > 0 ? { kind: 'retry', detail: 'es_rejected_execution_exception' } : null;
    };
    expect(await write()).toEqual([]);
    expect(store.requests).toEqual([['a', 'b', 'c', 'd'], ['b', 'd'], ['b']]);
    expect(store.documents.size).toBe(4);
    expect(meter.counts.get('flagwatch_documents_total{kind=lines,outcome=created}')).toBe(4);
    expect(meter.counts.get('flagwatch_documents_total{kind=lines,outcome=retried}')).toBe(3);
    expect(meter.counts.get('flagwatch_sink_retries_total{sink=elasticsearch,code=partial}')).toBe(2);
  });

  it('tells by their place which documents the store will never take, also after a retry of others', async () => {
    const { store, write } = setUp();
    let isFirst = true;
    store.answer = ({ id }) => {
      if (id === 'c' || (id === 'd' && !isFirst)) return { kind: 'rejected', detail: `mapping of ${id}` };
      if (id !== 'd') return null;
      isFirst = false;
      return { kind: 'retry', detail: 'overload' };
    };
    expect(await write()).toEqual([
      { position: 2, detail: 'mapping of c' },
      { position: 3, detail: 'mapping of d' },
    ]);
  });

  it('waits for a store that is away, longer each time up to a bound, and begins anew once it takes something', async () => {
    const { store, write, clock } = setUp();
    store.failure = unavailable();
    let seen = 0;
    store.answer = ({ id }) => (id === 'd' && seen++ === 0 ? { kind: 'retry', detail: 'overload' } : null);
    const waits = clock.sleeps;
    const done = write();
    while (waits.length < 6) await nextTurn();
    store.failure = null;
    await done;
    expect(waits.slice(0, 6)).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(waits.at(-1)).toBe(100);
  });

  it('waits as long as the store asks, within the bound', async () => {
    const { store, write, clock } = setUp();
    const overloaded = (retryAfterMs: number) =>
      new AdapterError('ES_OVERLOADED', 'circuit breaker', { retryable: true, retryAfterMs });
    store.failure = overloaded(700);
    const done = write();
    while (clock.sleeps.length < 1) await nextTurn();
    store.failure = overloaded(60_000);
    while (clock.sleeps.length < 3) await nextTurn();
    store.failure = null;
    await done;
    expect(clock.sleeps[0]).toBe(700);
    expect(clock.sleeps.at(-1)).toBe(1000);
  });

  it('logs an outage at once, then now and then, and its end', async () => {
    const { store, write, clock, logger } = setUp();
    store.failure = unavailable();
    const done = write();
    while (clock.sleeps.length < 12) await nextTurn();
    store.failure = null;
    await done;
    const warning = 'warn the document store does not take all documents; they wait';
    expect(logger.lines).toEqual([warning, warning, 'info the document store takes documents again']);
    expect(logger.fields[0]).toMatchObject({ code: 'ES_UNAVAILABLE', documents: 4, waitMs: 100 });
  });

  it('calls for a person where retries alone cannot mend it, and goes on trying', async () => {
    const { store, write, clock, logger } = setUp();
    store.failure = new AdapterError('ES_REJECTED', '401 security_exception', { retryable: false });
    const done = write();
    while (clock.sleeps.length < 2) await nextTurn();
    store.failure = null;
    await done;
    expect(logger.lines[0]).toBe('error the document store refuses requests; documents wait until that is mended');
    expect(store.documents.size).toBe(4);
  });

  it('stops at once when it is aborted, also in the middle of a request', async () => {
    const { store, write, stop } = setUp();
    store.pause = new Promise(() => undefined);
    const done = write();
    await nextTurn();
    stop.abort();
    await expect(done).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('tries once more and no longer when the loop drains', async () => {
    const { store, write, drain } = setUp();
    drain.abort();
    expect(await write()).toEqual([]);
    store.failure = unavailable();
    await expect(write()).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('does not take a bug for an outage', async () => {
    const { store, write } = setUp();
    store.answer = () => {
      throw new TypeError('a bug');
    };
    await expect(write()).rejects.toThrow(TypeError);
  });
});
