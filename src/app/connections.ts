// The outside things that the configuration names, opened: Kafka clusters, the document store, the messengers.
import { resolve } from 'node:path';
import { consoleDefaults, createConsoleMessenger } from '#adapters/console/messenger.ts';
import type { TextStream } from '#adapters/console/text-stream.ts';
import { createElasticsearchSearch } from '#adapters/elasticsearch/document-search.ts';
import { createElasticsearchStore } from '#adapters/elasticsearch/document-store.ts';
import type { KafkaConnectionSettings, KafkaStreamSettings } from '#adapters/kafka/kafka-settings.ts';
import { kafkaStreamDefaults } from '#adapters/kafka/kafka-settings.ts';
import { openTopicRange } from '#adapters/kafka/topic-range.ts';
import { createSlackMessenger, slackDefaults } from '#adapters/slack/messenger.ts';
import { createSqliteSearch } from '#adapters/sqlite/document-search.ts';
import { createSqliteStore } from '#adapters/sqlite/document-store.ts';
import { createWebhookMessenger } from '#adapters/webhook/messenger.ts';
import type { Settings } from '#config/settings.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import { topicNames } from '#pipeline/topics.ts';
import type { DocumentSearch } from '#ports/document-search.ts';
import type { DocumentStore } from '#ports/document-store.ts';
import type { Messenger } from '#ports/messenger.ts';
import { type ReceiverPlace, receiverPlaces } from './notify-routing.ts';

type KafkaPart = NonNullable<Settings['kafka']>;
export type ClusterPart = KafkaPart['clusters'][number];

/** How one cluster is reached. */
export function toKafkaConnection(kafka: KafkaPart, cluster: ClusterPart): KafkaConnectionSettings {
  const { tls, sasl } = cluster;
  return {
    clusterName: cluster.name,
    brokers: cluster.brokers,
    clientId: kafka.clientId,
    connectionTimeoutMs: kafka.connectionTimeoutMs,
    requestTimeoutMs: kafka.requestTimeoutMs,
    ...(tls === undefined ? {} : { ssl: { ...tls } as NonNullable<KafkaConnectionSettings['ssl']> }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } as NonNullable<KafkaConnectionSettings['sasl']> }),
  };
}

/** How the loops consume one cluster. */
export function toKafkaStream(settings: Settings, kafka: KafkaPart, cluster: ClusterPart): KafkaStreamSettings {
  return {
    ...kafkaStreamDefaults,
    ...toKafkaConnection(kafka, cluster),
    prefix: kafka.groupPrefix,
    sessionTimeoutMs: kafka.sessionTimeoutMs,
    heartbeatIntervalMs: kafka.heartbeatIntervalMs,
    rebalanceTimeoutMs: kafka.rebalanceTimeoutMs,
    transactionTimeoutMs: kafka.transactionTimeoutMs,
    fetchMaxWaitMs: kafka.fetchMaxWaitMs,
    fetchMaxBytes: kafka.fetchMaxBytes,
    fetchMaxBytesPerPartition: kafka.fetchMaxBytesPerPartition,
    retryFirstMs: kafka.retryInitialMs,
    retryMaxMs: kafka.retryMaxMs,
    // Part of the time that the whole stop may take: what is left is for closing.
    drainTimeoutMs: Math.round(settings.shutdownTimeoutMs / 2),
  };
}

/** Where documents go: Elasticsearch where it is configured, else the embedded store beside the settings file. */
export function openDocumentStore(
  settings: Settings,
  root: string,
  deps: Pick<LoopDeps, 'logger'>,
): { readonly store: DocumentStore; readonly name: 'elasticsearch' | 'sqlite' } {
  const { elasticsearch, index } = settings;
  if (elasticsearch === undefined) {
    return { store: createSqliteStore({ path: resolve(root, settings.store.path) }), name: 'sqlite' };
  }
  const store = createElasticsearchStore(
    {
      ...toElasticsearch(elasticsearch),
      indexPrefix: index.indexPrefix,
      shards: index.shards,
      replicas: index.replicas,
      refreshIntervalMs: index.refreshIntervalMs,
      codec: index.codec,
    },
    deps,
  );
  return { store, name: 'elasticsearch' };
}

/** Where documents are looked up: the same place. */
export function openDocumentSearch(settings: Settings, root: string): DocumentSearch {
  if (settings.elasticsearch === undefined) return createSqliteSearch({ path: resolve(root, settings.store.path) });
  return createElasticsearchSearch({
    ...toElasticsearch(settings.elasticsearch),
    indexPrefix: settings.index.indexPrefix,
  });
}

/** The windows of a cluster's chain of loops that were written since a time, and its failed requests where they are asked for. */
export async function openKafkaWindows(
  settings: Settings,
  kafka: KafkaPart,
  cluster: ClusterPart,
  wanted: { readonly fromMs: number; readonly withFaults: boolean; readonly deps: Pick<LoopDeps, 'logger' | 'clock'> },
) {
  const names = topicNames(settings.topics.prefix);
  const stream = toKafkaStream(settings, kafka, cluster);
  const open = (topic: string) => openTopicRange(topic, wanted.fromMs, stream, wanted.deps);
  const windows = await open(names.windows);
  const faults = wanted.withFaults ? await open(names.requestFaults) : null;
  return {
    windows: windows.partitions,
    faults: faults?.partitions ?? [],
    dataCenter: cluster.name,
    close: async () => {
      await Promise.all([windows.close(), faults?.close()]);
    },
  };
}

function toElasticsearch({ node, auth, tls, requestTimeoutMs, compression }: NonNullable<Settings['elasticsearch']>) {
  const client = { node, ...(auth === undefined ? {} : { auth }), ...(tls === undefined ? {} : { tls }) };
  return { client, requestTimeoutMs, compression };
}

/** Who is told: the place that is told without a `route`, what takes refused messages, and the places that routes name, by id. */
export interface Messengers {
  readonly messenger: Messenger;
  readonly fallback: Messenger;
  readonly receivers?: ReadonlyMap<string, Messenger>;
}

/** Who is told: Slack where there is a token, else the console; the console is what Slack falls back to. */
export function openMessengers(settings: Settings, stream: TextStream, deps: LoopDeps): Messengers {
  const fallback = createConsoleMessenger(consoleDefaults, { stream, clock: deps.clock });
  const { token, channel, apiUrl, requestTimeoutMs } = settings.slack;
  const slackIn = (place: string | undefined): Messenger => {
    if (token === undefined || place === undefined) return fallback;
    return createSlackMessenger({ ...slackDefaults, token, channel: place, apiUrl, requestTimeoutMs }, deps);
  };
  const places = receiverPlaces(settings).map(
    (place) => [place.id, openPlace(place, { fallback, slackIn, deps })] as const,
  );
  return { messenger: slackIn(channel), fallback, receivers: new Map(places) };
}

interface PlaceParts {
  readonly fallback: Messenger;
  readonly slackIn: (channel: string) => Messenger;
  readonly deps: LoopDeps;
}

function openPlace(place: ReceiverPlace, { fallback, slackIn, deps }: PlaceParts): Messenger {
  switch (place.kind) {
    case 'slack':
      return slackIn(place.channel);
    case 'webhook':
      return createWebhookMessenger(place, deps);
    case 'console':
      return fallback;
  }
}
