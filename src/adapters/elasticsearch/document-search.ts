// Looking documents up in Elasticsearch, over all days.
import type { DocumentSearch, LineQuery, WindowQuery } from '#ports/document-search.ts';
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
    findLines: (query, limit, signal) => find('lines', lineQuery(query), limit, signal),
    findWindows: (query, limit, signal) => find('windows', windowQuery(query), limit, signal),
    close: () => connection.close(),
  };
}

function lineQuery({ by, id }: LineQuery): object {
  return { term: { [by === 'request' ? 'http.request.id' : 'trace.id']: id } };
}

function windowQuery(query: WindowQuery): object {
  if (query.by === 'deploy') return { term: { 'flagwatch.destination.deploy_id': query.id } };
  const span = { gte: query.fromMs, lt: query.toMs, format: 'epoch_millis' };
  const filter = [{ term: { 'flagwatch.destination.service': query.name } }, { range: { '@timestamp': span } }];
  return { bool: { filter } };
}
