// What the end-to-end tests share: real services, a settings file, the recorded lines in Kafka, and what came out at the other end.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { badDeployPhases, type MeshLine, parseRecording, playMesh } from '#app/demo/recorded-mesh.ts';
import { originId } from '#pipeline/dead-letter.ts';
import { startElasticsearch } from '../services/elasticsearch.ts';
import { startKafka } from '../services/kafka.ts';
import { type SlackStandIn, startSlackStandIn } from '../services/slack-stand-in.ts';
import { runCommand } from '../support/flagwatch-process.ts';

const root = join(import.meta.dirname, '..', '..');
const accessLogPartitions = 3;

/** Lines of half an hour with the bad deploy in it, ending about now: 20,000 and some. */
export function incidentLines(seed: number): readonly MeshLine[] {
  const recording = parseRecording(readFileSync(join(root, 'recordings', 'bad-deploy.jsonl'), 'utf8'));
  // Longer at its end: alerts hold through gaps of two minutes, and the last windows are never known to be complete.
  const phases = badDeployPhases(0.25).map((phase, i, all) =>
    i < all.length - 1 ? phase : { ...phase, untilMs: phase.untilMs + 180_000 },
  );
  const startAtMs = Date.now() - (phases.at(-1)?.untilMs ?? 0) - 5_000;
  return [...playMesh(recording, { startAtMs, requestsPerSecond: 6, noiseRatio: 0.002, phases, seed })];
}

/** Services and a configuration. */
export interface World {
  readonly configFile: string;
  readonly kafka: Awaited<ReturnType<typeof startKafka>>;
  readonly elasticsearch: Awaited<ReturnType<typeof startElasticsearch>>;
  readonly slack: SlackStandIn;
  readonly topic: string;
  readonly prefix: string;
  /** Writes lines to the access-log topic, to its partitions in turn. */
  produce(lines: readonly { readonly pod: string; readonly line: string | Buffer }[]): Promise<void>;
  /** All values of a topic, committed ones alone. */
  readTopic(name: string): Promise<readonly { readonly key: string; readonly value: string }[]>;
  stop(): Promise<void>;
}

