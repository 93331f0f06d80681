import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeFailedLineRecord } from '#core/correlate/failed-line-wire.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';
import { decodeCollectRecord } from '#core/count/partial-count-wire.ts';
import { silentLogger } from '#ports/logger.ts';
import type { PartitionProcessor } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { RecordedPartition, StandingClock, SummingMeter, toBatch } from '../../test/support/loop-harness.ts';
import type { CollectSettings } from './collect-loop.ts';
import { createCollectLoop } from './collect-loop.ts';
import { topicNames } from './topics.ts';

const names = topicNames('flagwatch');
const settings: CollectSettings = {
  topics: ['logs'],
  names,
  outputPartitions: 2,
  failedLinePartitions: 3,
  paneMs: 1000,
  allowedLatenessMs: 5000,
  idleTimeoutMs: 10_000,
  futureBoundMs: 60_000,
  flushIntervalMs: 500,
  maxLinesPerFlush: 100,
  maxEdges: 10,
  tickMs: 100,
};
const nowMs = Date.parse('2026-11-21T12:00:00Z');
const [recorded] = readFileSync(join(import.meta.dirname, '..', '..', 'recordings', 'bad-deploy.jsonl'), 'utf8')
  .split('\n')
  .filter((row) => row.includes('"broken"'))
  .flatMap((row) => (JSON.parse(row) as { lines: string[] }).lines)
  .filter((line) => line.includes('"response_flags":"UC"'));

/** A real UC line of payments v2 that ended at `atMs`. */
function aLine(atMs: number): string {
  const record = JSON.parse(recorded ?? '') as { duration: number };
  return JSON.stringify({ ...record, start_time: new Date(atMs - record.duration).toISOString() });
}

async function openCollect(changes: Partial<CollectSettings> = {}, partition = new RecordedPartition()) {
  const clock = new StandingClock(nowMs);
  const meter = new SummingMeter();
  const loop = createCollectLoop({ ...settings, ...changes }, { logger: silentLogger, meter, clock });
  const { processor, startOffset } = await loop.open(partition);
  return { partition, processor, startOffset, clock, meter };
}

const sent = (partition: RecordedPartition): CollectRecord[] =>
  partition.written(names.partialCounts).map(({ value }) => {
    const outcome = decodeCollectRecord(Buffer.from(String(value)));
    if (outcome.kind !== 'ok') throw new Error(`unreadable: ${String(value)}`);
    return outcome.value;
  });

async function passTime(durationMs: number, clock: StandingClock, processor: PartitionProcessor): Promise<void> {
  clock.atMs += durationMs;
  await processor.tick(clock.atMs);
}

