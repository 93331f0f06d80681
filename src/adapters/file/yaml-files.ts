// Finds YAML files by path, folder or glob, and reads them. Files named `*.test.yaml` are tests of rules and never read as rules.
// Used at start, on reload and by commands; what the texts mean is not known here.
import { glob, readdir, readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';

/** A file with its text, or why it has none. */
export type YamlFileText =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly problem: string };

/** What paths led to. */
export interface FoundYamlFiles {
  /** In the order of the paths given, those of one path by name; none twice. */
  readonly files: readonly string[];
  /** Paths that led to nothing, each with the reason as a sentence’s end. */
  readonly unmatched: readonly { readonly path: string; readonly why: string }[];
}

/** No set of rules has as many; a folder given by mistake may. */
const maxFiles = 10_000;
/** Four bytes a character, for the longest file that config reads. */
const maxFileBytes = 4 * 1_048_576;

const yamlName = /\.ya?ml$/i;
const testName = /\.test\.ya?ml$/i;
const globSigns = /[*?[\]{}]/;

/**
 * The files that `paths` name; relative ones count from the folder `root`. Of folders and globs only `.yaml` and `.yml`, without
 * hidden names (Kubernetes keeps the versions of a mounted ConfigMap in those) and without `node_modules`.
 */
export async function findYamlFiles(paths: readonly string[], root: string): Promise<FoundYamlFiles> {
  const files = new Map<string, string>();
  const unmatched: { path: string; why: string }[] = [];
  for (const path of paths) {
    const found = await findByPath(isAbsolute(path) ? path : join(root, path));
    if (typeof found === 'string') unmatched.push({ path, why: found });
    else for (const file of found) files.set(resolve(file), files.get(resolve(file)) ?? file);
  }
  return { files: [...files.values()], unmatched };
}

/**
 * The test files that `paths` name: of folders and globs those named `*.test.yaml`; of a rule file the one beside it. Otherwise as
 * `findYamlFiles`.
 */
export async function findTestFiles(paths: readonly string[], root: string): Promise<FoundYamlFiles> {
  const files = new Map<string, string>();
  const unmatched: { path: string; why: string }[] = [];
  for (const path of paths) {
    const found = await findTestsByPath(isAbsolute(path) ? path : join(root, path));
    if (typeof found === 'string') unmatched.push({ path, why: found });
    else for (const file of found) files.set(resolve(file), files.get(resolve(file)) ?? file);
  }
  return { files: [...files.values()], unmatched };
}

async function findTestsByPath(path: string): Promise<readonly string[] | string> {
  const kind = await kindOf(path);
  if (kind === 'file' && testName.test(path)) return [path];
  if (kind === 'file') {
    const beside = path.replace(yamlName, '.test$&');
    return (await kindOf(beside)) === 'file' ? [beside] : `has no tests: ${basename(beside)} does not exist`;
  }
  if (kind === null && !globSigns.test(path)) return 'does not exist';
  const names = kind === 'folder' ? await filesIn(path, isTestName) : await filesMatching(path, isTestName);
  if (names.length > maxFiles) return `leads to more than ${maxFiles} files`;
  return names.length === 0 ? 'leads to no *.test.yaml file' : [...names].sort();
}

/** Reads one file as UTF-8; a byte order mark is dropped. Never rejects: what is wrong is a value. */
export async function readYamlFile(file: string): Promise<YamlFileText> {
  try {
    const { size } = await stat(file);
    if (size > maxFileBytes) return { file, problem: `the file has ${size} bytes, more than ${maxFileBytes}` };
    const bytes = await readFile(file);
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return { file, problem: `the file cannot be read: ${reasonOf(error)}` };
  }
}

/** Reads files one after the other, in their order. */
export async function readYamlFiles(files: readonly string[]): Promise<readonly YamlFileText[]> {
  const texts: YamlFileText[] = [];
  for (const file of files) texts.push(await readYamlFile(file));
  return texts;
}

async function findByPath(path: string): Promise<readonly string[] | string> {
  const kind = await kindOf(path);
  if (kind === 'file') return testName.test(path) ? 'is a test of rules, not a file of rules' : [path];
  const isGlob = globSigns.test(path);
  if (kind === null && !isGlob) return 'does not exist';
  const names = kind === 'folder' ? await filesIn(path) : await filesMatching(path);
  if (names.length > maxFiles) return `leads to more than ${maxFiles} files`;
  if (names.length === 0) return kind === 'folder' ? 'holds no .yaml file' : 'matches no .yaml file';
  return [...names].sort();
}

async function filesIn(folder: string, isWanted = isRuleName): Promise<readonly string[]> {
  const found: string[] = [];
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined && found.length <= maxFiles; next = pending.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (isLeftOut(entry.name)) continue;
      // Linked folders are not followed: they may lead round in a circle.
      if (entry.isDirectory()) pending.push(path);
      else if (isWanted(entry.name) && (await kindOf(path)) === 'file') found.push(path);
    }
  }
  return found;
}

async function filesMatching(pattern: string, isWanted = isRuleName): Promise<readonly string[]> {
  const named = new Set(pattern.split(/[\\/]/));
  const found: string[] = [];
  for await (const path of glob(pattern)) {
    const isHidden = path.split(/[\\/]/).some((part) => isLeftOut(part) && !named.has(part));
    if (!isHidden && isWanted(path) && (await kindOf(path)) === 'file') found.push(path);
    if (found.length > maxFiles) break;
  }
  return found;
}

function isLeftOut(name: string): boolean {
  return name === 'node_modules' || (name.startsWith('.') && name !== '.' && name !== '..');
}

function isRuleName(path: string): boolean {
  const name = basename(path);
  return yamlName.test(name) && !testName.test(name);
}

function isTestName(path: string): boolean {
  return testName.test(basename(path));
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'no right to read it';
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : code || String(error);
}
