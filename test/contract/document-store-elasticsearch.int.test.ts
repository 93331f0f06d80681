// Elasticsearch keeps the document store's contract on a real node; its mappings do what they say; its failures are told apart.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ElasticsearchSettings } from '#adapters/elasticsearch/document-store.ts';
import { createElasticsearchStore } from '#adapters/elasticsearch/document-store.ts';
import { noCounts } from '#core/count/count-row.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import { encodeTransition } from '#core/evaluate/transition-wire.ts';
import { createLineReader } from '#pipeline/documents/line-reader.ts';
import type { RecordReader } from '#pipeline/documents/record-reader.ts';
import { createAlertReader, createWindowReader } from '#pipeline/documents/record-reader.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import { type ElasticsearchService, startElasticsearch } from '../services/elasticsearch.ts';
import { anEdge, inTime } from '../support/builders.ts';
import { defaultMasker } from '../support/default-masker.ts';
import { goldenLines } from '../support/line-arbitraries.ts';
import { RecordingLogger } from '../support/recording.ts';
import { aDocument, contractPrefix, describeDocumentStoreContract } from './document-store-contract.ts';

const { signal } = new AbortController();
const prefix = contractPrefix;
let service: ElasticsearchService;
beforeAll(async () => {
  service = await startElasticsearch();
});
afterAll(async () => {
  for (const kind of ['lines', 'requests', 'windows', 'alerts']) {
    for (const day of ['20', '21']) await ask('DELETE', `/${prefix}-${kind}-2026.11.${day}`);
    for (const name of [prefix, `${prefix}-setup`]) await ask('DELETE', `/_index_template/${name}-${kind}`);
  }
  await service?.stop();
});

function aStore(changes: Partial<ElasticsearchSettings> = {}, logger = new RecordingLogger()) {
  const settings: ElasticsearchSettings = {
    client: { node: service.url },
    requestTimeoutMs: 30_000,
    compression: false,
    indexPrefix: prefix,
    shards: 1,
    replicas: 0,
    refreshIntervalMs: 1000,
    codec: 'default',
    ...changes,
  };
  return createElasticsearchStore(settings, { logger });
}

async function ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  return (await (await fetch(`${service.url}${path}`, init)).json()) as Record<string, unknown>;
}

const read = async ({ index, id }: StoreDocument): Promise<unknown> => {
  const answer = await ask('GET', `/${index}/_doc/${encodeURIComponent(id)}`);
  return answer['_source'] ?? null;
};

describeDocumentStoreContract('elasticsearch', async () => {
  const store = aStore();
  await store.setup();
  return { store, read, stop: () => store.close() };
});

describeDocumentStoreContract('elasticsearch, compressed', async () => {
  const store = aStore({ compression: true });
  await store.setup();
  return { store, read, stop: () => store.close() };
});

describe('setup', () => {
  it('creates the templates, changes nothing when run again, and puts right what was changed by hand', async () => {
    const store = aStore({ indexPrefix: `${prefix}-setup` });
    const kinds = ['lines', 'requests', 'windows', 'window-blocks', 'alerts'];
    const lines = (change: string) => kinds.map((kind) => `index template ${prefix}-setup-${kind}: ${change}`);
    expect(await store.setup()).toEqual(lines('created'));
    expect(await store.setup()).toEqual(lines('unchanged'));
    const name = `${prefix}-setup-lines`;
    await ask('PUT', `/_index_template/${name}`, { index_patterns: [`${name}-*`] });
    expect((await store.setup())[0]).toBe(`index template ${name}: updated, for indices from now on`);
    await store.close();
  });
});

