// The document store of the embedded default: one SQLite file, by Node's own node:sqlite. Ids are primary keys, so what is written
// again changes nothing.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AdapterError } from '#ports/adapter-error.ts';
import type { DocumentStore, StoreDocument, WriteResult } from '#ports/document-store.ts';
import { addRevisions, documentTables, schemaVersion } from './schema.ts';
import { toAdapterError } from './to-adapter-error.ts';

/** Settings of the store. */
export interface SqliteSettings {
  /** File, made where it is missing; `:memory:` keeps nothing. */
  readonly path: string;
}

/** How long a write waits for another process (a search) that holds the file, milliseconds. */
const busyTimeoutMs = 5000;

/** A document store in a file of its own. Throws `AdapterError` where it cannot be opened or was written by a newer flagwatch. */
export function createSqliteStore(settings: SqliteSettings): DocumentStore {
  const database = translated(() => openDatabase(settings.path));
  return {
    write: async (documents, signal) => {
      if (signal.aborted) throw new AdapterError('ABORTED', 'writing documents was stopped', { retryable: true });
      return translated(() => writeAll(database, documents));
    },
    setup: async () => translated(() => setUp(database, settings.path)),
    ping: async () => {
      translated(() => database.prepare('SELECT 1').get());
    },
    close: async () => {
      if (database.isOpen) database.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  database.exec('PRAGMA journal_mode = WAL');
  // An offset is committed when its documents are durable: each transaction reaches the disk, also when the power fails.
  database.exec('PRAGMA synchronous = FULL');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > schemaVersion) {
    database.close();
    const message = `${path} has schema version ${version}; this flagwatch knows ${schemaVersion}`;
    throw new AdapterError('STORE_FAILED', message, { retryable: false });
  }
  return database;
}

function setUp(database: DatabaseSync, path: string): readonly string[] {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === schemaVersion) return [`tables in ${path}: unchanged`];
  const steps = version === 0 ? documentTables : addRevisions;
  inTransaction(database, () => database.exec(`${steps}PRAGMA user_version = ${schemaVersion};`));
  return [`tables in ${path}: ${version === 0 ? 'created' : 'updated'}`];
}

function writeAll(database: DatabaseSync, documents: readonly StoreDocument[]): readonly WriteResult[] {
  const insert = database.prepare(
    `INSERT INTO documents (id, index_name, json, revision) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
     SET index_name = excluded.index_name, json = excluded.json, revision = excluded.revision
     WHERE excluded.revision > documents.revision`,
  );
  return inTransaction(database, () =>
    documents.map(({ id, index, json, revision = 0 }): WriteResult => {
      try {
        return { kind: insert.run(id, index, json, revision).changes === 0 ? 'duplicate' : 'created' };
      } catch (error) {
        // The statement alone is undone, the transaction goes on. What is no JSON has no columns to be found by.
        if (isJson(database, json)) throw error;
        return { kind: 'rejected', detail: 'the document is not JSON' };
      }
    }),
  );
}

function isJson(database: DatabaseSync, json: string): boolean {
  const { valid } = database.prepare('SELECT json_valid(?) AS valid').get(json) as { valid: number };
  return valid === 1;
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toAdapterError(error);
  }
}
