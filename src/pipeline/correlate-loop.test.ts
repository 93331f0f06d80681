import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFailedLineRecord } from '#core/correlate/failed-line-wire.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { decodeRequestFault } from '#core/correlate/request-fault-wire.ts';
import { lineEndAtMs } from '#core/correlate/request-line.ts';
import { defaultRequestTableSettings } from '#core/correlate/request-table.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';
import { decodeCollectRecord } from '#core/count/partial-count-wire.ts';
import { silentLogger } from '#ports/logger.ts';
import type { OutputRecord } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { Call, RawLine } from '../../test/support/exchanges.ts';
import { aCall, arrivalLine, decoded, sourceLine } from '../../test/support/exchanges.ts';
import { line, refused } from '../../test/support/fact-lines.ts';
import { RecordedPartition, StandingClock, SummingMeter, toBatch } from '../../test/support/loop-harness.ts';
import type { CorrelateSettings } from './correlate-loop.ts';
import { createCorrelateLoop } from './correlate-loop.ts';
import { topicNames } from './topics.ts';

const names = topicNames('flagwatch');
const second = 1000;
const settings: CorrelateSettings = {
  names,
  table: defaultRequestTableSettings,
  sourceTopics: ['dc1/logs'],
  outputPartitions: 2,
  windowMs: 10 * second,
  idleLeaseMs: 10 * second,
  paneMs: second,
  snapshotIntervalMs: 30 * second,
  commitIntervalMs: 0,
  tickMs: 100,
};
const source = ['dc1', 'logs', 0] as const;
const startAtMs = aCall().startAtMs;

const failed = (raw: RawLine) => encodeFailedLineRecord({ kind: 'line', source, line: decoded(raw) });
/** A watermark so many seconds after the first call's start. */
function watermark(atS: number, changes: { isIdle?: boolean; topic?: string; writtenAtMs?: number } = {}): string {
  const { topic = 'logs', isIdle = false, writtenAtMs = 0 } = changes;
  const watermarkAtMs = startAtMs + atS * second;
  const mark = { partitionCount: 1, streamAtMs: watermarkAtMs + 5 * second, watermarkAtMs, isIdle, writtenAtMs };
  return encodeFailedLineRecord({ kind: 'watermark', source: ['dc1', topic, 0], mark });
}

/** Call number `i`, one a second: the callee’s application is down. */
const callOf = (i: number): Call =>
  aCall({ requestId: `r${i}`, traceId: i.toString(16).padStart(32, '0'), startAtMs: startAtMs + i * second });
const sideOfCaller = (i: number) => failed(sourceLine(callOf(i), line('-', 503)));
const sideOfCallee = (i: number) => failed(arrivalLine(callOf(i), line('UF', 503, refused)));

async function openCorrelate(
  partition = new RecordedPartition({ topic: names.failedLines }),
  changes: Partial<CorrelateSettings> = {},
) {
  const clock = new StandingClock(startAtMs);
  const meter = new SummingMeter();
  const loop = createCorrelateLoop({ ...settings, ...changes }, { logger: silentLogger, meter, clock });
  const { processor, startOffset } = await loop.open(partition);
  return { partition, processor, startOffset, clock, meter };
}

const bytes = (record: OutputRecord) => Buffer.from(String(record.value));
const told = (partition: RecordedPartition): RequestFault[] =>
  partition.written(names.requestFaults).map((record) => {
    const outcome = decodeRequestFault(bytes(record));
    if (outcome.kind !== 'ok') throw new Error('unreadable request fault');
    expect(record.key).toBe(outcome.value.id);
    return outcome.value;
  });
const counted = (partition: RecordedPartition): CollectRecord[] =>
  partition.written(names.partialCounts).map((record) => {
    const outcome = decodeCollectRecord(bytes(record));
    if (outcome.kind !== 'ok') throw new Error('unreadable partial count');
    return outcome.value;
  });
const rowsOf = (partition: RecordedPartition) =>
  counted(partition).flatMap((record) => (record.kind === 'counts' ? record.rows : []));

/** State topic of a partition after its commits. */
function stateOf(partition: RecordedPartition): Map<string, Uint8Array> {
  const state = new Map(partition.state);
  for (const { key, value } of partition.written(names.correlateState)) {
    if (value === null) state.delete(String(key));
    else state.set(String(key), value as Uint8Array);
  }
  return state;
}

