// Finds the files with lines that settings name: files, folders and globs.
import { glob, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { AdapterError } from '#ports/adapter-error.ts';

/** No run reads as many; a folder given by mistake may hold them. */
const maxFiles = 1000;

/**
 * The files that `paths` name, absolute, each once, those of a folder or glob by name; relative paths count from `root`. Throws
 * `AdapterError` `FILE_UNREADABLE` for a path that leads to nothing, or to too much.
 */
export async function findLineFiles(paths: readonly string[], root: string): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    const found = await findByPath(isAbsolute(path) ? path : join(root, path));
    if (found.length === 0) throw unreadable(path, 'there is no such file, and nothing that it matches');
    for (const file of found) files.add(resolve(file));
    if (files.size > maxFiles) throw unreadable(path, `more than ${maxFiles} files`);
  }
  return [...files];
}

async function findByPath(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return [path];
  if (found?.isDirectory()) {
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map((entry) => entry.name);
    return names.sort().map((name) => join(path, name));
  }
  const matches: string[] = [];
  for await (const match of glob(path)) matches.push(match);
  return matches.sort();
}

function unreadable(path: string, why: string): AdapterError {
  return new AdapterError('FILE_UNREADABLE', `${path}: ${why}`, { retryable: false });
}
