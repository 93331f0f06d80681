// A compacted topic as a table, read once to its end by nobody's group: for commands that look at a loop's state.
import type { Meter } from '#ports/meter.ts';
import { createClusterClient } from './cluster-client.ts';
import { createKafkaClient } from './kafka-client.ts';
import { type KafkaDeps, type KafkaStreamSettings, kafkaStreamDefaults } from './kafka-settings.ts';
import { PartitionReader } from './partition-reader.ts';
import { readState } from './read-state.ts';
import { settle } from './within.ts';

/** What is read is no input of a loop: it has no lag. */
const noMeter: Meter = { add: () => undefined, set: () => undefined, observe: () => undefined };

/** The latest value by key of all partitions, as they are now; tombstones delete. Throws `AdapterError`. */
export async function readTopicTable(
  topic: string,
  settings: KafkaStreamSettings,
  deps: Omit<KafkaDeps, 'meter'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { logger, clock } = deps;
  const client = createClusterClient(createKafkaClient(settings, logger), settings);
  const values = new Map<string, Uint8Array>();
  try {
    await client.open([topic]);
    for (let partition = 0; partition < client.partitionCount(topic); partition += 1) {
      const of = { topic, partition };
      const endOffset = await client.endOffset(of);
      const fetchBytes = (): number => kafkaStreamDefaults.fetchMaxBytesPerPartition;
      const parts = { client, of, loop: 'table', settings, fetchBytes, logger, meter: noMeter, clock, signal };
      const reader = new PartitionReader(parts, await client.startOffset(of));
      const read = await readState(reader, { of, endOffset, stallMs: settings.stateStallMs, clock, signal });
      for (const [key, value] of read) values.set(key, value);
      await reader.finish();
    }
    return values;
  } finally {
    await settle(client.close(), settings.closeTimeoutMs, clock);
  }
}
