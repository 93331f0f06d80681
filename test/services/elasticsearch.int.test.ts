// Smoke test of the real Elasticsearch for tests: it is recognised by its client, answers for each item of a bulk, and
// can be killed, restarted and frozen.
import { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ElasticsearchService, startElasticsearch } from './elasticsearch.ts';

const env = { ...process.env, ELASTICSEARCH_URL: '' };
let service: ElasticsearchService;
let client: Client;
beforeAll(async () => {
  service = await startElasticsearch({ env });
  client = new Client({ node: service.url, maxRetries: 0 });
});
afterAll(async () => {
  await client?.close();
  await service?.stop();
});

const mappings = {
  dynamic: false,
  properties: { status: { type: 'integer' }, path: { type: 'match_only_text' }, flags: { type: 'keyword' } },
} as const;

it('is recognised by the client', async () => {
  expect(await client.info()).toMatchObject({ cluster_name: 'flagwatch-test', version: { number: '9.5.3' } });
  expect(await client.ping()).toBe(true);
});

it('answers for each item of a bulk: created, a conflict, a mapping that does not fit', async () => {
  await client.indices.create({
    index: 'smoke',
    mappings,
    settings: { number_of_replicas: 0, codec: 'best_compression' },
  });
  const bulk = await client.bulk({
    operations: [
      { create: { _index: 'smoke', _id: 'a' } },
      { status: 503, path: '/checkout/pay', flags: ['UF', 'URX'] },
      { create: { _index: 'smoke', _id: 'a' } },
      { status: 503 },
      { create: { _index: 'smoke', _id: 'b' } },
      { status: 'no number' },
    ],
  });
  expect(bulk.errors).toBe(true);
  expect(bulk.items.map(({ create }) => create?.status)).toEqual([201, 409, 400]);
  expect(bulk.items[2]?.create?.error?.type).toBe('document_parsing_exception');
});

it('keeps its data over a kill and a restart on the same port', async () => {
  await service.kill();
  await expect(client.info()).rejects.toThrow();
  await service.restart();
  expect(await client.get({ index: 'smoke', id: 'a' })).toMatchObject({ found: true });
  await client.indices.refresh({ index: 'smoke' });
  const found = await client.search({ index: 'smoke', query: { match: { path: 'checkout' } } });
  expect(found.hits.hits.map(({ _id }) => _id)).toEqual(['a']);
});

it('answers nothing while it is frozen, and goes on afterwards', async () => {
  await service.pause();
  await expect(client.info({}, { requestTimeout: 500 })).rejects.toThrow('Request timed out');
  await service.resume();
  expect(await client.ping()).toBe(true);
});

it('ELASTICSEARCH_URL names a server to use, which is left alone', async () => {
  const external = await startElasticsearch({ env: { ELASTICSEARCH_URL: 'http://es:9200' } });
  expect(external.url).toBe('http://es:9200');
  await expect(external.pause()).rejects.toThrow('cannot pause the server of ELASTICSEARCH_URL=http://es:9200');
  await external.stop();
});