describe('correlate', () => {
  it('tells a failed request when the wait is over, and counts it on the edge that broke', async () => {
    const { partition, processor, meter } = await openCorrelate();
    await processor.process(toBatch([sideOfCallee(0), sideOfCaller(0), watermark(5)]));
    expect(told(partition)).toEqual([]);
    await processor.process(toBatch([watermark(6)], 3));
    const [request] = told(partition);
    expect(request).toMatchObject({ requestId: 'r0', fault: 'app_down', evidence: 'both sides', revision: 1 });
    const endAtMs = lineEndAtMs(decoded(sourceLine(callOf(0))));
    expect(rowsOf(partition)).toMatchObject([
      {
        paneStartAtMs: startAtMs,
        edge: { reporter: 'source', data_center: 'dc1', source_service: 'checkout', destination_service: 'payments' },
        requestCount: 0,
        failedCount: 0,
        flagCounts: {},
        faultCounts: { app_down: 1 },
        examples: { app_down: [{ atMs: endAtMs, requestId: 'r0' }] },
      },
    ]);
    expect(meter.total(metrics.requestFaults, { party: 'callee', evidence: 'both sides' })).toBe(1);
    expect(meter.total(metrics.correlatedLines)).toBe(2);
  });

  it('says how far all is told, to every partition, behind the counts and never back', async () => {
    const { partition, processor } = await openCorrelate();
    await processor.process(toBatch([sideOfCaller(0), watermark(7, { writtenAtMs: 42 })]));
    await processor.process(toBatch([watermark(6)], 2));
    const mark = { partitionCount: 1, watermarkAtMs: startAtMs + 2 * second, isIdle: false, writtenAtMs: 42 };
    expect(counted(partition)).toMatchObject([
      { kind: 'counts' },
      { kind: 'watermark', source: ['dc1', names.failedLines, 0], mark },
      { kind: 'watermark', source: ['dc1', names.failedLines, 0], mark },
    ]);
    expect(partition.written(names.partialCounts).map((record) => record.partition)).toEqual([undefined, 0, 1]);
  });

  it('tells everything when all sources are idle, and is as far as the windows then', async () => {
    const { partition, processor, meter } = await openCorrelate();
    await processor.process(toBatch([sideOfCaller(7), sideOfCallee(7), watermark(3), watermark(3, { isIdle: true })]));
    expect(told(partition).map(({ requestId }) => requestId)).toEqual(['r7']);
    expect(counted(partition).at(-1)).toMatchObject({ mark: { watermarkAtMs: startAtMs + 10 * second } });
    expect([meter.total(metrics.heldRequests), meter.total(metrics.waitingRequests)]).toEqual([1, 0]);
    // Traffic comes back: its wait is a whole one again.
    await processor.process(toBatch([sideOfCaller(20), watermark(20), sideOfCallee(20), watermark(26)], 4));
    expect(told(partition)).toMatchObject([{ requestId: 'r7' }, { requestId: 'r20', evidence: 'both sides' }]);
  });

  it('never counts a request behind its own watermark, whatever the order within the lateness', async () => {
    const order = fc.array(fc.record({ call: fc.nat({ max: 30 }), isCallee: fc.boolean() }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(order, fc.constantFrom(0, 1, 5), async (arrivals, batchSize) => {
        const { partition, processor } = await openCorrelate();
        let streamS = 0;
        const input = arrivals.flatMap(({ call, isCallee }) => {
          // What is further back than the lateness is brought to its bound.
          const at = Math.max(call, streamS - 4);
          streamS = Math.max(streamS, at);
          return [isCallee ? sideOfCallee(at) : sideOfCaller(at), watermark(streamS - 5)];
        });
        for (let i = 0; i < input.length; i += batchSize + 1) {
          await processor.process(toBatch(input.slice(i, i + batchSize + 1), i));
        }
        expectInTime(counted(partition));
      }),
      { numRuns: 100 },
    );
  });

  it('corrects what a late line changes: a new revision of the document, and no second count', async () => {
    const { partition, processor, meter } = await openCorrelate();
    await processor.process(toBatch([sideOfCaller(0), watermark(8), sideOfCallee(0), watermark(9)]));
    expect(told(partition)).toMatchObject([
      { revision: 1, fault: 'app_error', evidence: 'source only' },
      { revision: 2, fault: 'app_down', evidence: 'both sides' },
    ]);
    expect(new Set(told(partition).map(({ id }) => id)).size).toBe(1);
    expect(rowsOf(partition).map((row) => row.faultCounts)).toEqual([{ app_error: 1 }]);
    expect(meter.total(metrics.faultCorrections, { kind: 'changed' })).toBe(1);
    expect(meter.total(metrics.unusualLines, { reason: 'late' })).toBe(1);
  });

  it('counts lines that come twice, and what it has no room for', async () => {
    const { processor, meter } = await openCorrelate(undefined, { table: { ...settings.table, maxRequests: 2 } });
    await processor.process(toBatch([0, 0, 1, 2].map(sideOfCaller)));
    expect(meter.total(metrics.unusualLines, { reason: 'repeated' })).toBe(1);
    expect(meter.total(metrics.curtailedRequests, { reason: 'given_up' })).toBe(1);
  });

  it('sets an unreadable record aside, and does not wait for a topic that is no longer read', async () => {
    const { partition, processor } = await openCorrelate();
    await processor.process(toBatch(['{"v":9}', watermark(-100, { topic: 'old' }), sideOfCaller(0), watermark(6)]));
    expect(JSON.parse(String(partition.written(names.deadLetters)[0]?.value))).toMatchObject({
      reason: 'unreadable_internal_record',
      loop: 'correlate',
    });
    expect(told(partition)).toHaveLength(1);
  });

  it('whatever the moments of crashes: the same outputs, each once', async () => {
    const input = Array.from({ length: 16 }, (_, i) => [
      sideOfCaller(i),
      ...(i % 3 === 0 ? [] : [sideOfCallee(i)]),
      watermark(i - 1),
      ...(i % 3 === 0 && i >= 9 ? [sideOfCallee(i - 9)] : []),
    ]).flat();
    input.push(watermark(40));
    const whole = await openCorrelate();
    await whole.processor.process(toBatch(input));
    const wanted = told(whole.partition);
    expect(wanted.filter(({ revision }) => revision === 1)).toHaveLength(16);
    expect(wanted.filter(({ revision }) => revision === 2).length).toBeGreaterThan(1);
    const total = (partition: RecordedPartition) =>
      rowsOf(partition).reduce((sum, row) => sum + Object.values(row.faultCounts).reduce((a, b) => a + b, 0), 0);
    const life = fc.record({
      batches: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }),
      failsAtCommit: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 8 }), fc.constantFrom(0, 30 * second), async (lives, interval) => {
        const all = new RecordedPartition({ topic: names.failedLines });
        const last = { batches: input.map(() => 9), failsAtCommit: false };
        for (const one of [...lives, last]) await live(all, input, one, interval);
        expect(told(all)).toEqual(wanted);
        expect(total(all)).toBe(16);
      }),
      { numRuns: 100 },
    );
  });
});

