import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { PartialCount } from '#core/count/count-row.ts';
import { encodeCollectRecord } from '#core/count/partial-count-wire.ts';
import { decodeWindowCounts } from '#core/count/window-count-wire.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { decodeTransition } from '#core/evaluate/transition-wire.ts';
import { silentLogger } from '#ports/logger.ts';
import type { OutputRecord } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { anEdge, aPartialCount } from '../../test/support/builders.ts';
import { RecordedPartition, StandingClock, SummingMeter, toBatch } from '../../test/support/loop-harness.ts';
import { createDetectLoop } from './detect-loop.ts';
import type { DetectSettings } from './detect-partition.ts';
import { topicNames } from './topics.ts';

const names = topicNames('flagwatch');
const rule: AlertRule = {
  alert: 'UC',
  group: 'flags',
  origin: 'rules/uc.yaml:4',
  select: { counted: 'flags', faults: [], flags: ['UC'], matchers: [] },
  by: ['source_service', 'destination_service', 'destination_version'],
  condition: {
    kind: 'spike',
    settings: { z: 6, minCount: 5, minRatio: 0.05, baselineWindows: 60, minBaselineWindows: 10 },
  },
  isShadow: false,
  forMs: 0,
  keepFiringForMs: 20_000,
  labels: { severity: 'critical' },
  annotations: { summary: 'UC at {{ $labels.destination_service }}' },
};
const settings: DetectSettings = {
  names,
  rules: [rule],
  sourceTopics: ['dc1/logs'],
  windowMs: 10_000,
  paneMs: 1_000,
  idleLeaseMs: 10_000,

  faultTopic: null,
  maxEdges: 100,
  maxSeries: 100,
  localTime: localTimeOf('UTC'),
  maxGapWindows: 60,
  snapshotIntervalMs: 30_000,
  commitIntervalMs: 1000,
  tickMs: 100,
};
const source = ['dc1', 'logs', 0] as const;

const counts = (...rows: PartialCount[]): string => encodeCollectRecord({ kind: 'counts', source, rows });
function watermark(atMs: number, changes: { isIdle?: boolean } = {}): string {
  const mark = {
    partitionCount: 1,
    streamAtMs: atMs + 5000,
    watermarkAtMs: atMs,
    isIdle: false,
    writtenAtMs: 0,
    ...changes,
  };
  return encodeCollectRecord({ kind: 'watermark', source, mark });
}

/** Windows of 50 requests, `failures` of the windows in the middle with 30 UC each, as records of the input topic. */
function anIncident(options: { quiet: number; failures: number; calm: number }): string[] {
  const records: string[] = [];
  for (let i = 0; i < options.quiet + options.failures + options.calm; i += 1) {
    const isBroken = i >= options.quiet && i < options.quiet + options.failures;
    const paneStartAtMs = i * 10_000;
    const flagCounts = isBroken ? { UC: 30 } : {};
    const examples = isBroken ? { UC: [{ atMs: paneStartAtMs, requestId: `request-${i}` }] } : {};
    records.push(
      counts(aPartialCount({ paneStartAtMs, requestCount: 50, flagCounts, examples })),
      watermark(paneStartAtMs + 10_000),
    );
  }
  return records;
}

async function openDetect(
  partition = new RecordedPartition({ topic: names.partialCounts }),
  changes: Partial<DetectSettings> = {},
) {
  const clock = new StandingClock(1_000_000);
  const meter = new SummingMeter();
  const loop = createDetectLoop({ ...settings, ...changes }, { logger: silentLogger, meter, clock });
  const { processor, startOffset } = await loop.open(partition);
  return { partition, processor, startOffset, clock, meter };
}

const bytes = (record: OutputRecord) => Buffer.from(String(record.value));
const windowsOf = (partition: RecordedPartition) =>
  partition.written(names.windows).flatMap((record) => {
    const outcome = decodeWindowCounts(bytes(record));
    return outcome.kind === 'ok' ? outcome.value : [];
  });
