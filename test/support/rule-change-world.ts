// A partition of detect whose rules change while it runs: sets of rules by name, windows with and without failures, lives and crashes.
import { localTimeOf } from '#core/clock/local-time.ts';
import { encodeCollectRecord } from '#core/count/partial-count-wire.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { decodeTransition } from '#core/evaluate/transition-wire.ts';
import { createDetectLoop } from '#pipeline/detect-loop.ts';
import type { DetectSettings } from '#pipeline/detect-partition.ts';
import { topicNames } from '#pipeline/topics.ts';
import type { DetectView } from '#ports/detect-board.ts';
import { silentLogger } from '#ports/logger.ts';
import type { StreamRecord } from '#ports/record-stream.ts';
import { anAlertRule, aPartialCount } from './builders.ts';
import { RecordedPartition, StandingClock, SummingMeter } from './loop-harness.ts';
import { NamedRules } from './rule-sets.ts';

/** The topics. */
export const names = topicNames('flagwatch');
const spike = anAlertRule({ keepFiringForMs: 20_000, labels: { severity: 'critical' } });
const other: AlertRule = { ...spike, alert: 'Other', by: ['destination_service', 'destination_version'] };
const stalled: AlertRule = {
  ...spike,
  alert: 'Stalled',
  condition: { kind: 'pipeline', settings: { watch: 'stalled', aboveMs: 60_000 } },
};
/** The sets that tests go through. */
export const sets = {
  one: [spike],
  relabelled: [{ ...spike, labels: { severity: 'warning' }, annotations: { summary: 'x' } }],
  two: [spike, other],
  none: [],
  shadow: [{ ...spike, isShadow: true }],
  watched: [spike, stalled],
};
/** Their names. */
export type SetName = keyof typeof sets;
const settings: DetectSettings = {
  names,
  rules: [],
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
/** The one source partition. */
export const source = ['dc1', 'logs', 0] as const;

/** A record of the input. */
interface Input {
  readonly key: string | null;
  readonly value: string;
}
/** A record without a key. */
export const plain = (value: string): Input => ({ key: null, value });

/** A window of 50 requests, 30 of them with UC where it is broken, and the mark behind it. */
export function aWindow(i: number, isBroken: boolean): Input[] {
  const paneStartAtMs = i * 10_000;
  const row = aPartialCount({ paneStartAtMs, requestCount: 50, flagCounts: isBroken ? { UC: 30 } : {} });
  const watermarkAtMs = paneStartAtMs + 10_000;
  const mark = { partitionCount: 1, streamAtMs: watermarkAtMs + 5000, watermarkAtMs, isIdle: false, writtenAtMs: 0 };
  return [
    plain(encodeCollectRecord({ kind: 'counts', source, rows: [row] })),
    plain(encodeCollectRecord({ kind: 'watermark', source, mark })),
  ];
}

/** Windows in order, broken ones where `broken` says, and sets that take over `at` a window, announced two windows before. */
export function anInput(
  windows: number,
  broken: readonly number[],
  changes: readonly (readonly [SetName, number])[] = [],
) {
  const rules = new NamedRules(sets, 'one');
  return Array.from({ length: windows }, (_, i) => {
    const announced = changes.filter(([, at]) => Math.max(0, at - 2) === i);
    return [...announced.map(([name, at]) => rules.record(name, at * 10_000)), ...aWindow(i, broken.includes(i))];
  }).flat();
}

/** Records as a batch that begins at `firstOffset`. */
export function batch(input: readonly Input[], firstOffset: number) {
  const records: StreamRecord[] = input.map(({ key, value }, i) => ({
    offset: firstOffset + i,
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(value),
  }));
  return { records, nextOffset: firstOffset + input.length, behind: 0 };
}

/** A partition of detect with these rules, opened. */
export async function openDetect(
  ruleSource: NamedRules,
  partition = new RecordedPartition({ topic: names.partialCounts }),
  ms = 0,
) {
  const clock = new StandingClock(1_000_000);
  const meter = new SummingMeter();
  const shown: DetectView[] = [];
  const board = { show: (view: DetectView) => shown.push(view), remove: () => undefined };
  const deps = { logger: silentLogger, meter, clock, ruleSource, board };
  const loop = createDetectLoop({ ...settings, snapshotIntervalMs: ms }, deps);
  const { processor, startOffset } = await loop.open(partition);
  return { partition, processor, startOffset, clock, meter, shown };
}

/** Every transition that was handed over. */
export function transitionsOf(partition: RecordedPartition) {
  return partition.written(names.alerts).map(({ value }) => {
    const outcome = decodeTransition(Buffer.from(String(value)));
    if (outcome.kind !== 'ok') throw new Error('unreadable transition');
    return outcome.value;
  });
}
/** Their essence. */
export const told = (partition: RecordedPartition) =>
  transitionsOf(partition).map(({ alert, status, atMs, isShadow }) => [alert, status, atMs, isShadow]);

/** Runs the input in one batch. */
export async function runDetect(input: readonly Input[], ruleSource = new NamedRules(sets, 'one')) {
  const opened = await openDetect(ruleSource);
  await opened.processor.process(batch(input, 0));
  return opened;
}

/** State topic of a partition after its commits. */
export function stateOf(partition: RecordedPartition): Map<string, Uint8Array> {
  const state = new Map(partition.state);
  for (const { key, value } of partition.written(names.detectState)) {
    if (value === null) state.delete(String(key));
    else state.set(String(key), value as Uint8Array);
  }
  return state;
}

/** One life of a process: what it gets in each batch, how it ends, and the set that its files hold. */
export interface ProcessLife {
  readonly batches: readonly number[];
  readonly failsAtCommit: boolean;
  readonly files: SetName;
}

/** Lives one life that goes on from all commits so far and then crashes: nothing is drained. */
export async function liveOn(all: RecordedPartition, input: readonly Input[], life: ProcessLife, ms: number) {
  const isFirst = all.commits.length === 0;
  const committedOffset = all.commits.at(-1)?.nextOffset ?? null;
  const partition = new RecordedPartition({ topic: names.partialCounts, committedOffset, state: stateOf(all) });
  // Who begins without a snapshot begins with its files.
  const opened = await openDetect(new NamedRules(sets, isFirst ? 'one' : life.files), partition, ms);
  let offset = opened.startOffset === 'earliest' ? 0 : opened.startOffset;
  for (const [i, size] of life.batches.entries()) {
    partition.failNext = life.failsAtCommit && i === life.batches.length - 1;
    const values = input.slice(offset, offset + size);
    await opened.processor.process(batch(values, offset)).catch(() => undefined);
    offset += values.length;
  }
  all.commits.push(...partition.commits);
}
