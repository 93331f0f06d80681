import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEdge } from '../../../test/support/builders.ts';
import { partialCounts } from '../../../test/support/count-arbitraries.ts';
import { noCounts } from './count-row.ts';
import type { CollectRecord } from './partial-count-wire.ts';
import { decodeCollectRecord, encodeCollectRecord } from './partial-count-wire.ts';
import { decodeWindowCounts, encodeWindowCounts } from './window-count-wire.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const source = ['dc1', 'istio-access-logs', 3] as const;
const instant = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: null });
const records: fc.Arbitrary<CollectRecord> = fc.oneof(
  fc.array(partialCounts(60_000), { maxLength: 5 }).map((rows) => ({ kind: 'counts' as const, source, rows })),
  fc
    .record({
      partitionCount: fc.integer({ min: 1, max: 9 }),
      streamAtMs: instant,
      watermarkAtMs: instant,
      isIdle: fc.boolean(),
      writtenAtMs: fc.nat(),
    })
    .map((mark) => ({ kind: 'watermark' as const, source, mark })),
);

describe('wire form of partial counts', () => {
  it('brings back what was written', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(decodeCollectRecord(bytes(encodeCollectRecord(record)))).toEqual({ kind: 'ok', value: record });
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    const mutated = fc.tuple(records, fc.nat(), fc.string({ maxLength: 3 })).map(([record, at, piece]) => {
      const text = encodeCollectRecord(record);
      const i = at % text.length;
      return bytes(text.slice(0, i) + piece + text.slice(i + 1));
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), mutated), (value) => {
        expect(['ok', 'dead-letter']).toContain(decodeCollectRecord(value).kind);
      }),
      { numRuns: 500 },
    );
  });

  it('does not misread another version', () => {
    expect(decodeCollectRecord(bytes('{"v":2,"kind":"counts","source":["a","b",0],"rows":[]}'))).toEqual({
      kind: 'dead-letter',
      reason: 'unreadable_internal_record',
      detail: 'version 2; this build reads 1',
    });
  });
});

const wayOfWindow = fc.record({ isComplete: fc.boolean(), late: fc.constantFrom(null, '0/4711') });

describe('wire form of windows', () => {
  it('brings back what was written', () => {
    fc.assert(
      fc.property(fc.array(partialCounts(10_000), { minLength: 1, maxLength: 5 }), wayOfWindow, (rows, way) => {
        const counts = rows.map(({ paneStartAtMs: _pane, ...row }) => ({
          ...row,
          windowStartAtMs: 0,
          windowEndAtMs: 10_000,
          ...way,
        }));
        expect(decodeWindowCounts(bytes(encodeWindowCounts(counts)))).toEqual({ kind: 'ok', value: counts });
      }),
    );
  });

  it('is another version for what came late: a build that does not know additions would take it for the window', () => {
    const row = { ...noCounts, edge: anEdge(), windowStartAtMs: 0, windowEndAtMs: 10_000, isComplete: true };
    expect(JSON.parse(encodeWindowCounts([{ ...row, late: null }]))).toMatchObject({ v: 1 });
    expect(JSON.parse(encodeWindowCounts([{ ...row, late: '0/7' }]))).toMatchObject({ v: 2, late: '0/7' });
    for (const [text, detail] of [
      ['{"v":1,"window":[0,1],"rows":[],"late":"0/7"}', 'late does not fit the version'],
      ['{"v":2,"window":[0,1],"rows":[]}', 'late does not fit the version'],
      ['{"v":1,"window":[0,1],"rows":[],"complete":1}', 'complete is not true or false'],
    ] as const) {
      expect(decodeWindowCounts(bytes(text))).toMatchObject({ kind: 'dead-letter', detail });
    }
  });
});
