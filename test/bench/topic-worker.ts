// A process of its own that reads a topic of a known length and prints what that cost: the collect loop as it is shipped, or a kafkajs
// consumer that only fetches. Started by collect.bench.ts.
import { Kafka, logLevel } from 'kafkajs';
import { createKafkaRecordStream } from '#adapters/kafka/kafka-record-stream.ts';
import { kafkaStreamDefaults } from '#adapters/kafka/kafka-settings.ts';
import { createPrometheusMeter } from '#adapters/prometheus/meter.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { createCollectLoop } from '#pipeline/collect-loop.ts';
import { topicNames } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import { metrics } from '#telemetry/metrics.ts';

const [mode, brokerList = '', topic = '', lineCountText = '0', partitionsText = '1', run = ''] = process.argv.slice(2);
const lineCount = Number(lineCountText);
const brokers = brokerList.split(',');

/** Start of the steady state: connections stand and code is compiled. */
const warmCount = lineCount * 0.1;
let warm: { readonly lines: number; readonly cpu: NodeJS.CpuUsage; readonly atMs: number } | null = null;
let peakBytes = 0;
const samples: number[] = [];

function note(lines: number): boolean {
  if (warm === null && lines >= warmCount) warm = { lines, cpu: process.cpuUsage(), atMs: Date.now() };
  return lines >= lineCount;
}

function report(): void {
  if (warm === null) throw new Error('the end came before the steady state');
  const { user, system } = process.cpuUsage(warm.cpu);
  const lines = lineCount - warm.lines;
  const cpuSecondsPerMillion = (user + system) / lines;
  const linesPerSecond = (lines / (Date.now() - warm.atMs)) * 1000;
  process.stdout.write(`${JSON.stringify({ cpuSecondsPerMillion, linesPerSecond, peakBytes, samples })}\n`);
}

const sampling = setInterval(() => {
  const { rss } = process.memoryUsage();
  peakBytes = Math.max(peakBytes, rss);
  samples.push(rss);
}, 500);

async function fetchOnly(): Promise<void> {
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({
    groupId: `bench-fetch-${run}`,
    maxBytesPerPartition: 4 * 1_048_576,
    maxBytes: 64 * 1_048_576,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let lines = 0;
  await new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: Number(partitionsText),
      eachBatch: async ({ batch }) => {
        lines += batch.messages.length;
        if (note(lines)) resolve();
      },
    });
  });
  report();
  await consumer.disconnect();
}

async function collect(): Promise<void> {
  const meter = createPrometheusMeter(Object.values(metrics), { withProcessMetrics: false });
  const stopping = new AbortController();
  const deps = { logger: silentLogger, meter, clock: systemClock };
  const stream = createKafkaRecordStream(
    { ...kafkaStreamDefaults, clusterName: 'dc1', brokers, prefix: `bench-${run}` },
    deps,
  );
  const loop = createCollectLoop(
    {
      topics: [topic],
      names: topicNames('flagwatch'),
      outputPartitions: 12,
      failedLinePartitions: 12,
      paneMs: 1000,
      allowedLatenessMs: 5000,
      idleTimeoutMs: 10_000,
      futureBoundMs: 60_000,
      flushIntervalMs: 500,
      maxLinesPerFlush: 50_000,
      maxEdges: 50_000,
      tickMs: 100,
    },
    deps,
  );
  const running = stream.consume(loop, stopping.signal);
  for (;;) {
    // Lines are counted when they are committed: the end is the end of the last transaction.
    if (note(await meter.total(metrics.lines))) break;
    await new Promise((go) => setTimeout(go, 20));
  }
  report();
  stopping.abort();
  await running;
}

await (mode === 'collect' ? collect() : fetchOnly());
clearInterval(sampling);
