// Looking documents up in Elasticsearch, over all days.
import type { CalleeQuery, DocumentSearch, IdQuery, TimeSpan } from '#ports/document-search.ts';
import type { Connection, ConnectionSettings } from './client.ts';
import { openConnection } from './client.ts';

interface SearchAnswer {
  readonly hits: { readonly hits: readonly { readonly _source: unknown }[] };
}

/** A search over the indices with that prefix. */
export function createElasticsearchSearch(
  settings: ConnectionSettings & { readonly indexPrefix: string },
): DocumentSearch {
  const connection = openConnection(settings);
  const find = async (kind: string, query: object, limit: number, signal: AbortSignal) => {
    const body = { query, size: limit, sort: [{ '@timestamp': 'asc' }] };
    const path = `/${encodeURIComponent(`${settings.indexPrefix}-${kind}-`)}*/_search`;
    const options = { ignore_unavailable: true, allow_no_indices: true };
    const answer = await connection.request<SearchAnswer>({ method: 'POST', path, query: options, body }, signal);
    return (answer?.hits.hits ?? []).map(({ _source }) => _source);
  };
  const pagingOf = (kind: string, pageSize: number): Paging => {
    return { connection, pattern: `${settings.indexPrefix}-${kind}-*`, pageSize };
  };
  return {
    findLines: (query, limit, signal) => find('lines', toDsl(query), limit, signal),
    findRequests: (query, limit, signal) => find('requests', toDsl(query), limit, signal),
    findWindows: (query, limit, signal) => find('windows', toDsl(query), limit, signal),
    pageWindows: (span, signal) => sources(pages(pagingOf('windows', pageDocuments), span, signal)),
    pageWindowBlocks: async function* (span, signal) {
      const leftOut = span.withDurations ? [] : ['flagwatch.block.durations'];
      for await (const hits of pages({ ...pagingOf('window-blocks', pageBlocks), leftOut }, span, signal)) {
        yield hits.map(({ _id, _source }) => ({ id: _id, document: _source }));
      }
    },
    pageRequests: (span, signal) => sources(pages(pagingOf('requests', pageDocuments), span, signal)),
    close: () => connection.close(),
  };
}

/** Documents of a page: as many as one answer may hold. */
const pageDocuments = 10_000;
/** Blocks are some tens of kilobytes each. */
const pageBlocks = 300;
/** How long a page may take to be worked on before the next is asked for. */
const keepAlive = '5m';

interface Hit {
  readonly _id: string;
  readonly _source: unknown;
  readonly sort: readonly unknown[];
}

interface PageAnswer {
  readonly hits: { readonly hits: readonly Hit[] };
}

/** What is read in pages. */
interface Paging {
  readonly connection: Connection;
  readonly pattern: string;
  readonly pageSize: number;
  /** Fields that are not sent. */
  readonly leftOut?: readonly string[];
}

async function* sources(hits: AsyncIterable<readonly Hit[]>): AsyncGenerator<readonly unknown[]> {
  for await (const page of hits) yield page.map(({ _source }) => _source);
}

/** Pages of one point in time, so that what is written meanwhile moves nothing. */
async function* pages(
  { connection, pattern, pageSize, leftOut = [] }: Paging,
  { fromMs, toMs }: TimeSpan,
  signal: AbortSignal,
): AsyncGenerator<readonly Hit[]> {
  const path = `/${encodeURIComponent(pattern).replaceAll('%2A', '*')}/_pit`;
  const options = { keep_alive: keepAlive, ignore_unavailable: true };
  const opened = await connection.request<{ id: string }>(
    { method: 'POST', path, query: options, mayBeMissing: true },
    signal,
  );
  if (opened === null) return;
  const pit = { id: opened.id, keep_alive: keepAlive };
  const query = { range: { '@timestamp': { gte: fromMs, lt: toMs, format: 'epoch_millis' } } };
  const sort = [{ '@timestamp': 'asc' }];
  const search = { pit, query, size: pageSize, sort, _source: { excludes: leftOut }, track_total_hits: false };
  try {
    for (let after: readonly unknown[] | null = null; ; ) {
      const body: object = after === null ? search : { ...search, search_after: after };
      const answer: PageAnswer | null = await connection.request({ method: 'POST', path: '/_search', body }, signal);
      const hits = answer?.hits.hits ?? [];
      if (hits.length > 0) yield hits;
      after = hits.at(-1)?.sort ?? null;
      if (hits.length < pageSize || after === null) return;
    }
  } finally {
    await connection.request({ method: 'DELETE', path: '/_pit', body: { id: opened.id }, mayBeMissing: true }, signal);
  }
}

/** The same fields in all kinds of documents. */
function toDsl(query: IdQuery | CalleeQuery): object {
  if (query.by === 'request') return { term: { 'http.request.id': query.id } };
  if (query.by === 'trace') return { term: { 'trace.id': query.id } };
  if (query.by === 'deploy') return { term: { 'flagwatch.destination.deploy_id': query.id } };
  const span = { gte: query.fromMs, lt: query.toMs, format: 'epoch_millis' };
  const filter = [{ term: { 'flagwatch.destination.service': query.name } }, { range: { '@timestamp': span } }];
  return { bool: { filter } };
}
