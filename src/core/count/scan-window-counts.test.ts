// The lean way gives what the full one gives, or leaves the record to it; records of hostile text among them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEdge, inTime } from '../../../test/support/builders.ts';
import { partialCounts } from '../../../test/support/count-arbitraries.ts';
import type { WindowCount } from './count-row.ts';
import { noCounts } from './count-row.ts';
import { WindowCountScanner } from './scan-window-counts.ts';
import { decodeWindowCounts, encodeWindowCounts } from './window-count-wire.ts';

const bytesOf = (rows: readonly WindowCount[]): Buffer => Buffer.from(encodeWindowCounts(rows));

function decoded(value: Uint8Array): readonly WindowCount[] | null {
  const outcome = decodeWindowCounts(value);
  return outcome.kind === 'ok' ? outcome.value : null;
}

/** A copy: rows are good until the next record. Maps of names are compared as lists: their prototypes differ. */
const plain = (rows: readonly WindowCount[] | null) =>
  rows?.map((row) => ({
    ...row,
    flagCounts: Object.entries(row.flagCounts),
    faultCounts: Object.entries(row.faultCounts),
    examples: Object.entries(row.examples),
  })) ?? null;

describe('WindowCountScanner', () => {
  it('gives what decodeWindowCounts gives, record after record', () => {
    const record = fc
      .record({
        rows: fc.array(partialCounts(10_000), { minLength: 1, maxLength: 6 }),
        text: fc.string({ unit: 'grapheme', maxLength: 8 }),
        isComplete: fc.boolean(),
        late: fc.constantFrom(null, null, null, '0/4711'),
        n: fc.nat(1_000_000),
      })
      .map(({ rows, text, isComplete, late, n }) =>
        rows.map(({ paneStartAtMs: _pane, edge, ...row }): WindowCount => {
          const span = { windowStartAtMs: n * 10_000, windowEndAtMs: (n + 1) * 10_000 };
          return { ...row, ...span, edge: { ...edge, source_version: text }, isComplete, late };
        }),
      );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const scanner = new WindowCountScanner({ withDurations: true });
        for (const rows of records) {
          const value = bytesOf(rows);
          const scanned = scanner.scan(value);
          const lean = new WindowCountScanner({ withDurations: false }).scan(value);
          expect(plain(lean)).toEqual(plain(scanned?.map((row) => ({ ...row, durations: [] })) ?? null));
          if (rows[0]?.late === null) expect(plain(scanned)).toEqual(plain(decoded(value)));
          else expect(scanned).toBeNull();
        }
      }),
    );
  });

  it('gives one object for one edge, whatever comes between', () => {
    const scanner = new WindowCountScanner({ withDurations: true });
    const row = (n: number, service: string): WindowCount => {
      const span = { windowStartAtMs: n * 10_000, windowEndAtMs: (n + 1) * 10_000 };
      return { ...noCounts, ...inTime, ...span, edge: anEdge({ destination_service: service }), requestCount: n };
    };
    const edgesOf = (...rows: readonly WindowCount[]) => scanner.scan(bytesOf(rows))?.map(({ edge }) => edge) ?? [];
    const [a, b] = edgesOf(row(1, 'a'), row(1, 'b'));
    const others = edgesOf(row(2, 'b'), row(2, 'c'), row(2, 'a'));
    expect([others[0] === b, others[2] === a]).toEqual([true, true]);
  });

  it('leaves to the full way what is written otherwise, and gives nothing that that one refuses', () => {
    const scanner = new WindowCountScanner({ withDurations: true });
    const good = bytesOf([
      {
        ...noCounts,
        ...inTime,
        edge: anEdge(),
        requestCount: 10,
        durations: [3, 9, 70, 1],
        windowStartAtMs: 0,
        windowEndAtMs: 10_000,
      },
    ]);
    expect(scanner.scan(good)).not.toBeNull();
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.constantFrom('set', 'cut', 'drop'), (at, byte, how) => {
        const bytes = how === 'cut' ? good.subarray(0, at) : Buffer.from(good);
        if (how === 'set') bytes[at] = byte;
        const value = how === 'drop' ? Buffer.concat([good.subarray(0, at), good.subarray(at + 1)]) : bytes;
        const scanned = scanner.scan(value);
        if (scanned !== null) expect(plain(scanned)).toEqual(plain(decoded(value)));
      }),
      { numRuns: 2000 },
    );
  });
});
