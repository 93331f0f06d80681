// Keeps the layers: reads every import of src and compares it with what may stand there. First proves that it sees them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', 'src');
const allowed: Record<string, readonly string[]> = {
  core: [],
  config: ['core'],
  ports: ['core'],
  telemetry: ['core', 'ports'],
  pipeline: ['core', 'ports', 'telemetry'],
  adapters: ['core', 'ports', 'telemetry'],
  app: ['core', 'config', 'ports', 'telemetry', 'pipeline', 'adapters'],
  cli: ['core', 'config', 'ports', 'telemetry', 'pipeline', 'adapters', 'app'],
  'main.ts': ['cli'],
};
const packageOwners: Record<string, string> = {
  kafkajs: 'adapters/kafka/',
  '@elastic/elasticsearch': 'adapters/elasticsearch/',
  '@slack/web-api': 'adapters/slack/',
  'prom-client': 'adapters/prometheus/',
  pino: 'adapters/pino/',
  'node:sqlite': 'adapters/sqlite/',
  'node:http': 'adapters/http/',
  zod: 'config/',
  yaml: 'config/',
  commander: 'cli/',
  'simple-statistics': 'core/detect/',
  luxon: 'core/',
};
const corePackages = new Set(['simple-statistics', 'luxon', 'node:crypto']);

interface Import {
  readonly file: string;
  readonly target: string;
}

function importsOfSource(): readonly Import[] {
  const found: Import[] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g)) {
      found.push({ file: path.slice(root.length + 1), target: match[1] ?? '' });
    }
  }
  return found;
}

const imports = importsOfSource();
const productImports = imports.filter((entry) => !entry.file.endsWith('.test.ts'));
const show = (wrong: readonly Import[]) => wrong.map((entry) => `${entry.file} imports ${entry.target}`);

describe('architecture', () => {
  it('sees the imports', () => {
    expect(imports.length).toBeGreaterThan(10);
    expect(imports.some((entry) => entry.target.startsWith('#ports/'))).toBe(true);
  });

  it('lets layers point downwards only', () => {
    const wrong = productImports.filter(({ file, target }) => {
      const layer = file.split('/')[0] ?? '';
      const to = /^#([^/]+)/.exec(target)?.[1];
      return to !== undefined && to !== layer && !(allowed[layer] ?? []).includes(to);
    });
    expect(show(wrong)).toEqual([]);
  });

  it('lets a stage of core import only what sorts before it, and the vocabulary beside the stages', () => {
    const wrong = productImports.filter(({ file, target }) => {
      const stage = /^core\/([^/]+)\//.exec(file)?.[1];
      const to = /^#core\/([^/]+)\//.exec(target)?.[1];
      return file.startsWith('core/') && to !== undefined && (stage === undefined || to > stage);
    });
    expect(show(wrong)).toEqual([]);
  });

  it('lets no adapter know another', () => {
    const wrong = productImports.filter(({ file, target }) => {
      const folder = /^adapters\/([^/]+)\//.exec(file)?.[1];
      const to = /^#adapters\/([^/]+)\//.exec(target)?.[1];
      return folder !== undefined && to !== undefined && to !== folder;
    });
    expect(show(wrong)).toEqual([]);
  });

  it('names a package in its owner’s folder alone', () => {
    const wrong = productImports.filter(({ file, target }) => {
      const owner = Object.entries(packageOwners).find(([name]) => target === name || target.startsWith(`${name}/`));
      return owner !== undefined && !file.startsWith(owner[1]);
    });
    expect(show(wrong)).toEqual([]);
  });

  it('keeps core pure: no packages but the pure ones, no clock, no randomness', () => {
    const packages = productImports.filter(
      ({ file, target }) => file.startsWith('core/') && !/^[#.]/.test(target) && !corePackages.has(target),
    );
    expect(show(packages)).toEqual([]);
    const clocks = [...new Set(productImports.map(({ file }) => file))].filter(
      (file) =>
        file.startsWith('core/') &&
        /\bDate\.now\(|\bMath\.random\(|new Date\(\)/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(clocks).toEqual([]);
  });

  it('uses neither parent paths nor tests', () => {
    expect(show(productImports.filter(({ target }) => target.includes('../') || target.includes('.test.')))).toEqual(
      [],
    );
  });
});
