// A lock between processes: a file that holds its owner's process id. Guards the shared cache and the reserved ports.
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Takes the lock at `path` if nobody alive holds it; says whether it did. The folder must exist. */
export function tryLock(path: string): boolean {
  // A hard link appears together with its contents, so that no other process ever reads an empty lock file.
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, String(process.pid));
  try {
    return link(draft, path) || (clearStale(path) && link(draft, path));
  } finally {
    unlinkSync(draft);
  }
}

/** Gives back a lock that this process holds. */
export function unlock(path: string): void {
  rmSync(path, { force: true });
}

/** Runs `work` while holding the lock at `path`; waits for up to `waitMs` and throws after that. */
export async function withLock<Result>(path: string, waitMs: number, work: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + waitMs;
  while (!tryLock(path)) {
    if (Date.now() > deadline) {
      throw new Error(`${path}: process ${readOwner(path) ?? 'unknown'} has held this lock for over ${waitMs} ms`);
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    unlock(path);
  }
}

function link(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

// Two processes may clear the same stale lock, and the slower one then removes the fresh lock of the faster one. What is
// done under these locks bears that: the cache is put in place by one rename, and a port taken twice fails loudly.
function clearStale(path: string): boolean {
  const owner = readOwner(path);
  if (owner !== undefined && isAlive(owner)) return false;
  rmSync(path, { force: true });
  return true;
}

function readOwner(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM'); // somebody else's process is alive too
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