describe('mappings', () => {
  const nowMs = Date.UTC(2026, 10, 21, 6);
  const origin = { cluster: 'dc1', topic: 'logs', partition: 0 };
  const settings = { indexPrefix: prefix, keepsOriginal: true, futureBoundMs: 60_000, masker: defaultMasker };
  const documentsOf = (reader: RecordReader, values: readonly string[]): readonly StoreDocument[] =>
    values.flatMap((value, offset) => {
      const result = reader.read({ offset, key: null, value: Buffer.from(value) }, origin, nowMs);
      return result.kind === 'documents' ? result.documents : [];
    });
  const count = async (kind: string, query: unknown): Promise<number> => {
    const answer = await ask('POST', `/${prefix}-${kind}-*/_count`, { query });
    return Number(answer['count']);
  };

  it('take every recorded line, and find it by ids, flags, ends and outcome', async () => {
    const store = aStore();
    await store.setup();
    const lines = goldenLines('extended-json');
    const documents = documentsOf(createLineReader(settings), lines);
    const results = await store.write(documents, signal);
    expect(results.filter(({ kind }) => kind !== 'created')).toEqual([]);
    await ask('POST', `/${prefix}-lines-*/_refresh`);
    expect(await count('lines', { prefix: { 'flagwatch.reporter': '' } })).toBe(lines.length);
    const { http, flagwatch } = JSON.parse(documents.find(({ json }) => json.includes('"UC"'))?.json ?? '') as {
      http: { request: { id: string } };
      flagwatch: { destination: { service: string } };
    };
    expect(await count('lines', { term: { 'http.request.id': http.request.id } })).toBeGreaterThan(0);
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const withFlag = parsed.filter((line) => String(line['response_flags']).split(',').includes('UF')).length;
    expect(await count('lines', { term: { 'flagwatch.flags': 'UF' } })).toBe(withFlag);
    const fromCheckout = parsed.filter((line) =>
      String(line['downstream_remote_address']).startsWith('127.10.0.'),
    ).length;
    expect(await count('lines', { term: { 'source.ip': '127.10.0.0/24' } })).toBe(fromCheckout);
    expect(
      await count('lines', { term: { 'flagwatch.destination.service': flagwatch.destination.service } }),
    ).toBeGreaterThan(0);
    const sum = {
      bytes: { sum: { field: 'http.response.body.bytes' } },
      longest: { max: { field: 'event.duration' } },
    };
    const answer = await ask('POST', `/${prefix}-lines-*/_search`, { size: 0, aggs: sum });
    const aggregations = answer['aggregations'] as Record<string, { value: number }>;
    const http1 = parsed.filter((line) => line['protocol'] !== null);
    expect(aggregations['bytes']?.value).toBe(http1.reduce((total, line) => total + Number(line['bytes_sent']), 0));
    expect(aggregations['longest']?.value).toBe(Math.max(...parsed.map((line) => Number(line['duration']))) * 1e6);
    await store.close();
  });

  it('keep what no mapping names, and text too long for an index, without failing or growing', async () => {
    const store = aStore();
    const before = await ask('GET', `/${prefix}-lines-2026.11.21/_mapping`);
    const long = 'x'.repeat(100_000);
    const source = {
      url: { original: long },
      event: { original: long },
      trace: { id: long },
      invented: { a: { b: 1 } },
    };
    const document = aDocument({ json: JSON.stringify(source) });
    expect(await store.write([document], signal)).toEqual([{ kind: 'created' }]);
    expect(await read(document)).toEqual(source);
    expect(await ask('GET', `/${prefix}-lines-2026.11.21/_mapping`)).toEqual(before);
    await store.close();
  });

  it('take windows, with a counter for each known flag and nested ones for all; what came late adds up', async () => {
    const store = aStore();
    const row = { ...noCounts, ...inTime, requestCount: 40, windowStartAtMs: nowMs - 10_000, windowEndAtMs: nowMs };
    const windows = [
      { ...row, edge: anEdge(), flagCounts: { UC: 3, 'odd.flag': 2, __proto__x: 1 } },
      { ...row, edge: anEdge({ source_version: 'v2' }), flagCounts: { UC: 1 } },
    ];
    const late = { ...row, edge: anEdge(), flagCounts: { UC: 2 }, late: '0/7' };
    const documents = documentsOf(createWindowReader(settings), [windows, [late]].map(encodeWindowCounts));
    expect(await store.write(documents, signal)).toEqual(documents.map(() => ({ kind: 'created' })));
    await ask('POST', `/${prefix}-windows-*/_refresh`);
    const aggs = { uc: { sum: { field: 'flagwatch.count.UC' } } };
    const answer = await ask('POST', `/${prefix}-windows-*/_search`, { size: 0, aggs });
    expect(answer['aggregations']).toMatchObject({ uc: { value: 6 } });
    const odd = { bool: { must: [{ term: { 'flagwatch.flag_counts.flag': 'odd.flag' } }] } };
    expect(await count('windows', { nested: { path: 'flagwatch.flag_counts', query: odd } })).toBe(1);
    await store.close();
  });

  it('take alerts, found by any label of the rule', async () => {
    const store = aStore();
    const verdict = { kind: 'anomaly' as const, windowStartAtMs: nowMs - 10_000, windowEndAtMs: nowMs, value: 12 };
    const whole = {
      ...verdict,
      unit: 'lines' as const,
      requestCount: 40,
      baseline: null,
      scale: 0.5,
      z: 11.5,
      reason: '12 of 40',
    };
    const transition = encodeTransition({
      id: 'abc-firing-1',
      fingerprint: 'abc',
      alert: 'UC',
      status: 'firing',
      isShadow: false,
      atMs: nowMs,
      sinceAtMs: nowMs - 10_000,
      labels: { destination_service: 'payments', flag: 'UC', 'team.of': 'core' },
      annotations: { 'a.b': 'x', a: 'y' },
      verdict: whole,
      peak: whole,
      totalCount: 12.5,
      totalRequestCount: 40,
      examples: [{ atMs: nowMs, requestId: 'r-1' }],
    });
    const documents = documentsOf(createAlertReader(settings), [transition]);
    expect(await store.write(documents, signal)).toEqual([{ kind: 'created' }]);
    await ask('POST', `/${prefix}-alerts-*/_refresh`);
    expect(await count('alerts', { term: { 'flagwatch.alert.labels.team.of': 'core' } })).toBe(1);
    expect(await count('alerts', { range: { 'flagwatch.alert.verdict.z': { gt: 11 } } })).toBe(1);
    expect(await count('alerts', { range: { 'flagwatch.alert.peak.window_end': { gte: nowMs } } })).toBe(1);
    await store.close();
  });

  it('refuse a document whose values do not fit, with the server’s reason, and take its neighbours', async () => {
    const store = aStore();
    const bad = aDocument({ json: '{"http":{"response":{"status_code":"no number"}}}' });
    const results = await store.write([aDocument(), bad, aDocument()], signal);
    expect(results.map(({ kind }) => kind)).toEqual(['created', 'rejected', 'created']);
    expect(results[1]).toHaveProperty(
      'detail',
      expect.stringMatching(/^document_parsing_exception: .*http\.response\.status_code.*For input string/),
    );
    await store.close();
  });

  it('refuse an id that would fail the whole request, and take its neighbours', async () => {
    const store = aStore();
    const results = await store.write([aDocument({ id: 'x'.repeat(513) }), aDocument()], signal);
    expect(results.map(({ kind }) => kind)).toEqual(['rejected', 'created']);
    await store.close();
  });
});

