// What editors make of rule files: the YAML language server, with the published schema, finds nothing in good files, and the same
// places as the check in broken ones, as far as a schema can see.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { getLanguageService } from 'yaml-language-server';

const root = join(import.meta.dirname, '..');
const modeline = '# yaml-language-server: $schema=../docs/rules.schema.json\n';
// The server swallows its own errors and tells them here alone.
const troubles: unknown[] = [];
let version = 0;
const server = getLanguageService({
  schemaRequestService: async (uri: string) => readFileSync(fileURLToPath(uri), 'utf8'),
  workspaceContext: { resolveRelativePath: (path: string, from: string) => new URL(path, from).href },
  telemetry: { send: () => {}, sendError: (_: string, error: unknown) => troubles.push(error), sendTrack: () => {} },
});
server.configure({ validate: true, customTags: [], yamlVersion: '1.2' });

/** `line:column message` of everything that the server underlines in a file of the folder `rules`. */
async function underlined(name: string, text: string): Promise<readonly string[]> {
  // It remembers what it read by name and version.
  version += 1;
  const document = TextDocument.create(pathToFileURL(join(root, 'rules', name)).href, 'yaml', version, text);
  const found = await server.doValidation(document, false);
  expect(troubles).toEqual([]);
  return found.map(({ range, message }) => `${range.start.line + 1}:${range.start.character + 1} ${message}`);
}

const filesOf = (folder: string, pattern = /(?<!\.test)\.yaml$/) =>
  readdirSync(join(root, folder))
    .filter((name) => pattern.test(name))
    .map((name) => ({ name, text: readFileSync(join(root, folder, name), 'utf8') }));

describe('an editor', () => {
  it.each(filesOf('rules'))('underlines nothing in $name, which names the schema', async ({ name, text }) => {
    expect(text.startsWith(modeline)).toBe(true);
    expect(await underlined(name, text)).toEqual([]);
  });

  it.each(filesOf('rules', /\.test\.yaml$/))('underlines nothing in $name', async ({ name, text }) => {
    expect(text.startsWith(modeline.replace('rules.schema', 'rule-tests.schema'))).toBe(true);
    expect(await underlined(name, text)).toEqual([]);
    const wrong = await underlined(name, text.replace('requests:', 'request:').replace('behind:', 'behnd:'));
    expect(wrong).toContainEqual(expect.stringMatching(/^\d+:\d+ Property (request|behnd) is not allowed/));
  });

  it('underlines nothing in the examples of the reference', async () => {
    const page = readFileSync(join(root, 'docs/rules.md'), 'utf8');
    for (const [, text] of page.matchAll(/^```yaml\n(.*?)^```$/gms)) {
      expect(await underlined('example.yaml', `${modeline}${text}`)).toEqual([]);
    }
  });

  it('underlines what the schema can see of the broken files, where the check does', async () => {
    let seen = 0;
    for (const { name, text } of filesOf('test/data/broken-rules')) {
      const found = await underlined(name, text.replace(/^.*\n/, modeline));
      if (found.length > 0) seen += 1;
      const place = /^# (\d+:\d+) /.exec(text)?.[1];
      const unknown = found.filter((message) => message.endsWith(' is not allowed.'));
      if (/^# \S+ unknown key/.test(text)) expect(unknown[0]).toMatch(new RegExp(`^${place} `));
    }
    expect(seen).toBeGreaterThanOrEqual(30);
  });
});
