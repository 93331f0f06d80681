// The bulk body is exactly two lines a document, whatever ids and texts hold.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeBulkBody, unsendable } from './bulk-body.ts';

it('has an action and the document as it is', () => {
  const documents = [
    { index: 'lines-2026.11.21', id: 'dc1/logs/3/0000000000000042', json: '{"a":"é"}' },
    { index: 'lines-2026.11.22', id: 'dc1/logs/3/0000000000000043', json: '{}' },
  ];
  expect(encodeBulkBody(documents).toString('utf8')).toBe(
    '{"create":{"_index":"lines-2026.11.21","_id":"dc1/logs/3/0000000000000042"}}\n{"a":"é"}\n' +
      '{"create":{"_index":"lines-2026.11.22","_id":"dc1/logs/3/0000000000000043"}}\n{}\n',
  );
});

it('writes a document that may be corrected with its revision as the version', () => {
  const document = { index: 'requests-2026.11.21', id: 'dc1/abc', json: '{"a":1}', revision: 3 };
  expect(encodeBulkBody([document]).toString('utf8')).toBe(
    '{"index":{"_index":"requests-2026.11.21","_id":"dc1/abc","version":3,"version_type":"external"}}\n{"a":1}\n',
  );
});

it('gives every document back, in order, with any id, index and text', () => {
  const text = fc.string({ unit: 'binary' });
  const document = fc.record({ index: text, id: text, json: text.map((value) => JSON.stringify({ value })) });
  fc.assert(
    fc.property(fc.array(document, { maxLength: 5 }), (documents) => {
      const rows = encodeBulkBody(documents).toString('utf8').split('\n');
      expect(rows.pop()).toBe('');
      const read = documents.map((_, i) => {
        const { create } = JSON.parse(rows[2 * i] ?? '') as { create: { _index: string; _id: string } };
        return { index: create._index, id: create._id, json: rows[2 * i + 1] };
      });
      expect(rows).toHaveLength(2 * documents.length);
      expect(read).toEqual(documents);
    }),
  );
});

it.each([
  ['an empty id', '', '{}', 'the id must have 1 to 512 bytes'],
  ['514 bytes in 257 characters', 'é'.repeat(257), '{}', 'the id must have 1 to 512 bytes'],
  ['512 bytes in 256 characters', 'é'.repeat(256), '{}', null],
  ['512 bytes', 'x'.repeat(512), '{}', null],
  ['a second line', 'x', '{}\n{"delete":{}}', 'the document must be one line of JSON'],
])('keeps back what would fail the whole request: %s', (_, id, json, problem) => {
  expect(unsendable({ index: 'i', id, json })).toBe(problem);
});
