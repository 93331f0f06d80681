// Creates topics and keeps their settings, and looks into them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ConfigResourceTypes, ConfigSource, Kafka } from 'kafkajs';
import type { Logger } from '#ports/logger.ts';
import type { TopicAdmin, TopicChange, TopicSpec } from '#ports/topic-admin.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { KafkaConnectionSettings } from './kafka-settings.ts';
import { hasErrorType, toAdapterError } from './to-adapter-error.ts';

// kafkajs is CommonJS, and Node finds only the first of its exports by name; these are the protocol's own numbers.
const topicResource: ConfigResourceTypes.TOPIC = 2;
const topicConfigSource: ConfigSource.TOPIC_CONFIG = 1;

type TopicConfig = Readonly<Record<string, string>>;

/** A topic admin; it connects with the first call. Its calls throw `AdapterError`. */
export function createKafkaTopicAdmin(
  settings: KafkaConnectionSettings,
  deps: { readonly logger: Logger },
): TopicAdmin {
  const kafka = createKafkaClient(settings, deps.logger);
  let connected: Promise<Admin> | null = null;
  const close = async (): Promise<void> => {
    const closing = connected;
    connected = null;
    await closing?.then((admin) => admin.disconnect()).catch(() => undefined);
  };
  const withAdmin = async <T>(doing: string, call: (admin: Admin) => Promise<T>): Promise<T> => {
    try {
      connected ??= connect(kafka);
      return await call(await connected);
    } catch (error) {
      await close();
      throw toAdapterError(error, doing);
    }
  };
  return {
    ensure: async (topics) => {
      const changes: TopicChange[] = [];
      for (const topic of topics) {
        changes.push(await withAdmin(`creating or updating topic ${topic.name}`, (admin) => ensureTopic(admin, topic)));
      }
      return changes;
    },
    partitionCount: (topic) => withAdmin(`looking up topic ${topic}`, (admin) => countPartitions(admin, topic)),
    close,
  };
}

async function connect(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin();
  await admin.connect();
  return admin;
}

async function ensureTopic(admin: Admin, spec: TopicSpec): Promise<TopicChange> {
  const wanted = toTopicConfig(spec);
  const configEntries = Object.entries(wanted).map(([name, value]) => ({ name, value }));
  if ((await countPartitions(admin, spec.name)) === null) {
    const { name, partitions: numPartitions, replicationFactor } = spec;
    const topic = { topic: name, numPartitions, replicationFactor, configEntries };
    const created = await admin.createTopics({ topics: [topic], waitForLeaders: false });
    await waitForLeaders(admin, name);
    if (created) return { topic: name, change: 'created' };
  }
  const present = await readConfig(admin, spec.name);
  if (Object.entries(wanted).every(([name, value]) => present.effective[name] === value)) {
    return { topic: spec.name, change: 'unchanged' };
  }
  // kafkajs replaces the whole configuration of a topic: what others have set stays only if it is sent again.
  const all = Object.entries({ ...present.own, ...wanted }).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: topicResource, name: spec.name, configEntries: all }],
  });
  return { topic: spec.name, change: 'updated' };
}

const leaderPauseMs = 50;
const leaderAttempts = 200;

/** A topic that was just made is not known to every broker at once, and has no leaders for a moment. */
async function waitForLeaders(admin: Admin, topic: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return;
    } catch (error) {
      if (!toAdapterError(error, 'waiting').retryable || attempt >= leaderAttempts) throw error;
    }
    await sleep(leaderPauseMs);
  }
}

/** How much of a compacted topic may lie uncompacted: what a takeover has to read. Kafka's own 1 GB and 7 days take minutes. */
const compactedSegment = { bytes: 64 * 1_048_576, maxAgeMs: 600_000, dirtyRatio: 0.2 } as const;

function toTopicConfig(spec: TopicSpec): TopicConfig {
  const common = { 'cleanup.policy': spec.cleanup, 'max.message.bytes': String(spec.maxMessageBytes) };
  if (spec.cleanup === 'delete') return { ...common, 'retention.ms': String(spec.retentionMs) };
  return {
    ...common,
    'segment.bytes': String(compactedSegment.bytes),
    'segment.ms': String(compactedSegment.maxAgeMs),
    'min.cleanable.dirty.ratio': String(compactedSegment.dirtyRatio),
  };
}

interface PresentConfig {
  /** What holds, defaults included. */
  readonly effective: TopicConfig;
  /** What was set on the topic itself. */
  readonly own: TopicConfig;
}

async function readConfig(admin: Admin, topic: string): Promise<PresentConfig> {
  const answer = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: topicResource, name: topic }],
  });
  const entries = answer.resources[0]?.configEntries ?? [];
  const toConfig = (of: typeof entries): TopicConfig =>
    Object.fromEntries(of.map(({ configName, configValue }) => [configName, configValue]));
  return {
    effective: toConfig(entries),
    own: toConfig(entries.filter(({ configSource }) => configSource === topicConfigSource)),
  };
}

async function countPartitions(admin: Admin, topic: string): Promise<number | null> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics.find(({ name }) => name === topic)?.partitions.length ?? null;
  } catch (error) {
    if (hasErrorType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return null;
    throw error;
  }
}
