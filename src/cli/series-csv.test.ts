import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderCsvField, SeriesCsv } from './series-csv.ts';

const read = (...lines: readonly string[]) => {
  const csv = new SeriesCsv();
  return lines.map((line) => csv.read(line));
};
const row = (timestamp: string, atMs: number, value: number | null) => ({
  kind: 'row',
  row: { timestamp, atMs, value },
});

describe('SeriesCsv', () => {
  it('reads rows with a header, with one that names other columns, and without', () => {
    const at = Date.UTC(2018, 6, 3, 14);
    const expected = row('2018-07-03T14:00:00Z', at, 1.5);
    expect(read('timestamp,value', '2018-07-03T14:00:00Z,1.5')).toEqual([{ kind: 'header' }, expected]);
    expect(read('\uFEFFlabel,value,timestamp', '0,1.5,2018-07-03T14:00:00Z')).toEqual([{ kind: 'header' }, expected]);
    expect(read('2018-07-03T14:00:00Z,1.5,0', '')).toEqual([expected, { kind: 'blank' }]);
  });

  it.each([
    ['2018-07-03 14:00:00', Date.UTC(2018, 6, 3, 14)],
    ['2018-07-03T14:00', Date.UTC(2018, 6, 3, 14)],
    ['2018-07-03T14:00:00.250+09:00', Date.UTC(2018, 6, 3, 5) + 250],
    ['2018-07-03', Date.UTC(2018, 6, 3)],
    ['1530626400', 1_530_626_400_000],
    ['1530626400123', 1_530_626_400_123],
  ])('reads the timestamp %s', (timestamp, atMs) => {
    expect(read(`"${timestamp}", 7 `)).toEqual([row(timestamp, atMs, 7)]);
  });

  it('takes an empty value for a window of which nothing is known', () => {
    expect(read('1530626400,', '1530626460')).toEqual([
      row('1530626400', 1_530_626_400_000, null),
      row('1530626460', 1_530_626_460_000, null),
    ]);
  });

  it.each([
    ['soon,1', '"soon" is no timestamp'],
    ['2018-07-33T14:00:00Z,1', '"2018-07-33T14:00:00Z" is no timestamp'],
    ['1530626400,many', '"many" is no number'],
    ['1530626400,Infinity', '"Infinity" is no number'],
    ['"a ""b"", c",1', '"a "b", c" is no timestamp'],
  ])('says why %s cannot be read', (line, reason) => {
    expect(read(line)[0]).toMatchObject({ kind: 'unreadable', reason });
  });

  it('never throws, and gives fields back as they came', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        read(first, second);
        const text = first.replaceAll(/\s+/g, ' ').trim();
        const [, line] = read('timestamp,value', `${renderCsvField(text)},1`);
        if (line?.kind === 'unreadable') expect(line.timestamp).toBe(text.replace(/^\uFEFF/, ''));
      }),
    );
  });
});
