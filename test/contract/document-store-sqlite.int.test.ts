// SQLite in a file keeps the document store's contract, and its documents over a restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { createSqliteStore } from '#adapters/sqlite/document-store.ts';
import { createLineReader } from '#pipeline/documents/line-reader.ts';
import { defaultMasker } from '../support/default-masker.ts';
import { goldenLines } from '../support/line-arbitraries.ts';
import { aDocument, describeDocumentStoreContract } from './document-store-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'flagwatch-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

function rows(path: string, sql: string): unknown[] {
  const reader = new DatabaseSync(path, { readOnly: true });
  try {
    return reader.prepare(sql).all();
  } finally {
    reader.close();
  }
}

describeDocumentStoreContract('sqlite in a file', async () => {
  const path = join(folder, 'contract', 'documents.db');
  const store = createSqliteStore({ path });
  await store.setup();
  return {
    store,
    read: ({ id }) => {
      const [row] = rows(path, `SELECT json FROM documents WHERE id = '${id}'`) as { json: string }[];
      return Promise.resolve(row === undefined ? null : (JSON.parse(row.json) as unknown));
    },
    stop: () => store.close(),
  };
});

describe('the file', () => {
  it('keeps its documents over a restart, and is set up once', async () => {
    const path = join(folder, 'restart.db');
    const document = aDocument();
    const first = createSqliteStore({ path });
    expect(await first.setup()).toEqual([`tables in ${path}: created`]);
    await first.write([document], signal);
    await first.close();
    const second = createSqliteStore({ path });
    expect(await second.setup()).toEqual([`tables in ${path}: unchanged`]);
    expect(await second.write([document], signal)).toEqual([{ kind: 'duplicate' }]);
    await second.close();
    await second.close();
  });

  it('can be searched by request, trace, both deploys and time, each by an index', async () => {
    const path = join(folder, 'search.db');
    const store = createSqliteStore({ path });
    await store.setup();
    const reader = createLineReader({
      indexPrefix: 'fw',
      keepsOriginal: false,
      futureBoundMs: 60_000,
      masker: defaultMasker,
    });
    const origin = { cluster: 'dc1', topic: 'logs', partition: 0 };
    const line = goldenLines('extended-json').find((text) => text.includes('"d-2201"')) ?? '';
    const read = reader.read({ offset: 0, key: null, value: Buffer.from(line) }, origin, Date.UTC(2027, 0, 1));
    await store.write(read.kind === 'documents' ? read.documents : [], signal);
    const columns = 'kind, timestamp, request_id, trace_id, source_deploy_id, destination_deploy_id';
    const [row] = rows(path, `SELECT ${columns} FROM documents`) as Record<string, string>[];
    expect(row).toMatchObject({ kind: 'event', destination_deploy_id: 'd-2201' });
    expect(row?.['timestamp']).toMatch(/^2026-11-21T05:/);
    for (const column of ['request_id', 'trace_id', 'source_deploy_id', 'destination_deploy_id']) {
      const [plan] = rows(path, `EXPLAIN QUERY PLAN SELECT json FROM documents WHERE ${column} = 'x'`) as {
        detail: string;
      }[];
      expect(plan?.detail).toContain('USING INDEX');
    }
    await store.close();
  });

  it('of the version before failed requests had documents is brought to this one, with its documents', async () => {
    const path = join(folder, 'older.db');
    const writer = new DatabaseSync(path);
    writer.exec(`CREATE TABLE documents (
        id TEXT NOT NULL PRIMARY KEY, index_name TEXT NOT NULL, json TEXT NOT NULL,
        kind TEXT GENERATED ALWAYS AS (json_extract(json, '$.event.kind')) VIRTUAL,
        timestamp TEXT GENERATED ALWAYS AS (json_extract(json, '$."@timestamp"')) VIRTUAL
      ) STRICT;
      PRAGMA user_version = 1;`);
    const document = aDocument();
    writer
      .prepare('INSERT INTO documents (id, index_name, json) VALUES (?, ?, ?)')
      .run(document.id, 'i', document.json);
    writer.close();
    const store = createSqliteStore({ path });
    expect(await store.setup()).toEqual([`tables in ${path}: updated`]);
    expect(await store.setup()).toEqual([`tables in ${path}: unchanged`]);
    expect(await store.write([document, { ...aDocument(), revision: 1 }], signal)).toEqual([
      { kind: 'duplicate' },
      { kind: 'created' },
    ]);
    await store.close();
  });

  it('of a newer flagwatch is refused', async () => {
    const path = join(folder, 'newer.db');
    const writer = new DatabaseSync(path);
    writer.exec('PRAGMA user_version = 99');
    writer.close();
    expect(() => createSqliteStore({ path })).toThrow(/schema version 99; this flagwatch knows 2/);
  });

  it('that is no database, or cannot be made, is told as a failed store', async () => {
    expect(() => createSqliteStore({ path: folder })).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
    const path = join(folder, 'restart.db', 'x.db');
    expect(() => createSqliteStore({ path })).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
  });
});
