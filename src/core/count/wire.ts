// Reading flagwatch's own records: JSON objects with a version. A record of a version that this build does not know is
// unreadable, so it is dead-lettered with that reason and not misread.
import type { Outcome } from '#core/access-log/record.ts';

/** The outcome for one of our own records that cannot be read. */
export function unreadable<T>(detail: string): Outcome<T> {
  return { kind: 'dead-letter', reason: 'unreadable_internal_record', detail };
}

/** The JSON object in `value` if its `v` is `version`. */
export function parseWire(value: Uint8Array, version: number): Outcome<Readonly<Record<string, unknown>>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'));
  } catch {
    return unreadable('not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return unreadable('not a JSON object');
  const object = parsed as Record<string, unknown>;
  if (object['v'] !== version) return unreadable(`version ${JSON.stringify(object['v'])}; this build reads ${version}`);
  return { kind: 'ok', value: object };
}
