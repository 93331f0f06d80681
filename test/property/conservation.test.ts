// The conservation law: lines in = counted + late + skipped + dead-lettered, whatever the lines, their order, and the moments of failures.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { decodeWindowCounts } from '#core/count/window-count-wire.ts';
import { createCollectLoop } from '#pipeline/collect-loop.ts';
import { createDetectLoop } from '#pipeline/detect-loop.ts';
import { topicNames } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import type { OutputRecord, PartitionProcessor } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { RecordedPartition, StandingClock, SummingMeter, toBatch } from '../support/loop-harness.ts';

const names = topicNames('flagwatch');
const nowMs = Date.parse('2026-11-21T12:00:00Z');
const recorded = readFileSync(join(import.meta.dirname, '..', '..', 'recordings', 'bad-deploy.jsonl'), 'utf8')
  .split('\n')
  .filter((row) => row !== '')
  .flatMap((row) => (JSON.parse(row) as { lines: string[] }).lines);

const lines = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...recorded),
        fc.oneof(fc.integer({ min: -90_000, max: 120_000 }), fc.constantFrom(-3_600_000, 0)),
      )
      .map(retimed),
  },
  { weight: 1, arbitrary: fc.constantFrom(...recorded).chain(cut) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...recorded)
      .map((line) =>
        line.replace('"TcpConnectionEnd"', '"TcpPeriodic"').replace('"DownstreamEnd"', '"DownstreamStart"'),
      ),
  },
  { weight: 1, arbitrary: fc.oneof(fc.string(), fc.json(), fc.constant('{"__proto__":{"response_flags":"UC"}}')) },
);

function retimed([line, delayMs]: readonly [string, number]): string {
  return line.replace(/"start_time":"[^"]*"/, `"start_time":"${new Date(nowMs + delayMs).toISOString()}"`);
}

function cut(line: string): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: line.length - 1 }).map((at) => line.slice(0, at));
}

const deps = (meter: SummingMeter, clock: StandingClock) => ({ logger: silentLogger, meter, clock });

async function openCollect(
  partition: RecordedPartition,
  meter: SummingMeter,
  clock: StandingClock,
): Promise<PartitionProcessor> {
  const loop = createCollectLoop(
    {
      topics: ['logs'],
      names,
      outputPartitions: 1,
      failedLinePartitions: 1,
      paneMs: 1000,
      allowedLatenessMs: 5000,
      idleTimeoutMs: 10_000,
      futureBoundMs: 60_000,
      flushIntervalMs: 500,
      maxLinesPerFlush: 7,
      maxEdges: 10,
      tickMs: 100,
    },
    deps(meter, clock),
  );
  return (await loop.open(partition)).processor;
}

/** Runs collect over the lines; `failures` tells at which commit attempts the broker fails, and a new owner takes over. */
async function collect(
  texts: readonly string[],
  failures: ReadonlySet<number>,
  meter: SummingMeter,
): Promise<OutputRecord[]> {
  const clock = new StandingClock(nowMs);
  const written: OutputRecord[] = [];
  let committedOffset = 0;
  for (let attempt = 0; committedOffset < texts.length; attempt += 1) {
    const partition = new RecordedPartition({ committedOffset });
    partition.failNext = failures.has(attempt);
    const processor = await openCollect(partition, meter, clock);
    await processor
      .process(toBatch(texts.slice(committedOffset), committedOffset))
      .then(() => processor.drain())
      .catch(() => undefined);
    written.push(...partition.commits.flatMap((commit) => commit.records));
    committedOffset = partition.commits.at(-1)?.nextOffset ?? committedOffset;
  }
  return written;
}

async function detect(records: readonly OutputRecord[], meter: SummingMeter): Promise<RecordedPartition> {
  const loop = createDetectLoop(
    {
      names,
      rules: [],
      sourceTopics: ['dc1/logs'],
      windowMs: 10_000,
      paneMs: 1_000,
      idleLeaseMs: 10_000,
      faultTopic: null,
      maxEdges: 4,
      maxSeries: 10,
      localTime: localTimeOf('UTC'),
      maxGapWindows: 60,
      snapshotIntervalMs: 0,
      commitIntervalMs: 0,
      tickMs: 100,
    },
    deps(meter, new StandingClock(nowMs)),
  );
  const partition = new RecordedPartition({ topic: names.partialCounts });
  const { processor } = await loop.open(partition);
  await processor.process(toBatch(records.map((record) => record.value)));
  await processor.drain();
  return partition;
}

describe('conservation', () => {
  it('holds for any lines and any failures of the broker', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { maxLength: 60 }),
        fc.uniqueArray(fc.nat({ max: 8 })),
        async (texts, failures) => {
          const meter = new SummingMeter();
          const written = await collect(texts, new Set(failures), meter);
          const idle = JSON.stringify({
            v: 1,
            kind: 'watermark',
            source: ['dc1', 'logs', 0],
            partitions: 1,
            stream_at_ms: nowMs + 600_000,
            watermark_at_ms: nowMs + 600_000,
            idle: false,
            written_at_ms: nowMs,
          });
          const counts = written.filter((record) => record.topic === names.partialCounts);
          const partition = await detect([...counts, { topic: names.partialCounts, key: null, value: idle }], meter);

          const deadLetters = written.filter((record) => record.topic === names.deadLetters).length;
          const skipped = meter.total(metrics.skippedLines);
          const counted = meter.total(metrics.countedLines);
          const late = meter.total(metrics.lateLines);
          expect(counted + late + skipped + deadLetters).toBe(texts.length);
          expect(meter.total(metrics.lines)).toBe(texts.length);
          expect(meter.total(metrics.lines, { outcome: 'counted' })).toBe(counted + late);

          const rows = partition.written(names.windows).flatMap(({ value }) => {
            const outcome = decodeWindowCounts(Buffer.from(String(value)));
            if (outcome.kind !== 'ok') throw new Error('a window cannot be read');
            return outcome.value;
          });
          const sum = (isLate: boolean) =>
            rows.filter((row) => (row.late !== null) === isLate).reduce((all, row) => all + row.requestCount, 0);
          expect(sum(false)).toBe(counted);
          expect(sum(true)).toBe(late);
        },
      ),
      { numRuns: 150 },
    );
  });
});
