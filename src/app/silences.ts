// The stores of silences that the configuration names: one for each Kafka cluster, because each has its own chain of loops.
import { createKafkaSilenceStore } from '#adapters/kafka/kafka-silence-store.ts';
import type { Settings } from '#config/settings.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import { topicNames } from '#pipeline/topics.ts';
import type { SilenceStore } from '#ports/silence-store.ts';
import { toKafkaStream } from './connections.ts';

/** Name of the cluster, and its silences. Empty without Kafka: topics in memory are reached through the API of their process. */
export function openSilenceStores(
  settings: Settings,
  deps: Pick<LoopDeps, 'logger' | 'clock'>,
): readonly (readonly [clusterName: string, store: SilenceStore])[] {
  const { kafka } = settings;
  if (kafka === undefined) return [];
  const names = topicNames(settings.topics.prefix);
  return kafka.clusters.map((cluster) => {
    const stream = toKafkaStream(settings, kafka, cluster);
    return [cluster.name, createKafkaSilenceStore(names, stream, deps)] as const;
  });
}
