// From lines of both sides in two partitions through collect and correlate: each failed request is told once, as the lines together tell
// it, and counted once, however the partitions interleave, lines are shuffled within the allowed lateness, and the broker fails.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFailedLineRecord } from '#core/correlate/failed-line-wire.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { decodeRequestFault } from '#core/correlate/request-fault-wire.ts';
import { defaultRequestTableSettings, RequestTable } from '#core/correlate/request-table.ts';
import { decodeCollectRecord } from '#core/count/partial-count-wire.ts';
import { createCollectLoop } from '#pipeline/collect-loop.ts';
import { createCorrelateLoop } from '#pipeline/correlate-loop.ts';
import { topicNames } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import type { OutputRecord } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { RawLine } from '../support/exchanges.ts';
import { aCall, arrivalLine, decoded, sourceLine } from '../support/exchanges.ts';
import { line, refused } from '../support/fact-lines.ts';
import { RecordedPartition, StandingClock, SummingMeter, toBatch } from '../support/loop-harness.ts';

const names = topicNames('flagwatch');
const second = 1000;
const startAtMs = aCall().startAtMs;
const nowMs = startAtMs + 600 * second;
const clock = () => new StandingClock(nowMs);

/** One partition as its readers see it. */
class SourcePartition extends RecordedPartition {
  override readonly partitionCount = 2;
  override readonly origin: RecordedPartition['origin'];

  constructor(partition: number, committedOffset: number) {
    super({ committedOffset });
    this.origin = { cluster: 'dc1', topic: 'logs', partition };
  }
}

/** Runs collect over the texts of a partition; `failures` are the commits at which the broker fails and a new owner takes over. */
async function collect(
  partition: number,
  texts: readonly string[],
  failures: readonly number[],
  meter: SummingMeter,
): Promise<readonly OutputRecord[]> {
  const settings = {
    topics: ['logs'],
    names,
    outputPartitions: 1,
    failedLinePartitions: 1,
    paneMs: second,
    allowedLatenessMs: 5 * second,
    idleTimeoutMs: 10 * second,
    futureBoundMs: 60 * second,
    flushIntervalMs: 0,
    maxLinesPerFlush: 3,
    maxEdges: 10,
    tickMs: 100,
  };
  const loop = createCollectLoop(settings, { logger: silentLogger, meter, clock: clock() });
  const written: OutputRecord[] = [];
  let committed = 0;
  for (let attempt = 0; committed < texts.length; attempt += 1) {
    const opened = new SourcePartition(partition, committed);
    opened.failNext = failures.includes(attempt);
    const { processor } = await loop.open(opened);
    await processor.process(toBatch(texts.slice(committed), committed)).catch(() => undefined);
    written.push(...opened.commits.flatMap((commit) => commit.records));
    committed = opened.commits.at(-1)?.nextOffset ?? committed;
  }
  return written.filter(({ topic }) => topic === names.failedLines);
}

async function correlate(records: readonly OutputRecord[], meter: SummingMeter): Promise<RecordedPartition> {
  const settings = {
    names,
    table: defaultRequestTableSettings,
    sourceTopics: ['dc1/logs'],
    outputPartitions: 1,
    windowMs: 10 * second,
    idleLeaseMs: 10 * second,
    paneMs: second,
    snapshotIntervalMs: 30 * second,
    commitIntervalMs: 0,
    tickMs: 100,
  };
  const partition = new RecordedPartition({ topic: names.failedLines });
  const loop = createCorrelateLoop(settings, { logger: silentLogger, meter, clock: clock() });
  const { processor } = await loop.open(partition);
  await processor.process(toBatch(records.map(({ value }) => value)));
  return partition;
}

/** Both orders kept, which comes first decided by `picks`. */
function interleave<T>(a: readonly T[], b: readonly T[], picks: readonly boolean[]): T[] {
  const merged: T[] = [];
  let [i, j] = [0, 0];
  for (let at = 0; i < a.length || j < b.length; at += 1) {
    const takesA = j >= b.length || (i < a.length && picks[at % Math.max(1, picks.length)] === true);
    merged.push((takesA ? a[i++] : b[j++]) as T);
  }
  return merged;
}

