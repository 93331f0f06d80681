// Reading flagwatch's own records: JSON objects with a version. A record of a version that this build does not know is
// unreadable, so it is dead-lettered with that reason and not misread.

/** One of our own records that cannot be read: an `Outcome` of any stage. */
export interface Unreadable {
  readonly kind: 'dead-letter';
  readonly reason: 'unreadable_internal_record';
  readonly detail: string;
}

/** What a record holds, or why it cannot be read. */
export type WireOutcome<T> = { readonly kind: 'ok'; readonly value: T } | Unreadable;

/** The outcome for one of our own records that cannot be read. */
export function unreadable(detail: string): Unreadable {
  return { kind: 'dead-letter', reason: 'unreadable_internal_record', detail };
}

/** The JSON object in `value` if its `v` is one of `versions`. */
export function parseWire(
  value: Uint8Array,
  ...versions: readonly number[]
): WireOutcome<Readonly<Record<string, unknown>>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'));
  } catch {
    return unreadable('not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return unreadable('not a JSON object');
  const object = parsed as Record<string, unknown>;
  if (!versions.some((version) => object['v'] === version)) {
    return unreadable(`version ${JSON.stringify(object['v'])}; this build reads ${versions.join(' and ')}`);
  }
  return { kind: 'ok', value: object };
}

/** Whether a value is a whole number of 0 or more. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
