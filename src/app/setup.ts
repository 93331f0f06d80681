// `flagwatch setup`: creates or updates the topics of every cluster and what documents need. Can be run again, and by several at once.
import { createKafkaTopicAdmin } from '#adapters/kafka/kafka-topic-admin.ts';
import { toAccessLogTopics } from '#config/access-log-settings.ts';
import type { Settings } from '#config/settings.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import { topicNames, topicSpecs } from '#pipeline/topics.ts';
import type { TopicAdmin } from '#ports/topic-admin.ts';
import { type ClusterPart, openDocumentStore, toKafkaConnection } from './connections.ts';
import { waitFor } from './wait-for.ts';

type SetupDeps = LoopDeps & { readonly signal: AbortSignal };

/** Sets up everything that the settings name; resolves to lines for people. Rejects with `AdapterError` where something is refused. */
export async function setUp(settings: Settings, root: string, deps: SetupDeps): Promise<readonly string[]> {
  const said: string[] = [];
  const { kafka } = settings;
  if (kafka !== undefined) {
    for (const cluster of kafka.clusters) {
      const admin = createKafkaTopicAdmin(toKafkaConnection(kafka, cluster), deps);
      said.push(...(await setUpCluster(settings, cluster, admin, deps)));
      await admin.close();
    }
  }
  const { store, name } = openDocumentStore(settings, root, deps);
  const changes = await waitFor(name, () => store.setup(), deps);
  said.push(...(changes ?? []).map((change) => `${name}: ${change}`));
  await store.close();
  return said;
}

async function setUpCluster(
  settings: Settings,
  cluster: ClusterPart,
  admin: TopicAdmin,
  deps: SetupDeps,
): Promise<readonly string[]> {
  const { name, brokers } = cluster;
  const specs = topicSpecs(topicNames(settings.topics.prefix), settings.topics);
  const changes = await waitFor(`Kafka ${name} (${brokers.join(', ')})`, () => admin.ensure(specs), deps);
  if (changes === null) return [];
  const said = changes.map(({ topic, change }) => `${name}: topic ${topic}: ${change}`);
  for (const { topic } of toAccessLogTopics(cluster.accessLogTopics)) {
    const partitions = await admin.partitionCount(topic);
    const state = partitions === null ? 'missing; the shippers’ side creates it' : `there, ${partitions} partitions`;
    said.push(`${name}: access-log topic ${topic}: ${state}`);
  }
  return said;
}
