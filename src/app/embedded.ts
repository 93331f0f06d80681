// The pipeline without Kafka: the same loops, joined by topics in memory, documents in SQLite. Used by `flagwatch run` without `kafka` and
// by the demo.
import { type Line, readFileBytes, readLineBatches, readStreamBytes } from '#adapters/file/line-reader.ts';
import type { MemoryBroker } from '#adapters/memory/memory-broker.ts';
import type { PrometheusMeter } from '#adapters/prometheus/meter.ts';
import { toAccessLogTopics } from '#config/access-log-settings.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { encodeDeadLetter } from '#pipeline/dead-letter.ts';
import { createKeepLoop } from '#pipeline/keep-loop.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import { type TopicNames, topicNames, topicSpecs } from '#pipeline/topics.ts';
import type { DetectBoard } from '#ports/detect-board.ts';
import type { DocumentStore } from '#ports/document-store.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import { metrics } from '#telemetry/metrics.ts';
import type { Messengers } from './connections.ts';
import { createEmbeddedBroker, embeddedCluster } from './embedded-broker.ts';
import { createLoop, loopNames } from './loops.ts';
import { configuredMasker } from './masker.ts';

/** What an embedded pipeline is made of. */
export interface EmbeddedParts {
  readonly settings: Settings;
  readonly rules: readonly AlertRule[];
  /** Rules that may change while they run. */
  readonly ruleSource?: RuleSource;
  /** Where detect shows what it holds. */
  readonly board?: DetectBoard;
  /** The topics, where something else writes into them too. */
  readonly broker?: MemoryBroker;
  /** Sources of lines by name: each is a topic of its own, so that a line's origin is its file and its number. */
  readonly sources: readonly string[];
  readonly deps: LoopDeps & { readonly meter: PrometheusMeter };
  readonly store: DocumentStore;
  readonly messengers: Messengers;
}

/** A running embedded pipeline. */
export interface EmbeddedPipeline {
  /** Appends lines of a source; waits while the loops are behind. */
  feed(source: string, lines: readonly (Line | string)[]): Promise<void>;
  /** Resolves when all that was fed is counted, judged, stored and told: the end of a finite input. */
  settled(): Promise<void>;
  /** Rejects when a loop ended by a bug. */
  readonly running: Promise<unknown>;
}

/** Records between loops that wait in memory at most. */
const partitions = 1;

/** Starts all loops; they stop when `signal` is aborted. */
export async function openEmbedded(parts: EmbeddedParts, signal: AbortSignal): Promise<EmbeddedPipeline> {
  const { settings, rules, deps, store, sources } = parts;
  const names = topicNames(settings.topics.prefix);
  const broker = parts.broker ?? createEmbeddedBroker(deps);
  const [first] = topicSpecs(names, { partitions, replicationFactor: 1 });
  if (first === undefined) throw new Error('there are no topics');
  await broker.ensure([
    ...topicSpecs(names, { partitions, replicationFactor: 1 }),
    ...sources.map((name) => ({ ...first, name })),
  ]);
  await store.setup();
  const loopParts = {
    settings,
    rules,
    ...(parts.ruleSource === undefined ? {} : { ruleSource: parts.ruleSource }),
    ...(parts.board === undefined ? {} : { board: parts.board }),
    names,
    clusterName: embeddedCluster,
    accessLogTopics: toAccessLogTopics(sources),
    isFinite: true,
    outputPartitions: partitions,
    failedLinePartitions: partitions,
    deps,
    store: () => store,
    storeName: 'sqlite' as const,
    messengers: () => parts.messengers,
  };
  const loops = loopNames.map((name) => createLoop(name, loopParts));
  const keep = createKeepLoop(
    {
      topic: names.deadLetters,
      indexPrefix: settings.index.indexPrefix,
      masker: configuredMasker(settings),
      tickMs: settings.tickIntervalMs,
    },
    { ...deps, store },
  );
  const running = Promise.all([...loops, keep].map((loop) => broker.consume(loop, signal)));
  const feeder = new Feeder(broker, names, deps);
  return {
    running,
    feed: (source, lines) => feeder.feed(source, lines, signal),
    settled: () => feeder.settled(signal),
  };
}