const transitionsOf = (partition: RecordedPartition) =>
  partition.written(names.alerts).map((record) => {
    const outcome = decodeTransition(bytes(record));
    if (outcome.kind !== 'ok') throw new Error('unreadable transition');
    return outcome.value;
  });

/** State topic of a partition after its commits. */
function stateOf(partition: RecordedPartition): Map<string, Uint8Array> {
  const state = new Map(partition.state);
  for (const { key, value } of partition.written(names.detectState)) {
    if (value === null) state.delete(String(key));
    else state.set(String(key), value as Uint8Array);
  }
  return state;
}

/** One life of a process that goes on from all commits so far and then crashes: nothing is drained. */
async function live(
  all: RecordedPartition,
  input: readonly string[],
  life: { readonly batches: readonly number[]; readonly failsAtCommit: boolean },
  snapshotIntervalMs: number,
): Promise<void> {
  const committedOffset = all.commits.at(-1)?.nextOffset ?? null;
  const partition = new RecordedPartition({ topic: names.partialCounts, committedOffset, state: stateOf(all) });
  const { processor, startOffset } = await openDetect(partition, { snapshotIntervalMs });
  let offset = startOffset === 'earliest' ? 0 : startOffset;
  for (const [i, size] of life.batches.entries()) {
    partition.failNext = life.failsAtCommit && i === life.batches.length - 1;
    const values = input.slice(offset, offset + size);
    await processor.process(toBatch(values, offset)).catch(() => undefined);
    offset += values.length;
  }
  all.commits.push(...partition.commits);
}

