// On a real folder: paths, folders, globs, links and unreadable files.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findYamlFiles, readYamlFile, readYamlFiles } from './yaml-files.ts';

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'yaml-files-'));
  const files = [
    'a.yaml',
    'b.yml',
    'a.test.yaml',
    'notes.md',
    'sub/c.yaml',
    '.hidden/d.yaml',
    'node_modules/e.yaml',
    '..data/f.yaml',
  ];
  for (const file of files) {
    mkdirSync(join(root, 'rules', file, '..'), { recursive: true });
    writeFileSync(join(root, 'rules', file), `name: ${file}\n`);
  }
  mkdirSync(join(root, 'empty'));
  // As Kubernetes mounts a ConfigMap.
  symlinkSync(join('..data', 'f.yaml'), join(root, 'rules', 'f.yaml'));
  symlinkSync(join(root, 'rules'), join(root, 'rules', 'sub', 'round'));
  symlinkSync('nowhere', join(root, 'rules', 'broken.yaml'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const found = async (...paths: string[]) => {
  const { files, unmatched } = await findYamlFiles(paths, root);
  return { files: files.map((file) => file.slice(root.length + 1)), unmatched };
};

describe('findYamlFiles', () => {
  it('reads a folder with what is below it, without tests, hidden names and linked folders', async () => {
    expect(await found('rules')).toEqual({
      files: ['rules/a.yaml', 'rules/b.yml', 'rules/f.yaml', 'rules/sub/c.yaml'],
      unmatched: [],
    });
  });

  it('reads globs and single files, each file once, in the order of the paths', async () => {
    expect(
      (await found('rules/sub/c.yaml', 'rules/*.yaml', join(root, 'rules', 'b.yml'), 'rules/a.yaml')).files,
    ).toEqual(['rules/sub/c.yaml', 'rules/a.yaml', 'rules/f.yaml', 'rules/b.yml']);
    expect((await found('rules/**/c.yaml', 'rules/{a,b}.y*ml', 'rules/..data/*.yaml')).files).toEqual([
      'rules/sub/c.yaml',
      'rules/a.yaml',
      'rules/b.yml',
      'rules/..data/f.yaml',
    ]);
  });

  it('says which paths lead to nothing', async () => {
    expect((await found('nope.yaml', 'nope/*.yaml', 'empty', 'rules/a.test.yaml', 'rules/notes.md')).unmatched).toEqual(
      [
        { path: 'nope.yaml', why: 'does not exist' },
        { path: 'nope/*.yaml', why: 'matches no .yaml file' },
        { path: 'empty', why: 'holds no .yaml file' },
        { path: 'rules/a.test.yaml', why: 'is a test of rules, not a file of rules' },
      ],
    );
  });
});

describe('readYamlFile', () => {
  it('reads text, without a byte order mark', async () => {
    const file = join(root, 'bom.yaml');
    writeFileSync(file, '\ufeffa: "값"\n');
    expect(await readYamlFile(file)).toEqual({ file, text: 'a: "값"\n' });
  });

  it('says why there is no text', async () => {
    const binary = join(root, 'binary.yaml');
    const large = join(root, 'large.yaml');
    writeFileSync(binary, Buffer.from([0x61, 0xff, 0xfe]));
    writeFileSync(large, Buffer.alloc(4 * 1_048_576 + 1, 'a'));
    const texts = await readYamlFiles([binary, large, join(root, 'none.yaml'), join(root, 'empty')]);
    expect(texts.map((entry) => ('problem' in entry ? entry.problem : entry.text))).toEqual([
      'the file cannot be read: it is not UTF-8 text',
      'the file has 4194305 bytes, more than 4194304',
      'the file cannot be read: it does not exist',
      'the file cannot be read: EISDIR',
    ]);
  });
});
