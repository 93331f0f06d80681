// index on a real Elasticsearch that is killed in the middle, and frozen: it waits, and then every document is there once.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createElasticsearchStore } from '#adapters/elasticsearch/document-store.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { createIndexLoop } from '#pipeline/index-loop.ts';
import { topicNames } from '#pipeline/topics.ts';
import { metrics } from '#telemetry/metrics.ts';
import { type ElasticsearchService, startElasticsearch } from '../services/elasticsearch.ts';
import { defaultMasker } from '../support/default-masker.ts';
import { goldenLines } from '../support/line-arbitraries.ts';
import { RecordedPartition, SummingMeter, toBatch } from '../support/loop-harness.ts';
import { RecordingLogger } from '../support/recording.ts';

// A server of the user's own is not killed: this one is always ours.
const env = { ...process.env, ELASTICSEARCH_URL: '' };
let service: ElasticsearchService;
beforeAll(async () => {
  service = await startElasticsearch({ env });
});
afterAll(async () => {
  await service?.stop();
});

const lines = goldenLines('extended-json');
const batchSize = 200;

function setUp(indexPrefix: string) {
  const logger = new RecordingLogger();
  const meter = new SummingMeter();
  const store = createElasticsearchStore(
    {
      client: { node: service.url },
      requestTimeoutMs: 1000,
      compression: false,
      indexPrefix,
      shards: 1,
      replicas: 0,
      refreshIntervalMs: 1000,
      codec: 'default',
    },
    { logger },
  );
  const loop = createIndexLoop(
    {
      topics: ['logs'],
      names: topicNames('flagwatch'),
      indexPrefix,
      keepsOriginal: false,
      futureBoundMs: 60_000,
      masker: defaultMasker,
      sink: 'elasticsearch',
      retryInitialMs: 50,
      retryMaxMs: 500,
      logIntervalMs: 60_000,
      maxBulkBytes: 1_000_000,
      maxBulkDocuments: 150,
      maxBulksInFlight: 2,
      flushIntervalMs: 100,
      tickMs: 50,
    },
    { store, logger, meter, clock: systemClock },
  );
  return { store, loop, logger, meter };
}

async function storedIds(prefix: string): Promise<readonly string[]> {
  await fetch(`${service.url}/${prefix}-lines-*/_refresh`, { method: 'POST' });
  const answer = await fetch(`${service.url}/${prefix}-lines-*/_search?size=10000&_source=false`);
  const { hits } = (await answer.json()) as { hits: { hits: { _id: string }[] } };
  return hits.hits.map(({ _id }) => _id);
}

describe('an outage of Elasticsearch', () => {
  it.each([
    ['killed and started again', 'killed', () => service.kill(), () => service.restart()],
    [
      'frozen, so that nothing tells whether it took the documents',
      'frozen',
      () => service.pause(),
      () => service.resume(),
    ],
  ])('is survived: %s', async (_, prefix, stop, start) => {
    const { store, loop, logger, meter } = setUp(prefix);
    await store.setup();
    const partition = new RecordedPartition({ topic: 'logs' });
    const { processor } = await loop.open(partition);
    const batches = 12;
    const away = (async () => {
      await wait(20);
      await stop();
      await wait(2500);
      await start();
    })();
    for (let i = 0; i < batches; i += 1) {
      const values = Array.from({ length: batchSize }, (__, n) => lines[(i * batchSize + n) % lines.length] ?? '');
      await processor.process(toBatch(values, i * batchSize));
      await wait(10);
    }
    await away;
    const total = batches * batchSize;
    while ((partition.commits.at(-1)?.nextOffset ?? 0) < total) {
      await processor.tick(systemClock.nowMs());
      await wait(20);
    }
    const ids = await storedIds(prefix);
    expect(new Set(ids).size).toBe(total);
    expect(ids).toHaveLength(total);
    expect(meter.total(metrics.sinkRetries)).toBeGreaterThan(0);
    expect(logger.lines[0]).toBe('warn the document store does not take all documents; they wait');
    expect(partition.written('flagwatch.dead-letters')).toEqual([]);
    await store.close();
  });
});
