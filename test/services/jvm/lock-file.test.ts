// Locks between processes: held ones are respected, those of the dead are taken over.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tryLock, unlock, withLock } from './lock-file.ts';
import { reservePorts } from './ports.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flagwatch-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('refuses a lock that a living process holds, and leaves nothing behind', () => {
  const path = join(folder, 'lock');
  expect(tryLock(path)).toBe(true);
  expect(tryLock(path)).toBe(false);
  unlock(path);
  expect(readdirSync(folder)).toEqual([]);
});

it('takes over the lock of a process that is gone', () => {
  const path = join(folder, 'lock');
  writeFileSync(path, '999999999');
  expect(tryLock(path)).toBe(true);
});

it('runs one after the other what is done under one lock, also after a failure', async () => {
  const path = join(folder, 'lock');
  const log: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    log.push(`${name} ends`);
    if (name === 'first') throw new Error('failed');
  };
  await Promise.allSettled([withLock(path, 5000, work('first')), withLock(path, 5000, work('second'))]);
  expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

it('gives up after the time given', async () => {
  const path = join(folder, 'lock');
  tryLock(path);
  await expect(withLock(path, 1, async () => {})).rejects.toThrow(`process ${process.pid} has held this lock`);
});

it('never gives out a port twice', async () => {
  const reservations = await Promise.all([reservePorts(20), reservePorts(20), reservePorts(20)]);
  const ports = reservations.flatMap((reservation) => reservation.ports);
  expect(new Set(ports).size).toBe(60);
  for (const reservation of reservations) reservation.release();
});