/** How often the figures are looked at when the end of the input is near. */
const pollMs = 50;

class Feeder {
  readonly #broker: MemoryBroker;
  readonly #names: TopicNames;
  readonly #deps: EmbeddedParts['deps'];
  readonly #numbers = new Map<string, number>();
  /** Lines given to collect. */
  #fedLines = 0;

  constructor(broker: MemoryBroker, names: TopicNames, deps: EmbeddedParts['deps']) {
    this.#broker = broker;
    this.#names = names;
    this.#deps = deps;
  }

  async feed(source: string, lines: readonly (Line | string)[], signal: AbortSignal): Promise<void> {
    const records = lines.map((line) => this.#toRecord(source, line));
    this.#fedLines += records.filter(({ topic }) => topic === source).length;
    await this.#broker.appendBatch(records, signal);
  }

  #toRecord(source: string, line: Line | string) {
    const number = this.#numbers.get(source) ?? 0;
    this.#numbers.set(source, number + 1);
    if (typeof line === 'string') return { topic: source, key: null, value: line };
    const { bytes, totalBytes, sha256 } = line;
    if (sha256 === null) return { topic: source, key: null, value: bytes };
    // No record can hold it: what is kept of it goes to the dead letters at once.
    this.#deps.meter.add(metrics.lines, 1, { topic: source, outcome: 'dead_lettered' });
    this.#deps.meter.add(metrics.deadLetters, 1, { loop: 'collect', reason: 'too_long' });
    return encodeDeadLetter(this.#names.deadLetters, {
      origin: { cluster: embeddedCluster, topic: source, partition: 0 },
      offset: number,
      loop: 'collect',
      reason: 'too_long',
      detail: `the line has ${totalBytes} bytes`,
      value: bytes,
      whole: { totalBytes, sha256 },
    });
  }

  async settled(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !(await this.#isSettled())) await this.#deps.clock.sleep(pollMs, signal);
  }

  async #isSettled(): Promise<boolean> {
    const { meter } = this.#deps;
    const total = (metric: (typeof metrics)[keyof typeof metrics], labels = {}) => meter.total(metric, labels);
    const counted = await total(metrics.lines, { outcome: 'counted' });
    const letters = await total(metrics.deadLetters, { loop: 'collect' });
    const oversized = await total(metrics.deadLetters, { reason: 'too_long' });
    const taken = counted + (await total(metrics.lines, { outcome: 'skipped' })) + letters - oversized;
    if (taken < this.#fedLines) return false;
    if ((await total(metrics.countedLines)) + (await total(metrics.lateLines)) < counted) return false;
    if (!(await this.#isCorrelated())) return false;
    if ((await total(metrics.openWindows)) > 0) return false;
    const stored = await total(metrics.documents, { kind: 'lines' });
    return stored >= counted && (await total(metrics.messages)) >= (await total(metrics.transitions));
  }

  /** Whether every failed line was taken, every request told, and what was told is stored. */
  async #isCorrelated(): Promise<boolean> {
    const { meter } = this.#deps;
    if ((await meter.total(metrics.correlatedLines)) < (await meter.total(metrics.forwardedLines))) return false;
    if ((await meter.total(metrics.waitingRequests)) > 0) return false;
    const told = (await meter.total(metrics.requestFaults)) + (await meter.total(metrics.faultCorrections));
    return (await meter.total(metrics.documents, { kind: 'requests' })) >= told;
  }
}

/** Reads files, or standard input, to their ends. */
export async function feedFiles(
  pipeline: EmbeddedPipeline,
  files: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const feed = async (name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const lines of readLineBatches(bytes)) {
      if (signal.aborted) return;
      await pipeline.feed(name, lines);
    }
  };
  if (files.length === 0) return await feed('stdin', readStreamBytes(stdin, 'standard input', signal));
  await Promise.all(files.map((name) => feed(name, readFileBytes(name, signal))));
}
