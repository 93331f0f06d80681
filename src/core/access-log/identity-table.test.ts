import { describe, expect, it } from 'vitest';
import type { IdentityTableLimits } from './identity-table.ts';
import { defaultIdentityTableLimits, IdentityTable } from './identity-table.ts';

const view = new DataView(new ArrayBuffer(20_000));

/** The identity of texts side by side; `null` for a field that is missing. */
function identify(table: IdentityTable, parts: readonly (string | null)[]): string | null {
  const held = new Uint8Array(parts.length);
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    held[i] = part === null ? 0 : 2;
    starts[i] = at;
    for (const character of part ?? '') view.setUint8(at++, character.charCodeAt(0));
    ends[i] = at;
  });
  const places = { held, starts, ends };
  return table.find(view, places) ?? table.add(view, places);
}

const tableOf = (fields: number, limits: Partial<IdentityTableLimits> = {}) =>
  new IdentityTable([...Array(fields).keys()], 2, { ...defaultIdentityTableLimits, ...limits });

describe('IdentityTable', () => {
  it('gives the same text for the same bytes, and the very same string', () => {
    const table = tableOf(3);
    const first = identify(table, ['checkout', null, 'v1']);
    expect(identify(table, ['checkout', null, 'v1'])).toBe(first);
    expect(identify(tableOf(3), ['checkout', null, 'v1'])).toBe(first);
  });

  it('keeps apart what only looks alike', () => {
    const table = tableOf(3);
    const texts = [
      ['ab', 'c', ''],
      ['a', 'bc', ''],
      ['abc', '', ''],
      ['abc', null, ''],
      ['abc', '', null],
      [null, 'abc', ''],
      [null, null, null],
      ['', '', ''],
      ['a,', 'c', ''],
      ['a', ',c', ''],
    ].map((parts) => identify(table, parts));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('keeps identities apart whose hashes collide', () => {
    // Among so many, some pairs share their 32 bits.
    const count = 150_000;
    const table = tableOf(2, { maxIdentities: count, maxBytes: 1e9 });
    const texts = new Set<string | null>();
    for (let i = 0; i < count; i += 1) texts.add(identify(table, [`pod-${i}`, `${i * 7919}`]));
    expect(texts.size).toBe(count);
    expect(texts.has(null)).toBe(false);
  });

  it('keeps apart what is the same bytes, cut at other places, even where hashes collide', () => {
    const table = tableOf(5, { maxIdentities: 1e6, maxBytes: 1e9 });
    const texts = new Set<string | null>();
    const letters = 'a'.repeat(40);
    let count = 0;
    const cut = (parts: readonly string[], rest: string): void => {
      if (parts.length === 4) {
        count += 1;
        texts.add(identify(table, [...parts, rest]));
      } else
        for (let length = 0; length <= rest.length; length += 1)
          cut([...parts, rest.slice(0, length)], rest.slice(length));
    };
    cut([], letters);
    expect(count).toBeGreaterThan(130_000);
    expect(texts.size).toBe(count);
  });

  it('forgets when it is full, by number or by bytes, and still knows what it learns anew', () => {
    for (const table of [tableOf(1, { maxIdentities: 2 }), tableOf(1, { maxBytes: 10 })]) {
      for (let round = 0; round < 3; round += 1) {
        for (const part of ['aaaa', 'bbbb', 'cccc', 'dddd']) {
          expect(identify(table, [part])).toBe(identify(tableOf(1), [part]));
          expect(identify(table, [part])).toBe(identify(table, [part]));
        }
      }
    }
  });

  it('does not remember an identity that is too long', () => {
    const table = tableOf(2, { maxIdentityBytes: 10 });
    expect(identify(table, ['aaaaa', 'bbbbbb'])).toBeNull();
    expect(identify(table, ['aaaaa', 'bbbbb'])).not.toBeNull();
  });
});
