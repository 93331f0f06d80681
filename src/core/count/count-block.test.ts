// A block gives back the windows that were put into it, each row once; whatever else bytes are is told, and is no endless loop.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEdge, inTime } from '../../../test/support/builders.ts';
import { partialCounts } from '../../../test/support/count-arbitraries.ts';
import { CountBlockWriter } from './count-block.ts';
import type { OpenBlock, ReusedRow } from './count-block-reader.ts';
import { BlockRows, readBlockOutline } from './count-block-reader.ts';
import type { CountRow, WindowCount } from './count-row.ts';
import { noCounts } from './count-row.ts';
import { edgeKey } from './edge.ts';
import { MalformedBytes } from './packed-bytes.ts';

const windowMs = 10_000;
const startAtMs = Date.UTC(2026, 2, 2, 9);

/** Rows of a window with an edge each. */
const windowRows = fc
  .record({
    window: fc.nat(29),
    isComplete: fc.boolean(),
    late: fc.constantFrom(null, null, '0/4711', '0/4712'),
    rows: fc.uniqueArray(partialCounts(10_000), { maxLength: 8, selector: ({ edge }) => edgeKey(edge) }),
  })
  .map(({ window, isComplete, late, rows }) =>
    rows.map(({ paneStartAtMs: _pane, ...row }): WindowCount => {
      const windowStartAtMs = startAtMs + window * windowMs;
      return { ...row, windowStartAtMs, windowEndAtMs: windowStartAtMs + windowMs, isComplete, late };
    }),
  );

const plain = ({ edge, requestCount, failedCount, flagCounts, faultCounts, durations, examples }: CountRow) => ({
  edge,
  requestCount,
  failedCount,
  flags: Object.entries(flagCounts),
  faults: Object.entries(faultCounts),
  durations,
  examples: Object.entries(examples),
});

/** Every row of blocks, window by window. */
function readAll(blocks: readonly OpenBlock[], shared: BlockRows) {
  const found: { startAtMs: number; isComplete: boolean; row: ReturnType<typeof plain> }[] = [];
  const starts = [...new Set(blocks.flatMap(({ outline }) => outline.heads.map((head) => head.startAtMs)))];
  for (const start of starts.sort((a, b) => a - b)) {
    shared.beginWindow();
    for (const block of blocks) {
      for (const head of block.outline.heads.filter((one) => one.startAtMs === start)) {
        const rows: ReusedRow[] = [];
        block.readRows(head, rows);
        for (const row of rows) found.push({ startAtMs: start, isComplete: head.isComplete, row: plain(row) });
      }
    }
  }
  return found;
}

function write(windows: readonly (readonly WindowCount[])[]) {
  const writer = new CountBlockWriter({ startAtMs, windowMs });
  for (const rows of windows) writer.add(rows);
  return writer.pack();
}

