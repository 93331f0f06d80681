// The document of a window and back: the counts that rules are judged by are the same; whatever else a document holds is no exception.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { IsoTimes } from '#pipeline/documents/iso-times.ts';
import { renderWindowDocument } from '#pipeline/documents/window-document.ts';
import { anEdge, inTime } from '../../../test/support/builders.ts';
import { toStoredWindow } from './stored-documents.ts';

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

describe('toStoredWindow', () => {
  it('gives back the counts, the edge and the durations that the document was made of', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 });
    const count = fc.nat(1000);
    const sketch = fc
      .uniqueArray(fc.nat(150), { maxLength: 6 })
      .map((buckets) => buckets.sort((a, b) => a - b).flatMap((bucket) => [bucket, bucket + 1]));
    const window = fc
      .record({
        service: name,
        deploy: name,
        requestCount: count,
        failedCount: count,
        durations: sketch,
        isComplete: fc.boolean(),
      })
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
        const stored = toStoredWindow(documentOf(one), new Map());
        expect(stored).toMatchObject({ windowStartAtMs, windowEndAtMs: windowStartAtMs + 10_000, late: null });
        expect(stored).toMatchObject({ edge, requestCount, failedCount, durations, isComplete: one.isComplete });
        expect(Object.entries(stored?.flagCounts ?? {}).sort()).toEqual(Object.entries(flagCounts).sort());
      }),
    );
  });

  it('is nothing for what is no such document, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (own, duration) => {
        const document = { '@timestamp': '2026-03-02T09:00:00Z', event: { duration }, flagwatch: own };
        toStoredWindow(document, new Map());
        return toStoredWindow(own, new Map()) === null;
      }),
    );
  });
});
