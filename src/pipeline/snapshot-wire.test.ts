import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SnapshotPart } from './snapshot-wire.ts';
import { decodeSnapshot, encodeSnapshot, snapshotKeys } from './snapshot-wire.ts';

function applied(state: Map<string, Uint8Array>, parts: readonly SnapshotPart[]): Map<string, Uint8Array> {
  for (const { key, value } of parts) {
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
  return state;
}

const large = { noise: randomBytes(1_500_000).toString('base64') };

describe('snapshot', () => {
  it('comes back whole, in as many records as it needs', () => {
    const parts = encodeSnapshot({ offset: 42, value: large }, 0);
    expect(parts.length).toBeGreaterThan(1);
    expect(decodeSnapshot(applied(new Map(), parts))).toEqual({ offset: 42, value: large });
  });

  it('deletes what a longer one before it has left', () => {
    const state = applied(new Map(), encodeSnapshot({ offset: 1, value: large }, 0));
    const small = encodeSnapshot({ offset: 2, value: { a: 1 } }, snapshotKeys(state).length);
    applied(state, small);
    expect(snapshotKeys(state)).toEqual(['snapshot/0']);
    expect(decodeSnapshot(state)).toEqual({ offset: 2, value: { a: 1 } });
  });

  it('is none where there is none, where a part is missing, and where it cannot be read', () => {
    expect(decodeSnapshot(new Map())).toBeNull();
    const state = applied(new Map(), encodeSnapshot({ offset: 1, value: large }, 0));
    state.delete('snapshot/1');
    expect(decodeSnapshot(state)).toBeNull();
    expect(
      decodeSnapshot(new Map([['snapshot/0', new TextEncoder().encode('{"v":1,"offset":1,"parts":1}\nno gzip')]])),
    ).toBeNull();
    expect(decodeSnapshot(new Map([['snapshot/0', new TextEncoder().encode('no head')]]))).toBeNull();
  });
});
