// The records of a topic that were written since a time, read once by nobody's group: for commands that look at the past.

import { AdapterError } from '#ports/adapter-error.ts';
import type { Meter } from '#ports/meter.ts';
import { type ClusterClient, createClusterClient, nameOf, type PartitionName } from './cluster-client.ts';
import { createKafkaClient } from './kafka-client.ts';
import { type KafkaDeps, type KafkaStreamSettings, kafkaStreamDefaults } from './kafka-settings.ts';
import { PartitionReader } from './partition-reader.ts';
import { toAdapterError } from './to-adapter-error.ts';
import { backoffMs, settle } from './within.ts';

/** What is read is no input of a loop: it has no lag. */
const noMeter: Meter = { add: () => undefined, set: () => undefined, observe: () => undefined };

/** A topic's past: for each partition its values in batches, up to where the partition ended when it was opened. */
export interface TopicRange {
  readonly partitions: readonly AsyncGenerator<readonly Uint8Array[]>[];
  close(): Promise<void>;
}

/** Opens the past of a topic. What is read may share memory with its neighbours. Throws `AdapterError`, also while it is read. */
export async function openTopicRange(
  topic: string,
  sinceMs: number,
  settings: KafkaStreamSettings,
  deps: Omit<KafkaDeps, 'meter'>,
): Promise<TopicRange> {
  const kafka = createKafkaClient(settings, deps.logger);
  const client = createClusterClient(kafka, settings);
  const stopping = new AbortController();
  const close = async (): Promise<void> => {
    stopping.abort();
    await settle(client.close(), settings.closeTimeoutMs, deps.clock);
  };
  try {
    await client.open([topic]);
    const starts = await patiently(() => offsetsSince(kafka, topic, sinceMs), settings, deps);
    const partitions = Array.from({ length: client.partitionCount(topic) }, (_, partition) => {
      const of = { topic, partition };
      return readPartition(client, of, starts.get(partition) ?? null, { settings, deps, signal: stopping.signal });
    });
    return { partitions, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tries of a call that may pass: a leader that moves is back within a second or two. */
const maxTries = 6;

async function patiently<T>(
  call: () => Promise<T>,
  settings: KafkaStreamSettings,
  { clock }: Omit<KafkaDeps, 'meter'>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AdapterError) || !error.retryable || tries === maxTries) throw error;
      await clock.sleep(backoffMs(tries, settings.retryFirstMs, settings.retryMaxMs), new AbortController().signal);
    }
  }
}

/** Offsets of the first records written at or after a time; those of partitions without any are their ends. */
async function offsetsSince(
  kafka: ReturnType<typeof createKafkaClient>,
  topic: string,
  sinceMs: number,
): Promise<ReadonlyMap<number, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, Math.max(0, sinceMs));
    return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
  } catch (error) {
    throw toAdapterError(error, `looking up a time in ${topic}`);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

interface ReadingParts {
  readonly settings: KafkaStreamSettings;
  readonly deps: Omit<KafkaDeps, 'meter'>;
  readonly signal: AbortSignal;
}

async function* readPartition(
  client: ClusterClient,
  of: PartitionName,
  since: number | null,
  { settings, deps, signal }: ReadingParts,
): AsyncGenerator<readonly Uint8Array[]> {
  const { logger, clock } = deps;
  const endOffset = await client.endOffset(of);
  const fetchBytes = (): number => kafkaStreamDefaults.fetchMaxBytesPerPartition;
  const parts = { client, of, loop: 'range', settings, fetchBytes, logger, meter: noMeter, clock, signal };
  const reader = new PartitionReader(parts, Math.max(since ?? 0, await client.startOffset(of)));
  let movedAtMs = clock.nowMs();
  while (reader.position < endOffset) {
    const before = reader.position;
    const batch = await reader.next();
    if (signal.aborted) throw new AdapterError('ABORTED', `reading ${nameOf(of)} was aborted`, { retryable: true });
    const values = (batch?.records ?? []).flatMap(({ value }) => (value === null ? [] : [value]));
    if (values.length > 0) yield values;
    if (reader.position > before) movedAtMs = clock.nowMs();
    if (clock.nowMs() - movedAtMs <= settings.stateStallMs) continue;
    const message = `reading ${nameOf(of)} stands at ${reader.position} of ${endOffset}`;
    throw new AdapterError('KAFKA_TIMEOUT', message, { retryable: true });
  }
}