/** Starts the services and runs `flagwatch setup`. `extra` are further lines of the settings file. */
export async function openWorld(options: { readonly brokers?: 1 | 3; readonly extra?: string } = {}): Promise<World> {
  const [kafka, elasticsearch, slack] = await Promise.all([
    startKafka({ brokers: options.brokers ?? 1 }),
    startElasticsearch({}),
    startSlackStandIn({ channels: ['mesh-oncall'] }),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'flagwatch-e2e-'));
  // Names of its own, so that brokers and nodes given by the environment can be shared.
  const prefix = `fw-${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
  const topic = `${prefix}-istio-access-logs`;
  const configFile = join(folder, 'flagwatch.yaml');
  writeFileSync(configFile, configText({ kafka, elasticsearch, slack, prefix, topic, extra: options.extra ?? '' }));
  const client = new Kafka({ clientId: 'e2e', brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: accessLogPartitions }], waitForLeaders: true });
  await admin.disconnect();
  const setup = await runCommand(['setup', '-c', configFile], { SLACK_BOT_TOKEN: slack.token });
  if (setup.status !== 0) throw new Error(`setup failed: ${setup.stdout}${setup.stderr}`);
  return {
    configFile,
    kafka,
    elasticsearch,
    slack,
    topic,
    prefix,
    produce: (lines) => produce(client, topic, lines),
    readTopic: (name) => readTopic(client, name),
    stop: async () => {
      await Promise.all([kafka.stop(), elasticsearch.stop(), slack.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configText(parts: {
  readonly kafka: { readonly brokers: readonly string[] };
  readonly elasticsearch: { readonly url: string };
  readonly slack: SlackStandIn;
  readonly prefix: string;
  readonly topic: string;
  readonly extra: string;
}): string {
  return `kafka:
  clusters:
    - name: dc1
      brokers: [${parts.kafka.brokers.map((broker) => `"${broker}"`).join(', ')}]
      access_log_topics: [${parts.topic}]
  group_prefix: ${parts.prefix}
  # A killed process is noticed soon: these tests kill many.
  session_timeout: 2s
  heartbeat_interval: 300ms
  retry_max: 1s
topics: { prefix: ${parts.prefix}, partitions: 4 }
elasticsearch: { node: "${parts.elasticsearch.url}" }
index: { index_prefix: ${parts.prefix}, retry_max: 2s }
slack: { token: "\${SLACK_BOT_TOKEN}", channel: "#mesh-oncall", api_url: "${parts.slack.url}" }
rules: [${shippedRules().join(', ')}]
http: { listen: "127.0.0.1:0" }
idle_timeout: 5s
log: { level: info }
${parts.extra}
`;
}

async function produce(
  client: Kafka,
  topic: string,
  lines: readonly { readonly pod: string; readonly line: string | Buffer }[],
): Promise<void> {
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  // All partitions get lines all the time: these are hours in minutes, and at that speed a partition that comes back from idle
  // would come back late.
  const messages = lines.map(({ pod, line }, i) => ({ key: pod, value: line, partition: i % accessLogPartitions }));
  let batch: typeof messages = [];
  let batchBytes = 0;
  for (const message of messages) {
    // The broker's limit of 1 MB holds for the messages that one request brings to a partition.
    if (batchBytes + message.value.length > 600_000 && batch.length > 0) {
      await producer.send({ topic, messages: batch });
      batch = [];
      batchBytes = 0;
    }
    batch.push(message);
    batchBytes += message.value.length;
  }
  if (batch.length > 0) await producer.send({ topic, messages: batch });
  await producer.disconnect();
}

async function readTopic(client: Kafka, topic: string) {
  const admin = client.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Set(ends.filter(({ low, high }) => Number(high) > Number(low)).map(({ partition }) => partition));
  const values: { key: string; value: string }[] = [];
  if (missing.size === 0) return values;
  const consumer = client.consumer({ groupId: `read-${Date.now()}-${Math.random()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    // The end may be a transaction's marker, which no consumer sees: what is missing then is silence.
    let quietSince = Date.now();
    const timer = setInterval(() => {
      if (missing.size > 0 && Date.now() - quietSince < 6_000) return;
      clearInterval(timer);
      resolve();
    }, 100);
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          quietSince = Date.now();
          for (const { key, value } of batch.messages) {
            values.push({ key: String(key), value: String(value) });
          }
          const end = ends.find(({ partition }) => partition === batch.partition);
          if (Number(batch.lastOffset()) + 2 >= Number(end?.high)) missing.delete(batch.partition);
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

/** Elasticsearch's answer to a search or a count. */
async function ask<T>(world: World, path: string, body?: object): Promise<T> {
  const response = await fetch(`${world.elasticsearch.url}/${world.prefix}-${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** How many documents of a kind there are now, found or not; 0 while the node is away. */
export async function countDocuments(world: World, kind: 'lines' | 'requests' | 'windows' | 'alerts'): Promise<number> {
  const index = `${world.elasticsearch.url}/${world.prefix}-${kind}-*`;
  try {
    await fetch(`${index}/_refresh`, { method: 'POST' });
    return ((await (await fetch(`${index}/_count`)).json()) as { count?: number }).count ?? 0;
  } catch {
    return 0;
  }
}

/** Every document of a kind, with its id. */
export async function allDocuments<T>(
  world: World,
  kind: 'lines' | 'requests' | 'windows',
): Promise<readonly { readonly _id: string; readonly _source: T }[]> {
  type Page = { _scroll_id: string; hits: { hits: { _id: string; _source: T }[] } };
  const documents: { _id: string; _source: T }[] = [];
  let page = await ask<Page>(world, `${kind}-*/_search?scroll=1m`, { size: 5000, sort: ['_doc'] });
  while (page.hits.hits.length > 0) {
    documents.push(...page.hits.hits);
    const next = await fetch(`${world.elasticsearch.url}/_search/scroll`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ scroll: '1m', scroll_id: page._scroll_id }),
    });
    page = (await next.json()) as Page;
  }
  return documents;
}

/** The ids that the documents of all lines must have: one for each record of the access-log topic. */
export async function expectedLineIds(world: World): Promise<readonly string[]> {
  const client = new Kafka({ clientId: 'e2e', brokers: [...world.kafka.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(world.topic);
  await admin.disconnect();
  return ends.flatMap(({ partition, high }) =>
    Array.from({ length: Number(high) }, (_, offset) =>
      originId({ cluster: 'dc1', topic: world.topic, partition }, offset),
    ),
  );
}

/** The shipped rules but those on the input: recorded lines are old, and end. */
function shippedRules(): readonly string[] {
  const folder = join(root, 'rules');
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.test.yaml') && name !== 'pipeline.yaml')
    .map((name) => JSON.stringify(join(folder, name)));
}