describe('a block of counts', () => {
  it('gives back every row of every window, late additions beside it', () => {
    fc.assert(
      fc.property(fc.array(windowRows, { maxLength: 12 }), (windows) => {
        // A window comes once; an addition of its name too.
        const once = [
          ...new Map(windows.map((rows) => [`${rows[0]?.windowStartAtMs} ${rows[0]?.late}`, rows])).values(),
        ];
        const { counts, durations } = write(once);
        const shared = new BlockRows();
        const found = readAll([shared.open(counts, durations)], shared);
        const wanted = once.flat().map(({ windowStartAtMs, isComplete, ...row }) => {
          return { startAtMs: windowStartAtMs, isComplete, row: plain(row) };
        });
        const order = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
        expect(found.sort(order)).toEqual(wanted.sort(order));
      }),
    );
  });

  it('reads what is in two blocks once: parts of a slot that overlap make the slot', () => {
    fc.assert(
      fc.property(fc.array(windowRows, { maxLength: 10 }), fc.nat(10), fc.nat(10), (windows, a, b) => {
        const once = [
          ...new Map(windows.map((rows) => [`${rows[0]?.windowStartAtMs} ${rows[0]?.late}`, rows])).values(),
        ];
        const [from, to] = [Math.min(a, b, once.length), Math.min(Math.max(a, b), once.length)];
        const readParts = (...parts: readonly (readonly (readonly WindowCount[])[])[]) => {
          const shared = new BlockRows();
          const opened = parts.map((part) => write(part)).map((block) => shared.open(block.counts, block.durations));
          return readAll(opened, shared)
            .map((row) => JSON.stringify(row))
            .sort();
        };
        expect(readParts(once.slice(0, to), once.slice(from))).toEqual(readParts(once));
      }),
    );
  });

  it('keeps edges apart that masking made equal, and knows each of them again', () => {
    const row = (requestCount: number): WindowCount => {
      return {
        ...noCounts,
        ...inTime,
        edge: anEdge(),
        requestCount,
        windowStartAtMs: startAtMs,
        windowEndAtMs: startAtMs + windowMs,
      };
    };
    const writer = new CountBlockWriter({ startAtMs, windowMs });
    writer.add([row(3), row(5)], (position) => `origin ${position}`);
    const { counts } = writer.pack();
    const shared = new BlockRows();
    const found = readAll([shared.open(counts, null), shared.open(counts, null)], shared);
    expect(found.map(({ row: { requestCount } }) => requestCount)).toEqual([3, 5]);
  });

  it('tells of its windows without reading a row, and what it takes is small', () => {
    const rows = Array.from({ length: 100 }, (_, i): WindowCount => {
      const edge = anEdge({ source_service: `caller-${i}` });
      return {
        ...noCounts,
        ...inTime,
        edge,
        requestCount: 20,
        durations: [10, 20],
        windowStartAtMs: startAtMs,
        windowEndAtMs: 0,
      };
    });
    const writer = new CountBlockWriter({ startAtMs, windowMs });
    for (let n = 0; n < 30; n += 1) {
      writer.add(rows.map((row) => ({ ...row, windowStartAtMs: startAtMs + n * windowMs, isComplete: n !== 7 })));
    }
    const { counts, durations } = writer.pack();
    const { heads } = readBlockOutline(counts);
    expect(heads.map((head) => head.startAtMs)).toEqual(Array.from({ length: 30 }, (_, n) => startAtMs + n * windowMs));
    expect(heads.flatMap(({ isComplete }, n) => (isComplete ? [] : [n]))).toEqual([7]);
    expect(heads.every(({ hasRequests, late, rowCount }) => hasRequests && late === null && rowCount === 100)).toBe(
      true,
    );
    expect([counts.length < 3000 * 2 + 4000, durations.length]).toEqual([true, 3000 * 3 + 1]);
    expect(writer.rowCount).toBe(3000);
  });

  it('says of other bytes that they are none, and ends', () => {
    const good = write([
      [
        {
          ...noCounts,
          ...inTime,
          edge: anEdge(),
          requestCount: 3,
          flagCounts: { UC: 2 },
          failedCount: 2,
          durations: [3, 3],
          examples: { UC: [{ atMs: startAtMs + 1, requestId: 'r1' }] },
          windowStartAtMs: startAtMs,
          windowEndAtMs: startAtMs + windowMs,
        },
      ],
    ]);
    const readOrWhy = (counts: Uint8Array, durations: Uint8Array | null): string => {
      const shared = new BlockRows();
      try {
        readAll([shared.open(counts, durations)], shared);
        return 'read';
      } catch (error) {
        if (!(error instanceof MalformedBytes)) throw error;
        return error.message;
      }
    };
    expect(readOrWhy(good.counts, good.durations)).toBe('read');
    expect(readOrWhy(Uint8Array.of(2), null)).toBe('version 2; this build reads 1');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => readOrWhy(bytes, null) !== ''));
    fc.assert(
      fc.property(fc.nat(good.counts.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
        const counts = isCut ? good.counts.slice(0, at) : Uint8Array.from(good.counts);
        if (!isCut) counts[at] = byte;
        return readOrWhy(counts, good.durations) !== '';
      }),
    );
  });
});
