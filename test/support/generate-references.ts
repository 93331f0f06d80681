// Writes the generated files of docs/: `node --conditions=source test/support/generate-references.ts`. A test fails while they differ.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderReferences } from '#config/reference.ts';
import { renderCataloguePages } from './catalogue-pages.ts';

const root = join(import.meta.dirname, '..', '..');

for (const [path, text] of Object.entries({ ...renderReferences(), ...renderCataloguePages() })) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
