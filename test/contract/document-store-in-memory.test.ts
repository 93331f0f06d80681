// The fake and SQLite in memory keep the document store's contract.
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createSqliteStore } from '#adapters/sqlite/document-store.ts';
import { FakeDocumentStore } from '../support/fake-document-store.ts';
import { describeDocumentStoreContract } from './document-store-contract.ts';

describeDocumentStoreContract('fake', () => {
  const store = new FakeDocumentStore();
  return Promise.resolve({
    store,
    read: ({ index, id }) => {
      const found = store.documents.get(`${index} ${id}`);
      return Promise.resolve(found === undefined ? null : (JSON.parse(found.json) as unknown));
    },
    stop: () => store.close(),
  });
});

describeDocumentStoreContract('sqlite in memory', async () => {
  // The URI makes the store's memory visible to a second connection.
  const path = 'file:contract?mode=memory&cache=shared';
  const store = createSqliteStore({ path });
  await store.setup();
  const reader = new DatabaseSync(path);
  return {
    store,
    read: ({ id }) => {
      const row = reader.prepare('SELECT json FROM documents WHERE id = ?').get(id) as { json: string } | undefined;
      return Promise.resolve(row === undefined ? null : (JSON.parse(row.json) as unknown));
    },
    stop: async () => {
      reader.close();
      await store.close();
    },
  };
});

it('says what is missing where nothing was set up', async () => {
  const store = createSqliteStore({ path: ':memory:' });
  const write = store.write([{ index: 'i', id: 'a', json: '{}' }], new AbortController().signal);
  await expect(write).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: false });
});
