// Looking documents up in Elasticsearch, over all days.
import type { CalleeQuery, DocumentSearch, IdQuery } from '#ports/document-search.ts';
import type { ConnectionSettings } from './client.ts';
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
  return {
    findLines: (query, limit, signal) => find('lines', toDsl(query), limit, signal),
    findRequests: (query, limit, signal) => find('requests', toDsl(query), limit, signal),
    findWindows: (query, limit, signal) => find('windows', toDsl(query), limit, signal),
    close: () => connection.close(),
  };
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
