// The loops of the pipeline, joined in memory and driven by a clock that the benchmark moves: for what only the live pipeline can show,
// input that stops. Collect, correlate and detect are made as `run` makes them.

import { createLoop } from '#app/loops.ts';
import { toAccessLogTopics } from '#config/access-log-settings.ts';
import { defaultSettings } from '#config/load-settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { decodeTransition } from '#core/evaluate/transition-wire.ts';
import { topicNames } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { OutputRecord, PartitionProcessor, StreamRecord } from '#ports/record-stream.ts';
import { StandingClock } from '../../support/loop-harness.ts';

/** What a pipeline is made of. */
export interface LivePipelineSettings {
  readonly rules: readonly AlertRule[];
  readonly partitionCount: number;
  readonly startAtMs: number;
  readonly onTransition: (transition: AlertTransition) => void;
}

const noMeter: Meter = { add: () => undefined, set: () => undefined, observe: () => undefined };
const clusterName = 'dc1';
const accessLogTopic = 'access-logs';
const names = topicNames('flagwatch');

/** A loop's work on one partition, with the offset that comes next. */
interface Lane {
  readonly processor: PartitionProcessor;
  nextOffset: number;
}

/** Records on their way from one loop to the next, by topic. */
class WaitingRecords {
  readonly #byTopic = new Map<string, OutputRecord[]>();

  add(records: readonly OutputRecord[]): void {
    for (const record of records) {
      const waiting = this.#byTopic.get(record.topic);
      if (waiting === undefined) this.#byTopic.set(record.topic, [record]);
      else waiting.push(record);
    }
  }

  take(topic: string): readonly Uint8Array[] {
    const records = this.#byTopic.get(topic) ?? [];
    this.#byTopic.delete(topic);
    return records.map(({ value }) => Buffer.from(value ?? ''));
  }
}

interface Lanes {
  readonly collect: readonly Lane[];
  readonly correlate: Lane;
  readonly detect: Lane;
}

/** One process with all partitions; each topic between the loops has one. */
export class LivePipeline {
  readonly #clock: StandingClock;
  readonly #waiting: WaitingRecords;
  readonly #lanes: Lanes;
  readonly #onTransition: LivePipelineSettings['onTransition'];

  private constructor(
    clock: StandingClock,
    waiting: WaitingRecords,
    lanes: Lanes,
    onTransition: LivePipelineSettings['onTransition'],
  ) {
    this.#clock = clock;
    this.#waiting = waiting;
    this.#lanes = lanes;
    this.#onTransition = onTransition;
  }

  static async open(settings: LivePipelineSettings): Promise<LivePipeline> {
    const clock = new StandingClock(settings.startAtMs);
    const waiting = new WaitingRecords();
    const lanes = await openLanes(settings, clock, waiting);
    return new LivePipeline(clock, waiting, lanes, settings.onTransition);
  }

  /**
   * Moves the clock to `nowMs` and lets every loop do what is due. `arrived` holds each partition's new lines; `null` for a partition
   * whose reader does not run.
   */
  async advance(nowMs: number, arrived: readonly (readonly Uint8Array[] | null)[]): Promise<void> {
    this.#clock.atMs = nowMs;
    for (const [partition, lines] of arrived.entries()) {
      const lane = this.#lanes.collect[partition];
      if (lane !== undefined && lines !== null) await feed(lane, lines, nowMs);
    }
    await feed(this.#lanes.correlate, this.#waiting.take(names.failedLines), nowMs);
    await feed(this.#lanes.detect, this.#waiting.take(names.partialCounts), nowMs);
    for (const value of this.#waiting.take(names.alerts)) {
      const outcome = decodeTransition(value);
      if (outcome.kind === 'ok') this.#onTransition(outcome.value);
    }
  }
}

async function openLanes(
  { rules, partitionCount }: LivePipelineSettings,
  clock: StandingClock,
  waiting: WaitingRecords,
): Promise<Lanes> {
  const parts = {
    settings: defaultSettings(),
    rules,
    names,
    clusterName,
    accessLogTopics: toAccessLogTopics([accessLogTopic]),
    outputPartitions: 1,
    failedLinePartitions: 1,
    deps: { logger: silentLogger, meter: noMeter, clock },
    store: () => unused('writes documents'),
    storeName: 'sqlite' as const,
    messengers: () => unused('sends messages'),
  };
  const open = async (loop: 'collect' | 'correlate' | 'detect', topic: string, partition: number): Promise<Lane> => {
    const { processor } = await createLoop(loop, parts).open({
      origin: { cluster: clusterName, topic, partition },
      partitionCount: loop === 'collect' ? partitionCount : 1,
      handOver: { commit: ({ records }) => Promise.resolve(waiting.add(records)) },
      committedOffset: null,
      state: new Map(),
      isAtEnd: () => Promise.resolve(true),
      signal: new AbortController().signal,
    });
    return { processor, nextOffset: 0 };
  };
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
  return {
    collect: await Promise.all(partitions.map((partition) => open('collect', accessLogTopic, partition))),
    correlate: await open('correlate', names.failedLines, 0),
    detect: await open('detect', names.partialCounts, 0),
  };
}

function unused(what: string): never {
  throw new Error(`no loop of the benchmark ${what}`);
}

async function feed(lane: Lane, values: readonly Uint8Array[], nowMs: number): Promise<void> {
  if (values.length > 0) {
    const records: StreamRecord[] = values.map((value, i) => ({ offset: lane.nextOffset + i, key: null, value }));
    lane.nextOffset += values.length;
    await lane.processor.process({ records, nextOffset: lane.nextOffset, behind: 0 });
  }
  await lane.processor.tick(nowMs);
}
