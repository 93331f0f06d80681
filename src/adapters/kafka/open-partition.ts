// Takes a partition over: fences the old owner, reads the state and the committed offset behind the fence, and lets the loop
// make its processor. The order is what makes a takeover safe: what is read before the fence may be overtaken by the old owner.
import type { Kafka } from 'kafkajs';
import { AdapterError } from '#ports/adapter-error.ts';
import type { Meter } from '#ports/meter.ts';
import type { ConsumeOptions, HandOver, OpenedPartition, PartitionProcessor } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { type ClusterClient, createClusterClient, nameOf, type PartitionName } from './cluster-client.ts';
import type { KafkaDeps, KafkaStreamSettings } from './kafka-settings.ts';
import { PartitionReader } from './partition-reader.ts';
import { readState } from './read-state.ts';
import { createTransactionalWriter, type TransactionalWriter } from './transactional-writer.ts';
import { settle } from './within.ts';

/** What all partitions of one `consume` share. */
export interface LoopContext {
  readonly kafka: Kafka;
  readonly settings: KafkaStreamSettings;
  readonly deps: KafkaDeps;
  readonly options: ConsumeOptions;
  readonly groupId: string;
  /** Most bytes of one fetch now. */
  readonly fetchBytes: () => number;
  /** Connections that are closing: a fenced or lost owner's do not hold up the next one, but the end waits for them. */
  readonly closings: { add(closing: Promise<void>): void };
}

/** A partition that is open. */
export interface OpenPartitionParts {
  readonly reader: PartitionReader;
  readonly processor: PartitionProcessor;
  /** The first commit that failed; after it nothing more of this partition may be committed. */
  readonly failedCommit: () => unknown;
  close(): Promise<void>;
}

/** Opens `of`. `signal` ends it: it is aborted when the partition is lost. Throws `AdapterError`, or what `open` throws. */
export async function openPartition(
  context: LoopContext,
  of: PartitionName,
  signal: AbortSignal,
): Promise<OpenPartitionParts> {
  const { kafka, settings, deps, options, groupId } = context;
  const client = createClusterClient(kafka, settings);
  const transactionalId = `${groupId}.${settings.clusterName}.${of.topic}.${of.partition}`;
  const writer = createTransactionalWriter(kafka, { groupId, transactionalId, input: of }, settings, deps.clock);
  let reader: PartitionReader | null = null;
  const close = (): Promise<void> => {
    const closing = Promise.all([writer.close(), reader?.finish().then(client.close) ?? client.close()]);
    return settle(closing, settings.closeTimeoutMs, deps.clock);
  };
  try {
    const { stateTopic } = options;
    await client.open(stateTopic === undefined ? [of.topic] : [of.topic, stateTopic]);
    await writer.fence();
    const state = stateTopic === undefined ? new Map() : await stateOf(context, client, { stateTopic, of, signal });
    const committedOffset = await client.committedOffset(groupId, of);
    const commits = new GuardedCommits(context, writer, signal);
    const opened: OpenedPartition = {
      origin: { cluster: settings.clusterName, ...of },
      partitionCount: client.partitionCount(of.topic),
      handOver: commits,
      committedOffset,
      state,
      isAtEnd: async () => (reader?.position ?? committedOffset ?? 0) >= (await client.endOffset(of)),
      signal,
    };
    const { processor, startOffset } = await options.open(opened);
    const from = startOffset === 'earliest' ? await client.startOffset(of) : startOffset;
    reader = readerOf(context, client, { of, from, signal, meter: deps.meter });
    return { reader, processor, failedCommit: () => commits.failure, close };
  } catch (error) {
    context.closings.add(close());
    throw error;
  }
}

interface ReadFrom {
  readonly of: PartitionName;
  readonly from: number;
  readonly signal: AbortSignal;
  readonly meter: Meter;
}

/** State is no input: it has no lag. */
const noMeter: Meter = { add: () => undefined, set: () => undefined, observe: () => undefined };

function readerOf(context: LoopContext, client: ClusterClient, read: ReadFrom): PartitionReader {
  const { settings, deps, options, fetchBytes } = context;
  const { logger, clock } = deps;
  const { of, from, meter, signal } = read;
  return new PartitionReader(
    { client, of, loop: options.loop, settings, fetchBytes, logger, meter, clock, signal },
    from,
  );
}

async function stateOf(
  context: LoopContext,
  client: ClusterClient,
  { stateTopic, of, signal }: { readonly stateTopic: string; readonly of: PartitionName; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Uint8Array>> {
  const state = { topic: stateTopic, partition: of.partition };
  const count = client.partitionCount(stateTopic);
  if (of.partition >= count) {
    const message = `state topic ${stateTopic} has ${count} partitions: ${nameOf(of)} needs one with its own number`;
    throw new AdapterError('KAFKA_REJECTED', message, { retryable: false });
  }
  const endOffset = await client.endOffset(state);
  const from = await client.startOffset(state);
  const reader = readerOf(context, client, { of: state, from, signal, meter: noMeter });
  const { stateStallMs: stallMs } = context.settings;
  return readState(reader, { of: state, endOffset, stallMs, clock: context.deps.clock, signal });
}

/** The hand-over of one opened partition: counts, and refuses what can no longer be right. */
class GuardedCommits implements HandOver {
  readonly #context: LoopContext;
  readonly #writer: TransactionalWriter;
  readonly #signal: AbortSignal;
  #busy = false;
  failure: unknown;

  constructor(context: LoopContext, writer: TransactionalWriter, signal: AbortSignal) {
    this.#context = context;
    this.#writer = writer;
    this.#signal = signal;
  }

  async commit(handed: Parameters<HandOver['commit']>[0]): Promise<void> {
    if (this.#busy) throw new Error('two commits of one partition overlap');
    if (this.#signal.aborted) throw lost();
    if (this.failure !== undefined) throw this.failure;
    this.#busy = true;
    const { deps, options } = this.#context;
    const labels = { loop: options.loop };
    const beganAtMs = deps.clock.nowMs();
    try {
      await this.#writer.commit(handed);
      deps.meter.add(metrics.commits, 1, labels);
      deps.meter.observe(metrics.commitSeconds, (deps.clock.nowMs() - beganAtMs) / 1_000, labels);
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      this.#busy = false;
    }
  }
}

function lost(): AdapterError {
  return new AdapterError('KAFKA_FENCED', 'the partition is no longer ours', { retryable: false });
}
