// A real Elasticsearch keeps the document search's contract.
import { createElasticsearchSearch } from '#adapters/elasticsearch/document-search.ts';
import { createElasticsearchStore } from '#adapters/elasticsearch/document-store.ts';
import { startElasticsearch } from '../services/elasticsearch.ts';
import { RecordingLogger } from '../support/recording.ts';
import { describeDocumentSearchContract } from './document-search-contract.ts';

describeDocumentSearchContract('Elasticsearch', 10_400, async () => {
  const service = await startElasticsearch({});
  const connection = { client: { node: service.url }, requestTimeoutMs: 30_000, compression: false };
  const store = createElasticsearchStore(
    {
      ...connection,
      indexPrefix: 'search-contract',
      shards: 1,
      replicas: 0,
      refreshIntervalMs: 1000,
      codec: 'default',
    },
    { logger: new RecordingLogger() },
  );
  await store.setup();
  return {
    store,
    openSearch: async () => {
      await fetch(`${service.url}/search-contract-*/_refresh`, { method: 'POST' });
      return createElasticsearchSearch({ ...connection, indexPrefix: 'search-contract' });
    },
    stop: async () => {
      await store.close();
      await service.stop();
    },
  };
});
