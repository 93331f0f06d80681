// The past of the document store is the same whether blocks hold it, documents, or some of it each: every count once, none forgotten.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { IsoTimes } from '#pipeline/documents/iso-times.ts';
import { WindowBlocks, windowBlockDefaults } from '#pipeline/documents/window-blocks.ts';
import { renderWindowDocument } from '#pipeline/documents/window-document.ts';
import type { DocumentSearch, StoredBlock, TimeSpan } from '#ports/document-search.ts';
import { anEdge } from '../../../test/support/builders.ts';
import { rowsOfSlots } from '../../../test/support/past-rows.ts';
import { readStoredSlots, type StoredSpan } from './stored-windows.ts';

const windowMs = 10_000;
const { slotMs } = windowBlockDefaults;
const startAtMs = Date.UTC(2026, 2, 2, 9);
const span: StoredSpan = {
  fromMs: startAtMs,
  toMs: startAtMs + 8 * slotMs,
  windowMs,
  withFaults: true,
  withDurations: true,
};

const aWindow = (n: number, service: string, changes: Partial<WindowCount> = {}): WindowCount => ({
  ...noCounts,
  edge: anEdge({ destination_service: service }),
  requestCount: 20 + n,
  durations: [3, 20 + n],
  windowStartAtMs: startAtMs + n * windowMs,
  windowEndAtMs: startAtMs + (n + 1) * windowMs,
  isComplete: true,
  late: null,
  ...changes,
});

const documentOf = (window: WindowCount): unknown => JSON.parse(renderWindowDocument(window, 0, new IsoTimes()));

/** Blocks as index writes them, of windows in their order. */
function blocksOf(windows: readonly WindowCount[]): readonly StoredBlock[] {
  const blocks = new WindowBlocks(windowBlockDefaults, { indexPrefix: 'fw', cluster: 'dc1' });
  windows.forEach((window, offset) => {
    blocks.take({ offset, key: null, value: Buffer.from(String(offset)) }, [{ raw: window, masked: window }]);
  });
  return [...blocks.takeDue(0)].map(({ document: { id, json } }) => ({ id, document: JSON.parse(json) as unknown }));
}

const timeOf = (document: unknown): number => Date.parse((document as { '@timestamp': string })['@timestamp']);

/** A store with these documents of windows, blocks and failed requests. */
function searchOf(stored: {
  readonly windows?: readonly unknown[];
  readonly blocks?: readonly StoredBlock[];
  readonly requests?: readonly unknown[];
}): DocumentSearch & { readonly asked: TimeSpan[] } {
  const { windows = [], blocks = [], requests = [] } = stored;
  const asked: TimeSpan[] = [];
  async function* page<T>(all: readonly T[], atMs: (one: T) => number, { fromMs, toMs }: TimeSpan) {
    const found = all.filter((one) => atMs(one) >= fromMs && atMs(one) < toMs).sort((a, b) => atMs(a) - atMs(b));
    for (let i = 0; i < found.length; i += 3) yield await Promise.resolve(found.slice(i, i + 3));
  }
  const none = () => Promise.resolve([]);
  return {
    asked,
    findLines: none,
    findRequests: none,
    findWindows: none,
    pageWindows: (wanted) => {
      asked.push(wanted);
      return page(windows, timeOf, wanted);
    },
    pageWindowBlocks: (wanted) => page(blocks, ({ document }) => timeOf(document), wanted),
    pageRequests: (wanted) => page(requests, timeOf, wanted),
    close: () => Promise.resolve(),
  };
}

async function read(search: DocumentSearch, changes: Partial<StoredSpan> = {}) {
  const past = readStoredSlots(search, { ...span, ...changes });
  const windows = await rowsOfSlots(past.slots);
  return { windows, notes: past.notes() };
}

const plain = ({ windows }: Awaited<ReturnType<typeof read>>) =>
  windows.map(({ startAtMs: atMs, isComplete, rows }) => ({
    n: (atMs - startAtMs) / windowMs,
    isComplete,
    rows: rows
      .map(({ edge, requestCount, durations }) => `${edge.destination_service} ${requestCount} ${durations.join(',')}`)
      .sort(),
  }));

