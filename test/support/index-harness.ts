// The index loop as its unit tests drive it: a fake store, a clock that skips its sleeps, recorded lines at their offsets.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IndexSettings } from '#pipeline/index-loop.ts';
import { createIndexLoop } from '#pipeline/index-loop.ts';
import { topicNames } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import type { PartitionProcessor, StreamBatch } from '#ports/record-stream.ts';
import { defaultMasker } from './default-masker.ts';
import { FakeDocumentStore } from './fake-document-store.ts';
import { goldenLines } from './line-arbitraries.ts';
import type { RecordedPartition } from './loop-harness.ts';
import { SummingMeter, toBatch } from './loop-harness.ts';
import { SkippingClock } from './recording.ts';

/** Topics of the loop. */
export const names = topicNames('flagwatch');
/** The clock's time at the beginning: after the recorded lines. */
export const nowMs = Date.UTC(2026, 10, 21, 6);
const settings: IndexSettings = {
  topics: ['logs'],
  names,
  indexPrefix: 'fw',
  keepsOriginal: false,
  futureBoundMs: 60_000,
  masker: defaultMasker,
  sink: 'elasticsearch',
  retryInitialMs: 100,
  retryMaxMs: 1000,
  logIntervalMs: 5000,
  maxBulkBytes: 1_000_000,
  maxBulkDocuments: 4,
  maxBulksInFlight: 2,
  flushIntervalMs: 1000,
  tickMs: 200,
};
/** Recorded lines. */
export const lines = goldenLines('extended-json');
/** Some of them as records at their own offsets. */
export const batchOf = (offset: number, count: number): StreamBatch =>
  toBatch(lines.slice(offset, offset + count), offset);
/** Id of the document of the line at an offset of partition 0 of `logs`. */
export const idOf = (offset: number) => `dc1/logs/0/${String(offset).padStart(16, '0')}`;

/** A processor of the loop, and how to let it come to rest. */
export interface IndexOwner {
  readonly processor: PartitionProcessor;
  /** Lets time pass and ticks until nothing is under way any more. */
  settle(): Promise<void>;
}

/** An index loop on a fake store, four documents a bulk and two bulks at a time. */
export function setUpIndex(changes: Partial<IndexSettings> = {}) {
  const store = new FakeDocumentStore();
  const meter = new SummingMeter();
  const clock = new SkippingClock(nowMs);
  const loop = createIndexLoop({ ...settings, ...changes }, { store, meter, clock, logger: silentLogger });
  const open = async (partition: RecordedPartition): Promise<IndexOwner> => {
    const { processor } = await loop.open(partition);
    const settle = async () => {
      clock.advance(settings.flushIntervalMs);
      for (let i = 0; i < 20; i += 1) {
        await nextTurn();
        await processor.tick(clock.nowMs());
      }
    };
    return { processor, settle };
  };
  return { store, meter, clock, loop, open };
}