describe('failures', () => {
  it('of a server that is not there', async () => {
    const store = aStore({ client: { node: 'http://127.0.0.1:1' } });
    await expect(store.ping(signal)).rejects.toMatchObject({ code: 'ES_UNAVAILABLE', retryable: true });
    await expect(store.write([aDocument()], signal)).rejects.toMatchObject({ code: 'ES_UNAVAILABLE' });
    await store.close();
  });

  const isOurs = process.env['ELASTICSEARCH_URL'] === undefined;
  it.runIf(isOurs)('of a server that does not answer, and of a request that is stopped meanwhile', async () => {
    const hurried = aStore({ requestTimeoutMs: 500 });
    const patient = aStore();
    await service.pause();
    try {
      await expect(hurried.ping(signal)).rejects.toMatchObject({ code: 'ES_TIMEOUT', retryable: true });
      const stop = new AbortController();
      const write = patient.write([aDocument()], stop.signal);
      setTimeout(() => stop.abort(), 100);
      await expect(write).rejects.toMatchObject({ code: 'ABORTED' });
    } finally {
      await service.resume();
    }
    await expect(patient.ping(signal)).resolves.toBeUndefined();
    await hurried.close();
    await patient.close();
  });

  it('of an index that takes no writes are the cluster’s, not the document’s', async () => {
    const store = aStore();
    const document = aDocument({ index: `${prefix}-lines-2026.11.20` });
    await store.write([aDocument(), document], signal);
    await ask('PUT', `/${document.index}/_block/write`);
    const results = await store.write([aDocument({ index: document.index }), aDocument()], signal);
    expect(results.map(({ kind }) => kind)).toEqual(['retry', 'created']);
    await store.close();
  });

  it('of options that the client does not know are told at once', () => {
    expect(() => aStore({ client: {} })).toThrow(expect.objectContaining({ code: 'ES_REJECTED', retryable: false }));
  });

  it('of a request that is too large are none: halves pass, and one document that does not is refused', async () => {
    const sizes: number[] = [];
    // A proxy that takes 2,000 bytes at most, before a server that stores everything.
    const proxy = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        sizes.push(body.length);
        const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
        const items = Array.from({ length: body.toString().split('\n').length >> 1 }, () => ({
          create: { status: 201 },
        }));
        response.writeHead(body.length > 2000 ? 413 : 200, headers).end(JSON.stringify({ items }));
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const logger = new RecordingLogger();
    const node = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const store = aStore({ client: { node } }, logger);
    const large = aDocument({ json: JSON.stringify({ text: 'x'.repeat(3000) }) });
    const documents = [...Array.from({ length: 10 }, () => aDocument()), large, aDocument()];
    const results = await store.write(documents, signal);
    expect(results.map(({ kind }) => kind)).toEqual([...Array(10).fill('created'), 'rejected', 'created']);
    expect(sizes.length).toBeGreaterThan(3);
    expect(logger.lines[0]).toBe('warn a bulk is too large for the server; it is sent in halves');
    await store.close();
    proxy.close();
  });
});