describe('readStoredSlots', () => {
  it('gives every window once, whatever of it blocks hold and documents', async () => {
    const cell = fc.record({
      n: fc.nat(8 * (slotMs / windowMs) - 1),
      service: fc.constantFrom('a', 'b', 'c'),
      isComplete: fc.boolean(),
    });
    const past = fc.record({ cells: fc.array(cell, { maxLength: 60 }), from: fc.nat(239), to: fc.nat(239) });
    await fc.assert(
      fc.asyncProperty(past, async ({ cells, from, to }) => {
        const byTime = [...new Map(cells.map((one) => [`${one.n} ${one.service}`, one])).values()].sort(
          (a, b) => a.n - b.n,
        );
        const complete = new Map(byTime.map(({ n, isComplete }) => [n, isComplete]));
        const windows = byTime.map(({ n, service }) => aWindow(n, service, { isComplete: complete.get(n) ?? true }));
        const documents = windows.map(documentOf);
        // Blocks are begun at one time, as the first version that keeps them is started, and end at another.
        const inBlocks = windows.filter(({ windowStartAtMs }) => {
          const n = (windowStartAtMs - startAtMs) / windowMs;
          return n >= from && n <= Math.max(from, to);
        });
        const alone = plain(await read(searchOf({ windows: documents })));
        expect(plain(await read(searchOf({ windows: documents, blocks: blocksOf(inBlocks) })))).toEqual(alone);
        expect(plain(await read(searchOf({ blocks: blocksOf(windows) })))).toEqual(alone);
        expect(alone.flatMap(({ rows }) => rows)).toHaveLength(windows.length);
      }),
    );
  });

  it('reads no document of a day that blocks hold, but for the newest minutes', async () => {
    const all = Array.from({ length: 240 }, (_, n) => ['a', 'b'].map((service) => aWindow(n, service))).flat();
    const search = searchOf({ windows: all.map(documentOf), blocks: blocksOf(all) });
    const { windows, notes } = await read(search);
    expect(windows.map(({ rows }) => rows.length)).toEqual(Array.from({ length: 240 }, () => 2));
    const tailFromMs = all.at(-1)?.windowStartAtMs ?? 0;
    expect(search.asked.every(({ fromMs }) => fromMs >= tailFromMs - 120_000)).toBe(true);
    expect(notes).toEqual([expect.stringContaining('no panes')]);
  });

  it('takes from documents what a partition has not written into blocks yet', async () => {
    const windows = [aWindow(3, 'a'), aWindow(3, 'b'), aWindow(4, 'a'), aWindow(4, 'b')];
    const blocks = blocksOf(windows.filter(({ edge }) => edge.destination_service === 'a'));
    const found = plain(await read(searchOf({ windows: windows.map(documentOf), blocks })));
    expect(found.map(({ n, rows }) => [n, rows.length])).toEqual([
      [3, 2],
      [4, 2],
    ]);
  });

  it('adds what came late, from blocks and from documents', async () => {
    const windows = [aWindow(0, 'a'), aWindow(0, 'a', { late: '0/1' }), aWindow(0, 'a', { late: '0/2' })];
    const wanted = [{ n: 0, isComplete: true, rows: ['a 20 3,20', 'a 20 3,20', 'a 20 3,20'] }];
    expect(plain(await read(searchOf({ blocks: blocksOf(windows) })))).toEqual(wanted);
    expect(plain(await read(searchOf({ windows: windows.map(documentOf) })))).toEqual(wanted);
  });

  it('puts failed requests into the window in which they were counted, and says what it could not read or left out', async () => {
    const root = { fault: 'app_closed', source: { service: 'checkout' }, destination: { service: 'payments' } };
    const request = {
      '@timestamp': new Date(startAtMs).toISOString(),
      event: { end: new Date(startAtMs + 12_000).toISOString() },
      flagwatch: { party: 'callee', root, hops: [{ root: true, reporter: 'destination' }] },
    };
    const other = documentOf(aWindow(2, 'a', { windowEndAtMs: startAtMs + 2 * windowMs + 5000 }));
    const windows = [
      documentOf(aWindow(0, 'a')),
      other,
      documentOf(aWindow(1, 'a')),
      { '@timestamp': new Date(startAtMs).toISOString() },
    ];
    // As this build writes them; those of earlier ones only tell their end.
    const early = {
      ...request,
      flagwatch: { ...request.flagwatch, counted_at: new Date(startAtMs + 9000).toISOString() },
    };
    const found = await read(searchOf({ windows, requests: [request, request, early] }));
    expect(found.windows.map(({ faultRows }) => faultRows.map(({ faultCounts }) => faultCounts))).toEqual([
      [{ app_closed: 1 }],
      [{ app_closed: 2 }],
    ]);
    expect(found.windows[1]?.faultRows[0]).toMatchObject({
      faultCounts: { app_closed: 2 },
      edge: { reporter: 'destination', source_service: 'checkout', destination_version: 'unknown' },
    });
    expect(found.notes).toEqual([
      expect.stringContaining('no panes'),
      expect.stringMatching(/^2 counts of 2026-03-02T09:00:00Z to 2026-03-02T09:00:20Z were read one by one/),
      expect.stringContaining('1 counts of windows of another length'),
      expect.stringContaining('1 documents could not be read'),
    ]);
  });

  it('names a block that it cannot read', async () => {
    const [block] = blocksOf([aWindow(0, 'a')]);
    const document = structuredClone(block?.document) as { flagwatch: { block: { counts: unknown } } };
    for (const [counts, why] of [
      ['Ag==', 'cannot be read: version 2; this build reads 1'],
      ['AQ==', 'cannot be read: the bytes end early'],
      [7, 'has no counts'],
    ]) {
      document.flagwatch.block.counts = counts;
      const reading = read(searchOf({ blocks: [{ id: 'block 4711', document }] }));
      await expect(reading).rejects.toMatchObject({
        code: 'STORE_FAILED',
        message: `the block of windows block 4711 ${why}`,
      });
    }
  });
});
