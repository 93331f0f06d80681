// SQLite in a file keeps the document search's contract.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteSearch } from '#adapters/sqlite/document-search.ts';
import { createSqliteStore } from '#adapters/sqlite/document-store.ts';
import { describeDocumentSearchContract } from './document-search-contract.ts';

describeDocumentSearchContract('sqlite in a file', 5000, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flagwatch-search-'));
  const path = join(folder, 'documents.db');
  const store = createSqliteStore({ path });
  await store.setup();
  return {
    store,
    openSearch: () => Promise.resolve(createSqliteSearch({ path })),
    stop: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
