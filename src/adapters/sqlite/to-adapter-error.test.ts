// Failures of SQLite by their codes.
import { expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import { toAdapterError } from './to-adapter-error.ts';

const failure = (errcode: number) => Object.assign(new Error('failed'), { code: 'ERR_SQLITE_ERROR', errcode });

it.each([
  ['busy', 5, true],
  ['locked', 6, true],
  ['busy, a snapshot (extended)', 517, true],
  ['input or output (extended)', 778, true],
  ['full', 13, true],
  ['read-only', 8, false],
  ['corrupt', 11, false],
  ['not a database', 26, false],
])('%s (%d) may pass: %s', (_, errcode, retryable) => {
  expect(toAdapterError(failure(errcode))).toMatchObject({ code: 'STORE_FAILED', retryable });
});

it('tells what the file system said', () => {
  const cause = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  expect(toAdapterError(cause)).toMatchObject({ code: 'STORE_FAILED', retryable: false, cause });
});

it('leaves bugs and its own errors as they are', () => {
  const bug = new TypeError('a bug');
  const own = new AdapterError('ABORTED', 'stopped', { retryable: true });
  expect([toAdapterError(bug), toAdapterError(own)]).toEqual([bug, own]);
});