describe('collect', () => {
  it('starts at the committed offset, or at the earliest', async () => {
    expect((await openCollect()).startOffset).toBe('earliest');
    expect((await openCollect({}, new RecordedPartition({ committedOffset: 7 }))).startOffset).toBe(7);
  });

  it('hands over counts, then the watermark to every partition, with the offset, after the flush interval', async () => {
    const { partition, processor, clock } = await openCollect();
    await processor.process(toBatch([aLine(nowMs - 2000), aLine(nowMs - 2000)]));
    expect(partition.commits).toEqual([]);
    await passTime(500, clock, processor);
    expect(partition.commits.map((commit) => commit.nextOffset)).toEqual([2]);
    const [counts, ...marks] = sent(partition);
    expect(counts).toMatchObject({
      kind: 'counts',
      source: ['dc1', 'logs', 0],
      rows: [
        {
          paneStartAtMs: nowMs - 2000,
          requestCount: 2,
          flagCounts: { UC: 2 },
          edge: {
            reporter: 'destination',
            destination_service: 'payments',
            destination_version: 'v2',
            data_center: 'dc1',
          },
        },
      ],
    });
    const mark = { partitionCount: 1, streamAtMs: nowMs - 2000, watermarkAtMs: nowMs - 7000, isIdle: false };
    expect(marks).toMatchObject([
      { kind: 'watermark', mark },
      { kind: 'watermark', mark },
    ]);
    expect(partition.written(names.partialCounts).map((record) => record.partition)).toEqual([undefined, 0, 1]);
  });

  it('hands lines that show a failure to correlate, keyed by their request, and the same watermark behind them', async () => {
    const { partition, processor, clock, meter } = await openCollect();
    const healthy = JSON.stringify({ ...JSON.parse(aLine(nowMs)), response_flags: '-', response_code: 200 });
    await processor.process(toBatch([aLine(nowMs - 2000), healthy]));
    await passTime(500, clock, processor);
    const records = partition.written(names.failedLines);
    expect(records.map(({ key, partition: to }) => [key?.split(' ')[0], to])).toEqual([
      ['trace', undefined],
      ['dc1/logs/0', 0],
      ['dc1/logs/0', 1],
      ['dc1/logs/0', 2],
    ]);
    const read = records.map(({ value }) => decodeFailedLineRecord(Buffer.from(String(value))));
    expect(read).toMatchObject([
      { value: { kind: 'line', source: ['dc1', 'logs', 0], line: { flags: ['UC'], fault: 'app_closed' } } },
      ...sent(partition)
        .slice(-2)
        .map((value) => ({ value })),
      { value: { kind: 'watermark' } },
    ]);
    expect(meter.total(metrics.forwardedLines)).toBe(1);
  });

  it('hands over at once when there are enough lines, up to exactly those', async () => {
    const { partition, processor } = await openCollect({ maxLinesPerFlush: 2 });
    await processor.process(toBatch([aLine(nowMs), aLine(nowMs), aLine(nowMs)], 10));
    expect(partition.commits.map((commit) => commit.nextOffset)).toEqual([12]);
  });

  it('hands over at once when many have failed, however many lines a flush may have', async () => {
    const { partition, processor } = await openCollect({ maxLinesPerFlush: 1_000_000 });
    await processor.process(toBatch(Array.from({ length: 5001 }, (_, i) => aLine(nowMs - i))));
    expect(partition.commits.map((commit) => commit.nextOffset)).toEqual([5000]);
  });

  it('sets unreadable lines and lines from the future aside with their reason, and goes on', async () => {
    const { partition, processor, clock, meter } = await openCollect();
    await processor.process(toBatch(['{"cut":', aLine(nowMs + 61_000), aLine(nowMs + 59_000), '']));
    await passTime(500, clock, processor);
    const letters = partition.written(names.deadLetters).map((record) => JSON.parse(String(record.value)) as object);
    expect(letters).toMatchObject([
      { reason: 'malformed_json', origin: { offset: 0 } },
      { reason: 'future_timestamp', origin: { offset: 1 } },
      { reason: 'empty', origin: { offset: 3 } },
    ]);
    expect(meter.total(metrics.lines, { outcome: 'dead_lettered' })).toBe(3);
    expect(meter.total(metrics.lines, { outcome: 'counted' })).toBe(1);
    expect(meter.total(metrics.deadLetters, { reason: 'future_timestamp' })).toBe(1);
  });

  it('calls the partition idle after the idle timeout, only at its end, and says so again in time', async () => {
    const { partition, processor, clock } = await openCollect();
    partition.atEnd = false;
    await passTime(10_000, clock, processor);
    expect(partition.commits).toEqual([]);
    partition.atEnd = true;
    await passTime(100, clock, processor);
    await passTime(4900, clock, processor);
    expect(partition.commits).toHaveLength(1);
    expect(sent(partition)).toMatchObject([{ mark: { isIdle: true, streamAtMs: null } }, { mark: { isIdle: true } }]);
    await passTime(100, clock, processor);
    expect(partition.commits).toHaveLength(2);
    expect(sent(partition).at(-1)).toMatchObject({ mark: { isIdle: true, writtenAtMs: nowMs + 15_100 } });
  });

  it('is not idle any more with the next line', async () => {
    const { partition, processor, clock } = await openCollect();
    await passTime(10_000, clock, processor);
    await processor.process(toBatch([aLine(nowMs)]));
    await passTime(500, clock, processor);
    expect(sent(partition).at(-1)).toMatchObject({ mark: { isIdle: false, streamAtMs: nowMs } });
  });

  it('counts nothing in its metrics that was not committed', async () => {
    const { partition, processor, clock, meter } = await openCollect();
    partition.failNext = true;
    await processor.process(toBatch([aLine(nowMs)]));
    await expect(passTime(500, clock, processor)).rejects.toThrow('told to fail');
    expect(meter.total(metrics.lines)).toBe(0);
  });

  it('commits what it has when it stops', async () => {
    const { partition, processor } = await openCollect();
    await processor.drain();
    expect(partition.commits).toEqual([]);
    await processor.process(toBatch([aLine(nowMs)]));
    await processor.drain();
    expect(partition.commits.map((commit) => commit.nextOffset)).toEqual([1]);
  });
});
