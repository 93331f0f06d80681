// The document of a window and back: the counts that rules are judged by are the same; whatever else a document holds is no exception.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { IsoTimes } from '#pipeline/documents/iso-times.ts';
import { renderWindowDocument } from '#pipeline/documents/window-document.ts';
import type { DocumentSearch } from '#ports/document-search.ts';
import { anEdge, inTime } from '../../../test/support/builders.ts';
import type { PastWindow } from './play-windows.ts';
import { readStoredWindows, toStoredRow } from './stored-windows.ts';

const windowStartAtMs = Date.UTC(2026, 2, 2, 9);
const aWindow = (changes: Partial<WindowCount> = {}): WindowCount => ({
  ...noCounts,
  ...inTime,
  edge: anEdge(),
  requestCount: 20,
  windowStartAtMs,
  windowEndAtMs: windowStartAtMs + 10_000,
  ...changes,
});
const documentOf = (window: WindowCount): unknown => JSON.parse(renderWindowDocument(window, 0, new IsoTimes()));

describe('toStoredRow', () => {
  it('gives back the counts, the edge and the durations that the document was made of', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 });
    const count = fc.nat(1000);
    const sketch = fc
      .uniqueArray(fc.nat(150), { maxLength: 6 })
      .map((buckets) => buckets.sort((a, b) => a - b).flatMap((bucket) => [bucket, bucket + 1]));
    const window = fc
      .record({ service: name, deploy: name, requestCount: count, failedCount: count, durations: sketch })
      .chain(({ service, deploy, ...counts }) =>
        fc.dictionary(name, count, { maxKeys: 4, noNullPrototype: true }).map((flagCounts) =>
          aWindow({
            ...counts,
            flagCounts,
            edge: anEdge({ source_service: service, destination_deploy_id: deploy }),
          }),
        ),
      );
    fc.assert(
      fc.property(window, (one) => {
        const { edge, requestCount, failedCount, flagCounts, durations } = one;
        const stored = toStoredRow(documentOf(one), new Map());
        expect(stored).toMatchObject({ startAtMs: windowStartAtMs, windowMs: 10_000 });
        expect(stored?.row).toMatchObject({ edge, requestCount, failedCount, durations });
        expect(Object.entries(stored?.row.flagCounts ?? {}).sort()).toEqual(Object.entries(flagCounts).sort());
      }),
    );
  });

  it('is nothing for what is no such document, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (own, duration) => {
        const document = { '@timestamp': '2026-03-02T09:00:00Z', event: { duration }, flagwatch: own };
        toStoredRow(document, new Map());
        return toStoredRow(own, new Map()) === null;
      }),
    );
  });
});

describe('readStoredWindows', () => {
  const pages = (...documents: readonly (readonly unknown[])[]) =>
    async function* () {
      yield* documents;
      await Promise.resolve();
    };
  const none = () => Promise.resolve([]);
  const searchOf = (windows: readonly (readonly unknown[])[], requests: readonly unknown[] = []): DocumentSearch => ({
    findLines: none,
    findRequests: none,
    findWindows: none,
    pageWindows: pages(...windows),
    pageRequests: pages(requests),
    close: () => Promise.resolve(),
  });
  const span = { fromMs: 0, toMs: windowStartAtMs + 60_000, windowMs: 10_000, withFaults: true };

  it('puts the edges of a window together over pages, and failed requests into the window of their end', async () => {
    const next = aWindow({ windowStartAtMs: windowStartAtMs + 10_000, windowEndAtMs: windowStartAtMs + 20_000 });
    const root = { fault: 'app_closed', source: { service: 'checkout' }, destination: { service: 'payments' } };
    const request = {
      event: { end: new Date(windowStartAtMs + 12_000).toISOString() },
      flagwatch: { party: 'callee', root, hops: [{ root: true, reporter: 'destination' }] },
    };
    const other = documentOf(aWindow({ windowEndAtMs: windowStartAtMs + 5000 }));
    const first = documentOf(aWindow());
    const read = readStoredWindows(
      searchOf(
        [[first], [documentOf(aWindow({ edge: anEdge({ reporter: 'destination' }) })), other, documentOf(next), 7]],
        [request, request],
      ),
      span,
    );
    const windows: PastWindow[] = [];
    for await (const portion of read.portions) windows.push(...portion);
    expect(
      windows.map(({ startAtMs, rows, faultRows }) => [startAtMs - windowStartAtMs, rows.length, faultRows.length]),
    ).toEqual([
      [0, 2, 0],
      [10_000, 1, 1],
    ]);
    expect(windows[1]?.faultRows[0]).toMatchObject({
      faultCounts: { app_closed: 2 },
      edge: { reporter: 'destination', source_service: 'checkout', destination_version: 'unknown' },
    });
    expect(read.notes()).toEqual([
      expect.stringContaining('no panes'),
      expect.stringContaining('complete'),
      expect.stringContaining('1 documents of windows of another length'),
      expect.stringContaining('1 documents could not be read'),
    ]);
  });
});