const idleMark = (partition: number): OutputRecord => {
  const mark = { partitionCount: 2, streamAtMs: nowMs, watermarkAtMs: nowMs, isIdle: true, writtenAtMs: nowMs };
  const value = encodeFailedLineRecord({ kind: 'watermark', source: ['dc1', 'logs', partition], mark });
  return { topic: names.failedLines, key: null, value };
};

/** Calls of which some fail, two seconds apart, each line up to 4 s later in its partition than it ended. */
const exchange = fc.record({
  isFailed: fc.boolean(),
  sourceDelay: fc.nat({ max: 2 }),
  arrivalDelay: fc.nat({ max: 2 }),
});

function inOrder(lines: readonly { readonly raw: RawLine; readonly at: number }[]): readonly RawLine[] {
  return [...lines].sort((a, b) => a.at - b.at).map(({ raw }) => raw);
}

function linesOf(exchanges: readonly (typeof exchange extends fc.Arbitrary<infer T> ? T : never)[]) {
  const calls = exchanges.map(({ isFailed, sourceDelay, arrivalDelay }, i) => {
    const call = aCall({
      requestId: `r${i}`,
      traceId: i.toString(16).padStart(32, '0'),
      startAtMs: startAtMs + i * 2 * second,
    });
    return {
      source: { raw: sourceLine(call, isFailed ? line('-', 503) : {}), at: i + sourceDelay },
      arrival: { raw: arrivalLine(call, isFailed ? line('UF', 503, refused) : {}), at: i + arrivalDelay },
    };
  });
  return {
    sources: inOrder(calls.map(({ source }) => source)),
    arrivals: inOrder(calls.map(({ arrival }) => arrival)),
  };
}

function told(partition: RecordedPartition): readonly RequestFault[] {
  return partition.written(names.requestFaults).map(({ value }) => {
    const outcome = decodeRequestFault(Buffer.from(String(value)));
    if (outcome.kind !== 'ok') throw new Error('unreadable request fault');
    return outcome.value;
  });
}

function countedFaults(partition: RecordedPartition): number {
  const records = partition.written(names.partialCounts).map(({ value }) => {
    const outcome = decodeCollectRecord(Buffer.from(String(value)));
    return outcome.kind === 'ok' && outcome.value.kind === 'counts' ? outcome.value.rows : [];
  });
  const counts = records.flat().flatMap((row) => Object.values(row.faultCounts));
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('from lines to failed requests', () => {
  it('each is told once, as its lines together tell it, and counted once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(exchange, { minLength: 1, maxLength: 30 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        fc.array(fc.nat({ max: 6 }), { maxLength: 3 }),
        async (exchanges, picks, failures) => {
          const { sources, arrivals } = linesOf(exchanges);
          const whole = new RequestTable(defaultRequestTableSettings);
          for (const raw of [...sources, ...arrivals]) whole.add(decoded(raw));
          const wanted = whole.closeUntil(Number.POSITIVE_INFINITY);

          const meter = new SummingMeter();
          const texts = (lines: readonly RawLine[]) => lines.map((raw) => JSON.stringify(raw));
          const first = await collect(0, texts(sources), failures, meter);
          const second = await collect(1, texts(arrivals), failures, meter);
          const input = [...interleave(first, second, picks), idleMark(0), idleMark(1)];
          const partition = await correlate(input, meter);

          const byId = (a: RequestFault, b: RequestFault): number => (a.id < b.id ? -1 : 1);
          expect([...told(partition)].sort(byId)).toEqual([...wanted].sort(byId));
          expect(countedFaults(partition)).toBe(wanted.length);
          expect(wanted).toHaveLength(exchanges.filter(({ isFailed }) => isFailed).length);
          expect(meter.total(metrics.correlatedLines)).toBe(2 * wanted.length);
          expect(meter.total(metrics.forwardedLines)).toBe(2 * wanted.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});
