// What every document search promises of reading a span in pages. Run against each adapter with the store that it belongs to.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noCounts } from '#core/count/count-row.ts';
import { IsoTimes } from '#pipeline/documents/iso-times.ts';
import { WindowBlocks, windowBlockDefaults } from '#pipeline/documents/window-blocks.ts';
import { renderWindowDocument, windowDocumentId } from '#pipeline/documents/window-document.ts';
import type { DocumentSearch, StoredBlock } from '#ports/document-search.ts';
import type { DocumentStore, StoreDocument } from '#ports/document-store.ts';
import { anEdge, inTime } from '../support/builders.ts';

/** A search and the store that feeds it. */
export interface SearchUnderTest {
  readonly store: DocumentStore;
  /** Opened when the documents are there to be found. */
  openSearch(): Promise<DocumentSearch>;
  stop(): Promise<void>;
}

const startAtMs = Date.UTC(2026, 2, 2, 9);
const { signal } = new AbortController();

function windowDocument(i: number, service: string) {
  const windowStartAtMs = startAtMs + i * 10_000;
  const edge = anEdge({ destination_service: service });
  const window = { ...noCounts, ...inTime, edge, requestCount: i + 1, durations: [3, i + 1], windowStartAtMs };
  const row = { ...window, windowEndAtMs: windowStartAtMs + 10_000 };
  const day = new Date(windowStartAtMs).toISOString().slice(0, 10).replaceAll('-', '.');
  return {
    index: `search-contract-windows-${day}`,
    id: windowDocumentId(row),
    json: renderWindowDocument(row, 0, new IsoTimes()),
  };
}

/** Declares the contract's tests. `count` windows are written: more than a page holds. */
export function describeDocumentSearchContract(
  name: string,
  count: number,
  open: () => Promise<SearchUnderTest>,
): void {
  describe(`document search: ${name}`, () => {
    let under: SearchUnderTest;
    let search: DocumentSearch;
    beforeAll(async () => {
      under = await open();
      const services = ['payments', 'catalog', 'ledger', 'stock'];
      const documents = Array.from({ length: count }, (_, i) => {
        return windowDocument(Math.floor(i / services.length), services[i % services.length] ?? '');
      });
      for (let i = 0; i < documents.length; i += 2000) await under.store.write(documents.slice(i, i + 2000), signal);
      search = await under.openSearch();
    });
    afterAll(async () => {
      await search?.close();
      await under?.stop();
    });

    const readAll = async (fromMs: number, toMs: number) => {
      const found: { at: number; service: string; sketch: unknown }[] = [];
      for await (const page of search.pageWindows({ fromMs, toMs }, signal)) {
        for (const document of page) {
          const own = document as Record<string, string> & {
            flagwatch: { destination: { service: string }; duration_sketch: unknown };
          };
          const { destination, duration_sketch: sketch } = own.flagwatch;
          found.push({ at: Date.parse(own['@timestamp'] ?? ''), service: destination.service, sketch });
        }
      }
      return found;
    };

    it('gives every document of a span once, the earliest first, over pages', async () => {
      const found = await readAll(startAtMs, startAtMs + 86_400_000);
      expect(found).toHaveLength(count);
      expect(new Set(found.map(({ at, service }) => `${at} ${service}`)).size).toBe(count);
      expect(found.every(({ at }, i) => i === 0 || at >= (found[i - 1]?.at ?? 0))).toBe(true);
      expect(found[0]?.sketch).toEqual([3, 1]);
    });

    it('takes the beginning of the span and leaves its end', async () => {
      const found = await readAll(startAtMs + 10_000, startAtMs + 30_000);
      expect(found.map(({ at }) => (at - startAtMs) / 10_000)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
    });

    it('gives nothing where there is nothing', async () => {
      expect(await readAll(0, 1000)).toEqual([]);
      for await (const page of search.pageRequests({ fromMs: 0, toMs: startAtMs }, signal)) expect(page).toEqual([]);
    });

    it('gives every block of a span, the earliest first, with its name, and its durations where they are asked for', async () => {
      const blocks = new WindowBlocks(windowBlockDefaults, { indexPrefix: 'search-contract', cluster: 'dc1' });
      const documents: StoreDocument[] = [];
      for (let n = 0; n < 700; n += 1) {
        const windowStartAtMs = startAtMs + n * windowBlockDefaults.slotMs;
        const edge = anEdge({ destination_service: `callee-${n % 3}` });
        const counts = { ...noCounts, ...inTime, edge, requestCount: 1 + n, durations: [3, 1 + n] };
        const window = { ...counts, windowStartAtMs, windowEndAtMs: windowStartAtMs + 10_000 };
        const value = Buffer.from(String(n));
        blocks.take({ offset: n, key: null, value }, [{ raw: window, masked: window }]);
        documents.push(...[...blocks.takeDue(0)].map(({ document }) => document));
      }
      await under.store.write(documents, signal);
      await search.close();
      search = await under.openSearch();
      const readBlocks = async (fromMs: number, toMs: number, withDurations: boolean) => {
        const found: StoredBlock[] = [];
        for await (const page of search.pageWindowBlocks({ fromMs, toMs, withDurations }, signal)) found.push(...page);
        return found;
      };
      const all = await readBlocks(0, Date.UTC(2100, 0), true);
      expect(all.map(({ id }) => id)).toEqual(documents.map(({ id }) => id));
      expect(all.map(({ document }) => document)).toEqual(documents.map(({ json }) => JSON.parse(json) as unknown));
      const [from, to] = [startAtMs + windowBlockDefaults.slotMs, startAtMs + 4 * windowBlockDefaults.slotMs];
      const some = await readBlocks(from, to, false);
      expect(some.map(({ id }) => id)).toEqual(documents.slice(1, 4).map(({ id }) => id));
      expect(some[0]?.document).toMatchObject({ flagwatch: { destination: { service: 'callee-1' } } });
      const [block] = some.map(({ document }) => (document as { flagwatch: { block: object } }).flagwatch.block);
      expect(Object.keys(block ?? {})).toEqual(['window_ms', 'rows', 'counts']);
    });

    it('can be left in the middle', async () => {
      for await (const page of search.pageWindows({ fromMs: startAtMs, toMs: startAtMs + 86_400_000 }, signal)) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
      expect(await readAll(startAtMs, startAtMs + 10_000)).toHaveLength(4);
    });
  });
}
