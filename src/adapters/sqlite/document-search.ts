// Looking documents up in the embedded store.
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AdapterError } from '#ports/adapter-error.ts';
import type { CalleeQuery, DocumentSearch, IdQuery, StoredBlock, TimeSpan } from '#ports/document-search.ts';
import { schemaVersion } from './schema.ts';
import { toAdapterError } from './to-adapter-error.ts';

/** A search in the file; it only reads. Throws `AdapterError` where there is no such file, or one of another version. */
export function createSqliteSearch(settings: { readonly path: string }): DocumentSearch {
  const { path } = settings;
  if (!existsSync(path)) {
    const message = `${path}: there is no such store yet; “flagwatch run” makes it`;
    throw new AdapterError('STORE_FAILED', message, { retryable: false });
  }
  const database = openDatabase(path);
  const find = (dataset: string, query: IdQuery | CalleeQuery, limit: number): Promise<readonly unknown[]> => {
    const { where, values } = toCondition(query);
    const sql = `SELECT json FROM documents WHERE ${where} AND dataset = ? ORDER BY timestamp LIMIT ?`;
    try {
      const rows = database.prepare(sql).all(...values, `flagwatch.${dataset}`, limit) as { json: string }[];
      return Promise.resolve(rows.map(({ json }) => JSON.parse(json) as unknown));
    } catch (error) {
      return Promise.reject(toAdapterError(error));
    }
  };
  return {
    findLines: (query, limit) => find('lines', query, limit),
    findRequests: (query, limit) => find('requests', query, limit),
    findWindows: (query, limit) => find('windows', query, limit),
    pageWindows: (span, signal) => pages(rowsOf(database, 'windows', 'json', span), pageDocuments, parsedRow, signal),
    pageWindowBlocks: (span, signal) => {
      const json = span.withDurations ? 'json' : `json_remove(json, '$.flagwatch.block.durations')`;
      return pages(rowsOf(database, 'window-blocks', json, span), pageBlocks, storedBlock, signal);
    },
    pageRequests: (span, signal) => pages(rowsOf(database, 'requests', 'json', span), pageDocuments, parsedRow, signal),
    close: async () => database.close(),
  };
}

/** Documents of a page: a few megabytes. */
const pageDocuments = 2000;
/** Blocks are larger. */
const pageBlocks = 200;

interface Row {
  readonly id: string;
  readonly json: string;
}

const parsedRow = ({ json }: Row): unknown => JSON.parse(json);
const storedBlock = ({ id, json }: Row): StoredBlock => ({ id, document: JSON.parse(json) });

function rowsOf(
  database: DatabaseSync,
  dataset: string,
  json: string,
  { fromMs, toMs }: TimeSpan,
): () => Iterable<Row> {
  const sql = `SELECT id, ${json} AS json FROM documents WHERE dataset = ? AND timestamp >= ? AND timestamp < ? ORDER BY timestamp`;
  const values = [`flagwatch.${dataset}`, new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  return () => database.prepare(sql).iterate(...values) as unknown as Iterable<Row>;
}

async function* pages<T>(
  open: () => Iterable<Row>,
  size: number,
  toItem: (row: Row) => T,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  let items: T[] = [];
  try {
    for (const row of open()) {
      items.push(toItem(row));
      if (items.length < size) continue;
      yield items;
      items = [];
      if (signal.aborted) throw new AdapterError('ABORTED', 'reading documents was stopped', { retryable: true });
    }
  } catch (error) {
    throw toAdapterError(error);
  }
  if (items.length > 0) yield items;
}

/** The same columns for all kinds of documents. */
function toCondition(query: IdQuery | CalleeQuery): { readonly where: string; readonly values: readonly string[] } {
  if (query.by === 'request') return { where: 'request_id = ?', values: [query.id] };
  if (query.by === 'trace') return { where: 'trace_id = ?', values: [query.id] };
  if (query.by === 'deploy') return { where: 'destination_deploy_id = ?', values: [query.id] };
  const service = `json_extract(json, '$.flagwatch.destination.service') = ?`;
  const span = [new Date(query.fromMs).toISOString(), new Date(query.toMs).toISOString()];
  return { where: `timestamp >= ? AND timestamp < ? AND ${service}`, values: [...span, query.name] };
}

/** A file that an older flagwatch made has not all columns; `run` and `setup` bring it to this version. */
function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true });
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === schemaVersion) return database;
  database.close();
  const message = `${path} has schema version ${version}, this flagwatch reads ${schemaVersion}: run “flagwatch setup”`;
  throw new AdapterError('STORE_FAILED', message, { retryable: false });
}
