// Reads a loop's state of one partition: the latest value by key of the state topic's partition, up to its end.
import { AdapterError } from '#ports/adapter-error.ts';
import type { Clock } from '#ports/system.ts';
import { nameOf, type PartitionName } from './cluster-client.ts';
import type { PartitionReader } from './partition-reader.ts';

/** What is read, up to where, and how patiently. */
export interface StateToRead {
  readonly of: PartitionName;
  /** Taken after the fence: nothing committed can come behind it. */
  readonly endOffset: number;
  readonly stallMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Values by key; tombstones delete. The values are copies: the reader's are views of whole fetch responses. Throws
 * `KAFKA_TIMEOUT` when the position does not move for `stallMs`.
 */
export async function readState(reader: PartitionReader, state: StateToRead): Promise<ReadonlyMap<string, Uint8Array>> {
  const values = new Map<string, Uint8Array>();
  let movedAtMs = state.clock.nowMs();
  while (reader.position < state.endOffset) {
    const before = reader.position;
    const batch = await reader.next();
    if (state.signal.aborted) throw new AdapterError('ABORTED', 'reading state was aborted', { retryable: true });
    for (const [key, value] of latestByKey(batch?.records ?? [])) {
      if (value === null) values.delete(key);
      else values.set(key, Uint8Array.from(value));
    }
    const nowMs = state.clock.nowMs();
    if (reader.position > before) movedAtMs = nowMs;
    if (nowMs - movedAtMs > state.stallMs) throw stalled(state, reader.position);
  }
  return values;
}

function latestByKey(
  records: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array | null }[],
): ReadonlyMap<string, Uint8Array | null> {
  const latest = new Map<string, Uint8Array | null>();
  for (const { key, value } of records) {
    if (key !== null) latest.set(Buffer.from(key.buffer, key.byteOffset, key.length).toString(), value);
  }
  return latest;
}

function stalled(state: StateToRead, position: number): AdapterError {
  const message = `reading state of ${nameOf(state.of)} stands at ${position} of ${state.endOffset} for ${state.stallMs} ms`;
  return new AdapterError('KAFKA_TIMEOUT', message, { retryable: true });
}
