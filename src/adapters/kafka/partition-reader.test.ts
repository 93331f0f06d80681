import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import { metrics } from '#telemetry/metrics.ts';
import { SummingMeter } from '../../../test/support/loop-harness.ts';
import { aMarker, aRecordBatch } from '../../../test/support/record-batches.ts';
import { RecordingLogger, SkippingClock } from '../../../test/support/recording.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { FetchResponse } from './fetch-protocol.ts';
import { kafkaStreamDefaults } from './kafka-settings.ts';
import { PartitionReader } from './partition-reader.ts';
import { readState } from './read-state.ts';

const of = { topic: 'logs', partition: 3 };
const labels = { loop: 'collect', topic: 'logs', partition: '3' };
const settings = { ...kafkaStreamDefaults, clusterName: 'dc1', brokers: [], prefix: 'test' };

/** Pauses are over at once; deadlines of calls never come. */
class PatientClock extends SkippingClock {
  override sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    if (durationMs <= settings.retryMaxMs) return super.sleep(durationMs, signal);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }
}

type Answer = Partial<FetchResponse> | AdapterError;

/** A reader whose fetches are answered from a list, and then with nothing. */
function aReader(
  answers: readonly Answer[],
  options: { readonly from?: number; readonly offsets?: [number, number] } = {},
) {
  const parts = { clock: new PatientClock(), logger: new RecordingLogger(), meter: new SummingMeter() };
  const controller = new AbortController();
  const fetchedFrom: number[] = [];
  const left = [...answers];
  let refreshes = 0;
  const [startOffset, endOffset] = options.offsets ?? [0, 1_000];
  const client: ClusterClient = {
    open: () => Promise.resolve(),
    partitionCount: () => 4,
    fetch: ({ offset }) => {
      fetchedFrom.push(offset);
      const answer = left.shift() ?? {};
      if (answer instanceof AdapterError) return Promise.reject(answer);
      const nothing = { errorCode: 0, highWatermark: 0, lastStableOffset: 0, aborted: [], throttleMs: 0 };
      return Promise.resolve({ ...nothing, bytes: Buffer.alloc(0), ...answer });
    },
    startOffset: () => Promise.resolve(startOffset),
    endOffset: () => Promise.resolve(endOffset),
    committedOffset: () => Promise.resolve(null),
    refresh: () => {
      refreshes += 1;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const reader = new PartitionReader(
    { client, of, loop: 'collect', settings, fetchBytes: () => 1_000, signal: controller.signal, ...parts },
    options.from ?? 0,
  );
  return { reader, ...parts, controller, fetchedFrom, refreshes: () => refreshes };
}

async function records(baseOffset: number, values: readonly string[], key: string | null = null): Promise<Buffer> {
  const all = values.map((value) => ({ key: key === null ? null : Buffer.from(key), value: Buffer.from(value) }));
  return aRecordBatch({ baseOffset, records: all });
}

const unavailable = new AdapterError('KAFKA_UNAVAILABLE', 'told to fail', { retryable: true });

describe('PartitionReader', () => {
  it('gives what was fetched, then fetches from behind it, and reports the lag', async () => {
    const { reader, meter, fetchedFrom } = aReader(
      [
        { bytes: await records(5, ['a', 'b']), highWatermark: 10 },
        { bytes: await aMarker({ offset: 7, producerId: 1, kind: 'commit' }), highWatermark: 8 },
      ],
      { from: 5 },
    );
    expect(await reader.next()).toMatchObject({ nextOffset: 7, behind: 3, valueBytes: 2 });
    expect(meter.total(metrics.lagRecords, labels)).toBe(3);
    expect(await reader.next()).toBeNull();
    expect(reader.position).toBe(7);
    expect(await reader.next()).toBeNull();
    expect(reader.position).toBe(8);
    expect(meter.total(metrics.lagRecords, labels)).toBe(0);
    expect(fetchedFrom).toEqual([5, 7]);
  });

  it('pauses after a fetch that brought little, not after nothing and not after much', async () => {
    const little = await records(0, ['a']);
    const much = await records(
      1,
      Array.from({ length: 10 }, () => 'x'.repeat(settings.fetchLingerBelowBytes / 10)),
    );
    const { reader, clock } = aReader([{ bytes: little }, { bytes: much }, {}, {}]);
    const pauses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      await reader.next();
      pauses.push(clock.sleeps.length);
    }
    expect(clock.sleeps).toEqual([settings.fetchLingerMs]);
    expect(pauses).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it('asks for leaders and tries again while fetching fails', async () => {
    const { reader, clock, refreshes } = aReader([
      unavailable,
      { errorCode: 6 },
      { bytes: await records(0, ['a']), highWatermark: 1 },
    ]);
    expect(await reader.next()).toMatchObject({ nextOffset: 1 });
    expect(clock.sleeps).toEqual([settings.retryFirstMs, settings.retryFirstMs * 2]);
    expect(refreshes()).toBe(2);
  });

  it('gives up when fetching fails for too long, and at once where trying again is of no use', async () => {
    const long = aReader(Array.from({ length: 100 }, () => unavailable));
    await expect(long.reader.next()).rejects.toBe(unavailable);
    expect(long.fetchedFrom.length).toBeLessThan(20);
    const refused = aReader([{ errorCode: 29 }]);
    await expect(refused.reader.next()).rejects.toMatchObject({ code: 'KAFKA_REJECTED' });
    expect(refused.fetchedFrom).toHaveLength(1);
  });

  it('stops trying when it is told to', async () => {
    const { reader, controller, refreshes } = aReader([unavailable]);
    const next = reader.next();
    controller.abort();
    expect(await next).toBeNull();
    expect(refreshes()).toBe(0);
    await reader.finish();
  });

  it('counts what retention took away, and goes on behind it', async () => {
    const { reader, meter, logger, fetchedFrom } = aReader(
      [{ errorCode: 1 }, { bytes: await records(40, ['a']), highWatermark: 41 }],
      { from: 10, offsets: [40, 41] },
    );
    expect(await reader.next()).toMatchObject({ nextOffset: 41 });
    expect(fetchedFrom).toEqual([10, 40]);
    expect(meter.total(metrics.lostRecords, { loop: 'collect', topic: 'logs' })).toBe(30);
    expect(logger.lines.some((line) => line.startsWith('error'))).toBe(true);
  });

  it('reads a partition that was made anew from its start', async () => {
    const answers = [{ errorCode: 1 }, { bytes: await records(0, ['a']), highWatermark: 1 }];
    const { reader, meter, logger, fetchedFrom } = aReader(answers, { from: 500, offsets: [0, 1] });
    expect(await reader.next()).toMatchObject({ nextOffset: 1 });
    expect(fetchedFrom).toEqual([500, 0]);
    expect(meter.total(metrics.lostRecords)).toBe(0);
    expect(logger.lines.some((line) => line.startsWith('error'))).toBe(true);
  });

  it('stays where it is when a leader was only behind for a moment', async () => {
    const answers = [{ errorCode: 1 }, { bytes: await records(20, ['a']), highWatermark: 21 }];
    const { reader, meter, logger, fetchedFrom } = aReader(answers, { from: 20, offsets: [0, 20] });
    expect(await reader.next()).toMatchObject({ nextOffset: 21 });
    expect(fetchedFrom).toEqual([20, 20]);
    expect(meter.total(metrics.lostRecords)).toBe(0);
    expect(logger.lines).toEqual([]);
  });

  it('tells when an open transaction holds records back for long, and not again at once', async () => {
    const { reader, clock, logger } = aReader(
      Array.from({ length: 10 }, () => ({ highWatermark: 7, lastStableOffset: 0 })),
    );
    for (let i = 0; i < 6; i += 1) {
      await reader.next();
      clock.advance(settings.heldWarnMs / 2 + 1);
    }
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toHaveLength(2);
  });

  it('asks for the lag when it is told to, and reports none when it has finished', async () => {
    const { reader, meter, controller } = aReader([{ bytes: await records(0, ['a']), highWatermark: 1 }]);
    await reader.next();
    await reader.probeLag();
    expect(meter.total(metrics.lagRecords, labels)).toBe(999);
    controller.abort();
    await reader.finish();
    expect(meter.total(metrics.lagRecords, labels)).toBe(0);
  });
});

describe('readState', () => {
  it('keeps copies of the latest values, up to the end that it was given', async () => {
    const bytes = Buffer.concat([
      await records(0, ['1', '2'], 'a'),
      await records(2, ['1'], 'b'),
      await aRecordBatch({ baseOffset: 3, records: [{ key: Buffer.from('b'), value: null }] }),
      await records(4, ['no key']),
    ]);
    const { reader, clock, controller } = aReader([
      { bytes, highWatermark: 9 },
      { bytes: await records(5, ['3'], 'a') },
    ]);
    const state = await readState(reader, { of, endOffset: 5, stallMs: 1_000, clock, signal: controller.signal });
    expect([...state].map(([key, value]) => [key, Buffer.from(value).toString()])).toEqual([['a', '2']]);
    expect(state.get('a')?.buffer).not.toBe(bytes.buffer);
    expect(state.get('a')?.buffer.byteLength).toBe(1);
  });

  it('fails when it gets no further', async () => {
    const { reader, clock, controller } = aReader([]);
    const next = reader.next.bind(reader);
    reader.next = () => {
      clock.advance(400);
      return next();
    };
    const reading = readState(reader, { of, endOffset: 5, stallMs: 1_000, clock, signal: controller.signal });
    await expect(reading).rejects.toMatchObject({ code: 'KAFKA_TIMEOUT' });
  });

  it('stops when it is aborted', async () => {
    const { reader, clock, controller } = aReader([]);
    controller.abort();
    const reading = readState(reader, { of, endOffset: 5, stallMs: 1_000, clock, signal: controller.signal });
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