describe('detect', () => {
  it('closes windows by watermark and hands them over keyed by destination service', async () => {
    const { partition, processor, meter } = await openDetect();
    const late = aPartialCount({ paneStartAtMs: 3000, requestCount: 4 });
    await processor.process(toBatch([counts(aPartialCount({ requestCount: 2 })), watermark(10_000), counts(late)]));
    expect(windowsOf(partition)).toMatchObject([{ windowStartAtMs: 0, windowEndAtMs: 10_000, requestCount: 2 }]);
    expect(partition.written(names.windows).map((record) => record.key)).toEqual(['payments']);
    expect(meter.total(metrics.countedLines)).toBe(2);
    expect(meter.total(metrics.lateLines)).toBe(4);
    // Once a window closes, or when nothing comes any more, what was late is an addition to its own window.
    await processor.process(toBatch([counts(late), watermark(20_000)], 3));
    const [, addition] = windowsOf(partition);
    expect(addition).toMatchObject({ windowStartAtMs: 0, windowEndAtMs: 10_000, requestCount: 8, late: '0/4' });
    expect(meter.total(metrics.amendedWindowRows)).toBe(1);
  });

  it('fires one alert for an incident and resolves it', async () => {
    const { partition, processor } = await openDetect();
    await processor.process(toBatch(anIncident({ quiet: 30, failures: 6, calm: 12 })));
    const steps = transitionsOf(partition);
    expect(steps.map((step) => step.status)).toEqual(['firing', 'resolved']);
    expect(steps[0]).toMatchObject({
      alert: 'UC',
      atMs: 301_000,
      labels: { destination_service: 'payments', destination_version: 'v1', severity: 'critical' },
      verdict: { value: 30, requestCount: 50 },
      examples: [{ requestId: 'request-30' }],
    });
    expect(partition.written(names.alerts).map((record) => record.key)).toEqual(steps.map((step) => step.fingerprint));
  });

  it('writes a snapshot with the first hand-over, and then now and then', async () => {
    const { partition, processor, clock } = await openDetect();
    await processor.process(toBatch([counts(aPartialCount()), watermark(10_000)]));
    await processor.process(toBatch([counts(aPartialCount({ paneStartAtMs: 10_000 })), watermark(20_000)], 2));
    expect(partition.written(names.detectState)).toHaveLength(1);
    clock.atMs += 30_000;
    await processor.process(toBatch([counts(aPartialCount({ paneStartAtMs: 20_000 })), watermark(30_000)], 4));
    expect(partition.written(names.detectState)).toHaveLength(2);
  });

  it('hands over offsets without outputs too, after a while', async () => {
    const { partition, processor, clock } = await openDetect();
    await processor.process(toBatch([counts(aPartialCount())]));
    expect(partition.commits).toEqual([]);
    clock.atMs += 1000;
    await processor.tick(clock.atMs);
    expect(partition.commits.map((commit) => commit.nextOffset)).toEqual([1]);
  });

  it('sets an unreadable record aside and goes on', async () => {
    const { partition, processor } = await openDetect();
    await processor.process(toBatch(['{"v":9}', counts(aPartialCount()), watermark(10_000)]));
    expect(JSON.parse(String(partition.written(names.deadLetters)[0]?.value))).toMatchObject({
      reason: 'unreadable_internal_record',
      loop: 'detect',
    });
    expect(windowsOf(partition)).toHaveLength(1);
  });

  it('learns anew when the window was changed, from the committed offset', async () => {
    const first = await openDetect();
    await first.processor.process(toBatch(anIncident({ quiet: 3, failures: 0, calm: 0 })));
    const partition = new RecordedPartition({ committedOffset: 6, state: stateOf(first.partition) });
    expect((await openDetect(partition)).startOffset).toBe(6);
    expect((await openDetect(partition, { windowMs: 20_000 })).startOffset).toBe(6);
  });

  it('whatever the moments of crashes: the same outputs, each once', async () => {
    const input = anIncident({ quiet: 15, failures: 4, calm: 8 });
    const whole = await openDetect();
    await whole.processor.process(toBatch(input));
    const wanted = [windowsOf(whole.partition), transitionsOf(whole.partition)];
    expect(wanted[1]).toHaveLength(2);
    const life = fc.record({
      batches: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }),
      failsAtCommit: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { maxLength: 8 }),
        fc.constantFrom(0, 30_000),
        async (lives, snapshotIntervalMs) => {
          const all = new RecordedPartition({ topic: names.partialCounts });
          const last = { batches: input.map(() => 9), failsAtCommit: false };
          for (const one of [...lives, last]) await live(all, input, one, snapshotIntervalMs);
          expect([windowsOf(all), transitionsOf(all)]).toEqual(wanted);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('ends the alerts of a rule that is gone, also when the snapshot is older than the committed offset', async () => {
    const input = anIncident({ quiet: 15, failures: 6, calm: 0 });
    const first = await openDetect(undefined, { snapshotIntervalMs: 0 });
    await first.processor.process(toBatch(input.slice(0, 34)));
    const state = stateOf(first.partition);
    expect(transitionsOf(first.partition).map((step) => step.status)).toEqual(['firing']);
    // What came behind the snapshot was handed over by an owner that died then.
    const partition = new RecordedPartition({ topic: names.partialCounts, committedOffset: 38, state });
    const second = await openDetect(partition, { rules: [] });
    expect(second.startOffset).toBe(34);
    await second.processor.process(toBatch(input.slice(34), 34));
    expect(transitionsOf(partition).map((step) => [step.status, step.verdict.reason])).toEqual([
      ['resolved', 'rule removed'],
    ]);
  });

  it('tells versions apart', async () => {
    const { partition, processor } = await openDetect();
    const quiet = anIncident({ quiet: 20, failures: 0, calm: 0 });
    const newVersion = aPartialCount({
      paneStartAtMs: 200_000,
      edge: anEdge({ destination_version: 'v2' }),
      requestCount: 12,
      flagCounts: { UC: 9 },
    });
    await processor.process(
      toBatch([
        ...quiet,
        counts(aPartialCount({ paneStartAtMs: 200_000, requestCount: 40 }), newVersion),
        watermark(210_000),
      ]),
    );
    expect(transitionsOf(partition).map((step) => step.labels['destination_version'])).toEqual(['v2']);
  });
});
