// The index loop on a fake store: what is sent, what is handed over, what is set aside.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { noCounts } from '#core/count/count-row.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import { metrics } from '#telemetry/metrics.ts';
import { anEdge, inTime } from '../../test/support/builders.ts';
import { batchOf, idOf, lines, names, nowMs, setUpIndex } from '../../test/support/index-harness.ts';
import { goldenLines } from '../../test/support/line-arbitraries.ts';
import { RecordedPartition, toBatch } from '../../test/support/loop-harness.ts';

describe('index', () => {
  it('reads the lines, the failed requests, the windows and the alerts in a group of its own', () => {
    const { loop } = setUpIndex();
    expect(loop.loop).toBe('index');
    expect(loop.topics).toEqual(['logs', names.requestFaults, names.windows, names.alerts]);
  });

  it('hands over an offset when the documents before it are durable, and nothing else', async () => {
    const { store, open, meter } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor, settle } = await open(partition);
    await processor.process(batchOf(0, 3));
    expect(partition.commits).toEqual([]);
    await settle();
    expect(partition.commits).toEqual([{ records: [], nextOffset: 3 }]);
    expect([...store.documents.values()].map(({ id }) => id)).toEqual([0, 1, 2].map(idOf));
    expect(meter.total(metrics.documents, { kind: 'lines', outcome: 'created' })).toBe(3);
  });

  it('goes on from the committed offset', async () => {
    const { loop } = setUpIndex();
    const fresh = await loop.open(new RecordedPartition());
    const later = await loop.open(new RecordedPartition({ committedOffset: 17 }));
    expect([fresh.startOffset, later.startOffset]).toEqual(['earliest', 17]);
  });

  it('commits in order though a later bulk is durable first', async () => {
    const { store, open } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor, settle } = await open(partition);
    let release: () => void = () => undefined;
    store.pause = new Promise((resolve) => {
      release = resolve;
    });
    await processor.process(batchOf(0, 4));
    await nextTurn();
    store.pause = null;
    await processor.process(batchOf(4, 4));
    await settle();
    expect(store.documents.size).toBe(4);
    expect(partition.commits).toEqual([]);
    release();
    await settle();
    expect(partition.commits).toEqual([{ records: [], nextOffset: 8 }]);
  });

  it('holds no more than the bulks in flight: process waits', async () => {
    const { store, open } = setUpIndex();
    const { processor } = await open(new RecordedPartition({ topic: 'logs' }));
    let release: () => void = () => undefined;
    store.pause = new Promise((resolve) => {
      release = resolve;
    });
    let isDone = false;
    const processing = processor.process(batchOf(0, 40)).then(() => {
      isDone = true;
    });
    for (let i = 0; i < 20; i += 1) await nextTurn();
    expect([isDone, store.requests.length]).toEqual([false, 2]);
    release();
    await processing;
    expect(store.requests.length).toBeGreaterThan(8);
  });

  it('sends a bulk when it has its bytes', async () => {
    const { store, open } = setUpIndex({ maxBulkDocuments: 1000, maxBulkBytes: 7000 });
    const { settle, processor } = await open(new RecordedPartition({ topic: 'logs' }));
    await processor.process(batchOf(0, 10));
    await settle();
    for (const ids of store.requests) expect(ids.length).toBeLessThanOrEqual(3);
  });

  it('hands over offsets of lines that are no documents, and counts them', async () => {
    const { store, open, meter } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor, settle } = await open(partition);
    const other = (goldenLines('filebeat-istio-json')[0] ?? '').replace('"istio-proxy"', '"app"');
    await processor.process(toBatch(['{"cut":', other, null]));
    await settle();
    expect(partition.commits).toEqual([{ records: [], nextOffset: 3 }]);
    expect(store.requests).toEqual([]);
    expect(meter.total(metrics.documents, { kind: 'lines', outcome: 'unreadable' })).toBe(2);
    expect(meter.total(metrics.documents, { kind: 'lines', outcome: 'skipped' })).toBe(1);
  });

  it('follows gaps in the offsets', async () => {
    const { open } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor, settle } = await open(partition);
    await processor.process({ ...batchOf(0, 1), nextOffset: 5 });
    await processor.process({ records: [], nextOffset: 9, behind: 0 });
    await settle();
    expect(partition.commits.at(-1)?.nextOffset).toBe(9);
  });
});

describe('documents that the store refuses', () => {
  it('go to the dead-letter topic with their reason and origin, in the hand-over of their offset', async () => {
    const { store, open, meter } = setUpIndex();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor, settle } = await open(partition);
    store.answer = ({ id }) => (id === idOf(1) ? { kind: 'rejected', detail: 'document_parsing_exception: no' } : null);
    await processor.process(batchOf(0, 3));
    await settle();
    const [letter] = partition.written(names.deadLetters);
    expect(JSON.parse(String(letter?.value))).toMatchObject({
      reason: 'rejected_by_store',
      detail: 'document_parsing_exception: no',
      loop: 'index',
      origin: { cluster: 'dc1', topic: 'logs', partition: 0, offset: 1 },
      text: lines[1],
    });
    expect(partition.commits).toHaveLength(1);
    expect(store.documents.size).toBe(2);
    expect(meter.total(metrics.deadLetters, { loop: 'index', reason: 'rejected_by_store' })).toBe(1);
  });

  it('are set aside once where a record gave several', async () => {
    const { store, open } = setUpIndex();
    const partition = new RecordedPartition({ topic: names.windows });
    const { processor } = await open(partition);
    store.answer = ({ index }) => (index.includes('-windows-') ? { kind: 'rejected', detail: 'no' } : null);
    const row = { ...noCounts, ...inTime, requestCount: 1, windowStartAtMs: nowMs, windowEndAtMs: nowMs + 1 };
    const rows = ['v1', 'v2'].map((version) => ({ ...row, edge: anEdge({ source_version: version }) }));
    await processor.process(toBatch([encodeWindowCounts(rows), '{"v":9}']));
    await processor.drain();
    const reasons = partition.written(names.deadLetters).map(({ value }) => JSON.parse(String(value)).reason);
    expect(reasons.sort()).toEqual(['rejected_by_store', 'unreadable_internal_record']);
  });
});
