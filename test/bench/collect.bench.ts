// The whole of collect from a real topic, beside a kafkajs consumer that only fetches the same lines, in one run; and collect's memory
// over a million lines. Each reading is a process of its own; both kinds take turns.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { kafkaStreamDefaults } from '#adapters/kafka/kafka-settings.ts';
import { createKafkaTopicAdmin } from '#adapters/kafka/kafka-topic-admin.ts';
import { topicNames, topicSpecs } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import { startKafka } from '../services/kafka.ts';
import { benchLines } from './lines.ts';
import { median } from './median.ts';

const lineCount = 1_000_000;
const partitions = 4;
const rounds = 3;
const topic = 'bench-istio-access-logs';

interface Reading {
  readonly cpuSecondsPerMillion: number;
  readonly linesPerSecond: number;
  readonly peakBytes: number;
  /** Resident memory every half second. */
  readonly samples: readonly number[];
}

/** Runs the benchmark; resolves to a table. */
export async function benchCollect(): Promise<string> {
  const kafka = await startKafka({ brokers: 1 });
  try {
    const meanBytes = await fill(kafka.brokers);
    const readings = { fetch: [] as Reading[], collect: [] as Reading[] };
    for (let round = 0; round < rounds; round += 1) {
      readings.fetch.push(await read('fetch', kafka.brokers, round));
      readings.collect.push(await read('collect', kafka.brokers, round));
    }
    return render(readings, meanBytes);
  } finally {
    await kafka.stop();
  }
}

async function fill(brokers: readonly string[]): Promise<number> {
  const connection = { ...kafkaStreamDefaults, clusterName: 'dc1', brokers };
  const admin = createKafkaTopicAdmin(connection, { logger: silentLogger });
  const specs = topicSpecs(topicNames('flagwatch'), { partitions: 12, replicationFactor: 1 });
  const [first] = specs;
  await admin.ensure([...specs, ...(first === undefined ? [] : [{ ...first, name: topic, partitions }])]);
  await admin.close();
  const producer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const lines = benchLines(100_000, Date.now());
  for (let sent = 0; sent < lineCount; sent += 1000) {
    const from = sent % lines.length;
    const messages = lines.slice(from, from + 1000).map((value, i) => ({ value, partition: i % partitions }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  return lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
}

function read(mode: 'fetch' | 'collect', brokers: readonly string[], round: number): Promise<Reading> {
  const worker = join(import.meta.dirname, 'topic-worker.ts');
  const args = [mode, brokers.join(','), topic, String(lineCount), String(partitions), `${mode}-${round}`];
  const child = spawn(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', '--conditions=source', worker, ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.once('close', (status) => {
      if (status === 0) resolve(JSON.parse(text) as Reading);
      else reject(new Error(`${mode} ended with ${status}`));
    });
  });
}

function render(readings: Readonly<Record<'fetch' | 'collect', readonly Reading[]>>, meanBytes: number): string {
  const row = (name: string, list: readonly Reading[]): string => {
    const cpu = list.map((one) => one.cpuSecondsPerMillion);
    const rate = list.map((one) => one.linesPerSecond);
    const peak = list.map((one) => one.peakBytes / 1_048_576);
    const cells = [
      Math.min(...cpu).toFixed(2),
      median(cpu).toFixed(2),
      median(rate).toFixed(0),
      median(peak).toFixed(0),
    ];
    return `${name.padEnd(30)} ${cells.map((cell) => cell.padStart(10)).join(' ')}`;
  };
  const memory = (readings.collect.at(-1)?.samples ?? []).map((bytes) => Math.round(bytes / 1_048_576));
  return [
    `${lineCount} lines of ${Math.round(meanBytes)} bytes from ${partitions} partitions of a real Kafka, 10,000 lines a second of event time, steady state`,
    `${'CPU seconds per million lines'.padEnd(30)} ${['min', 'median', 'lines/s', 'peak MiB'].map((name) => name.padStart(10)).join(' ')}`,
    row('kafkajs, fetching only', readings.fetch),
    row('the whole of collect', readings.collect),
    `resident memory of collect every half second, MiB: ${memory.join(' ')}`,
  ].join('\n');
}