/** Every count is in a pane that the marks before it have left open. */
function expectInTime(records: readonly CollectRecord[]): void {
  let toldUntilMs = Number.NEGATIVE_INFINITY;
  for (const record of records) {
    if (record.kind === 'watermark') toldUntilMs = record.mark.watermarkAtMs ?? toldUntilMs;
    else for (const row of record.rows) expect(row.paneStartAtMs + second).toBeGreaterThan(toldUntilMs);
  }
}

/** One life of a process that goes on from all commits so far and then crashes: nothing is drained. */
async function live(
  all: RecordedPartition,
  input: readonly string[],
  life: { readonly batches: readonly number[]; readonly failsAtCommit: boolean },
  snapshotIntervalMs: number,
): Promise<void> {
  const committedOffset = all.commits.at(-1)?.nextOffset ?? null;
  const partition = new RecordedPartition({ topic: names.failedLines, committedOffset, state: stateOf(all) });
  const { processor, startOffset } = await openCorrelate(partition, { snapshotIntervalMs });
  let offset = startOffset === 'earliest' ? 0 : startOffset;
  for (const [i, size] of life.batches.entries()) {
    partition.failNext = life.failsAtCommit && i === life.batches.length - 1;
    const values = input.slice(offset, offset + size);
    const isDone = await processor.process(toBatch(values, offset)).then(
      () => true,
      () => false,
    );
    if (!isDone) break;
    offset += values.length;
  }
  all.commits.push(...partition.commits);
}
