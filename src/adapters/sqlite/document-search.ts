// Looking documents up in the embedded store.
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AdapterError } from '#ports/adapter-error.ts';
import type { DocumentSearch, WindowQuery } from '#ports/document-search.ts';
import { toAdapterError } from './to-adapter-error.ts';

/** A search in the file; it only reads. Throws `AdapterError` where there is no such file. */
export function createSqliteSearch(settings: { readonly path: string }): DocumentSearch {
  const { path } = settings;
  if (!existsSync(path)) {
    const message = `${path}: there is no such store yet; “flagwatch run” makes it`;
    throw new AdapterError('STORE_FAILED', message, { retryable: false });
  }
  const database = new DatabaseSync(path, { readOnly: true });
  const find = (where: string, values: readonly string[], limit: number): Promise<readonly unknown[]> => {
    try {
      const statement = database.prepare(`SELECT json FROM documents WHERE ${where} ORDER BY timestamp LIMIT ?`);
      const rows = statement.all(...values, limit) as { json: string }[];
      return Promise.resolve(rows.map(({ json }) => JSON.parse(json) as unknown));
    } catch (error) {
      return Promise.reject(toAdapterError(error));
    }
  };
  return {
    findLines: ({ by, id }, limit) =>
      find(`kind = 'event' AND ${by === 'request' ? 'request_id' : 'trace_id'} = ?`, [id], limit),
    findWindows: (query, limit) => find(...windowCondition(query), limit),
    close: async () => database.close(),
  };
}

function windowCondition(query: WindowQuery): [where: string, values: string[]] {
  if (query.by === 'deploy') return [`kind = 'metric' AND destination_deploy_id = ?`, [query.id]];
  const service = `json_extract(json, '$.flagwatch.destination.service') = ?`;
  const span = [new Date(query.fromMs).toISOString(), new Date(query.toMs).toISOString()];
  return [`kind = 'metric' AND timestamp >= ? AND timestamp < ? AND ${service}`, [...span, query.name]];
}
