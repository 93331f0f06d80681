// Plays the input of one rule test through the core: alerts and messages come out, in virtual time.
import { dirname, resolve } from 'node:path';
import { readFileBytes, readLineBatches } from '#adapters/file/line-reader.ts';
import { detectSettings, replay } from '#app/replay.ts';
import type { RuleTest, TestInput } from '#config/rule-test.ts';
import type { Settings } from '#config/settings.ts';
import { decodeValue } from '#core/access-log/decode-line.ts';
import { eventAtMs, spanStartAtMs } from '#core/clock/event-time.ts';
import { PipelineRule } from '#core/evaluate/pipeline-rule.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { VerdictObserver } from '#core/evaluate/verdict-observer.ts';
import { DetectState } from '#pipeline/detect-state.ts';
import { NotifyRehearsal } from './notify-rehearsal.ts';
import { lengthOf, seriesRecords, valueAt, valuesOf } from './test-series.ts';

/** What a test runs with. */
export interface TestSurroundings {
  /** The file of the test: paths of its input count from there. */
  readonly file: string;
  readonly settings: Settings;
  readonly rules: readonly AlertRule[];
  readonly observer?: VerdictObserver;
}

/** What came of it. */
export interface PlayedTest {
  /** Where its times count from. */
  readonly startAtMs: number;
  /** By event time. */
  readonly transitions: readonly AlertTransition[];
  readonly rehearsal: NotifyRehearsal;
}

const lineTopic = 'test/lines';
const faultTopic = 'test/failed-lines';
/** What a group may still wait for is told within the longest `group_wait` that people set. */
const lastWaitMs = 3_600_000;

/** Plays it. Deterministic. Throws `AdapterError` where an input file cannot be read. */
export async function playTest(test: RuleTest, around: TestSurroundings): Promise<PlayedTest> {
  const { input } = test;
  const played =
    input.kind === 'series' ? playSeries(input, test.startAtMs ?? 0, around) : await playLines(input, around);
  const transitions = [...played.transitions].sort((a, b) => a.atMs - b.atMs);
  const rehearsal = new NotifyRehearsal(around.settings);
  for (const transition of transitions) rehearsal.take(transition);
  rehearsal.finish(lastWaitMs);
  return { startAtMs: test.startAtMs ?? played.startAtMs, transitions, rehearsal };
}

interface Played {
  readonly startAtMs: number;
  readonly transitions: readonly AlertTransition[];
}

function playSeries(
  input: Extract<TestInput, { kind: 'series' }>,
  startAtMs: number,
  { settings, rules, observer }: TestSurroundings,
): Played {
  const { series, intervalMs, partitions } = input;
  const intervals = lengthOf([...series.flatMap(valuesOf), ...partitions.map((one) => one.behindSeconds)]);
  const parts = { sourceTopics: [lineTopic], rules, faultTopic };
  const state = new DetectState({
    ...detectSettings(settings, parts),
    ...(observer === undefined ? {} : { observer }),
  });
  const transitions: AlertTransition[] = [];
  const feed = { series, startAtMs, intervalMs, intervals, paneMs: settings.paneMs };
  const sources = { lines: ['test', 'lines', 0], faults: ['test', 'failed-lines', 0] } as const;
  for (const record of seriesRecords({ ...feed, ...sources })) transitions.push(...state.take(record).transitions);
  transitions.push(...state.finish().transitions);
  return { startAtMs, transitions: [...transitions, ...watchPartitions(input, { startAtMs, intervals, rules })] };
}

function watchPartitions(
  { partitions, intervalMs }: Extract<TestInput, { kind: 'series' }>,
  { startAtMs, intervals, rules }: { startAtMs: number; intervals: number; rules: readonly AlertRule[] },
): readonly AlertTransition[] {
  const watching = rules.flatMap((rule) =>
    rule.condition.kind === 'pipeline' ? [new PipelineRule(rule, rule.condition.settings)] : [],
  );
  if (partitions.length === 0) return [];
  return Array.from({ length: intervals }).flatMap((_, i) => {
    const nowMs = startAtMs + (i + 1) * intervalMs;
    const sources = partitions.map(({ name, behindSeconds, isIdle }) => {
      const dataCenter = name.split('/', 1)[0] ?? name;
      return { name, dataCenter, streamAtMs: nowMs - valueAt(behindSeconds, i) * 1000, isIdle };
    });
    return watching.flatMap((rule) => rule.judge(sources, nowMs));
  });
}

async function playLines(
  input: Exclude<TestInput, { kind: 'series' }>,
  { file, settings, rules, observer }: TestSurroundings,
): Promise<Played> {
  const open = (): AsyncIterable<Uint8Array> =>
    input.kind === 'lines' ? once(Buffer.from(input.text)) : readFileBytes(resolve(dirname(file), input.path));
  const transitions: AlertTransition[] = [];
  await replay({
    settings,
    rules,
    sources: [{ name: 'test', bytes: open() }],
    onTransition: (transition) => transitions.push(transition),
    ...(observer === undefined ? {} : { observer }),
  });
  return { startAtMs: spanStartAtMs(await firstLineAtMs(open()), settings.windowMs), transitions };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** Event time of the first line that can be read; 0 where none can. */
async function firstLineAtMs(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  for await (const lines of readLineBatches(bytes)) {
    for (const line of lines) {
      for (const { outcome } of decodeValue(line.bytes)) if (outcome.kind === 'ok') return eventAtMs(outcome.value);
    }
  }
  return 0;
}
