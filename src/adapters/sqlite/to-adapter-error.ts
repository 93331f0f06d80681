// What a failure of SQLite means: by its result code, never by its text.
import { AdapterError } from '#ports/adapter-error.ts';

/** Primary result codes that may pass: busy, locked, an input or output error, a full disk. https://sqlite.org/rescode.html */
const retryableCodes: ReadonlySet<number> = new Set([5, 6, 10, 13]);

/** The adapter's error for what SQLite or the file system threw. What has no code of theirs stays itself: a bug. */
export function toAdapterError(cause: unknown): unknown {
  const { code, errcode, message } = cause as Readonly<Record<'code' | 'errcode' | 'message', unknown>>;
  if (cause instanceof AdapterError || typeof code !== 'string') return cause;
  // Extended codes hold the primary one in their low byte.
  const retryable = typeof errcode === 'number' && retryableCodes.has(errcode & 0xff);
  return new AdapterError('STORE_FAILED', `the embedded store failed: ${String(message)}`, { retryable, cause });
}
