import { describe, expect, it } from 'vitest';
import { bareQuote, escapedQuote, JsonBytes } from './json-bytes.ts';
import { KeyTable, maxLearnedKeys, noKey, otherKey } from './key-table.ts';

const bytes = new JsonBytes();

function find(table: KeyTable, text: string, previous: number = otherKey): number {
  bytes.load(new TextEncoder().encode(text));
  return table.find(bytes.view, 0, previous);
}

describe('KeyTable', () => {
  it('knows its keys in any order, and where each ends', () => {
    const table = new KeyTable(['path', 'pod', 'a', 'response_code', 'response_flag'], bareQuote);
    for (const [text, id] of [
      ['"pod":1', 1],
      ['"path":1', 0],
      ['"response_code":1', 3],
      ['"response_flag":1', 4],
      ['"a":1', 2],
      ['"pod":1', 1],
    ] as const) {
      expect(find(table, text)).toBe(id);
      expect(table.behind).toBe(text.length - 1);
    }
  });

  it('learns others, and takes none for another', () => {
    const table = new KeyTable(['path'], bareQuote);
    const first = find(table, '"path_2":1');
    expect(first).toBe(1);
    expect(find(table, '"path_3":1', 0)).toBe(2);
    expect(find(table, '"path_2":1', 0)).toBe(1);
    expect(find(table, '"path":1', 1)).toBe(0);
  });

  it('learns so many and no more, and still reads the rest', () => {
    const table = new KeyTable(['path'], bareQuote);
    for (let i = 0; i < maxLearnedKeys; i += 1) expect(find(table, `"key${i}":1`)).toBe(i + 1);
    expect(find(table, '"one_more":1')).toBe(otherKey);
    expect(table.behind).toBe(11);
    expect(find(table, '"key7":1')).toBe(8);
  });

  it('does not learn keys that are very short or very long', () => {
    const table = new KeyTable(['path'], bareQuote);
    expect(find(table, '"":1')).toBe(otherKey);
    expect(table.behind).toBe(3);
    expect(find(table, `"${'k'.repeat(94)}":1`)).toBe(otherKey);
    expect(find(table, `"${'k'.repeat(93)}":1`)).toBe(1);
  });

  it.each(['path":1', '"path"', '"path', '"pa\\u0074h":1', '"pä":1', '', '{', '"path" :1'])(
    'finds no key in %j',
    (text) => {
      expect(find(new KeyTable(['path'], bareQuote), text)).toBe(noKey);
    },
  );

  it('reads escaped quotes', () => {
    const table = new KeyTable(['path'], escapedQuote);
    expect(find(table, '\\"path\\":1')).toBe(0);
    expect(table.behind).toBe(9);
    expect(find(table, '"path":1')).toBe(noKey);
  });
});
