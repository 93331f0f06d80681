// Records to documents: ids, indices, and what is none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlate } from '#core/correlate/correlate.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { encodeRequestFault } from '#core/correlate/request-fault-wire.ts';
import { noCounts } from '#core/count/count-row.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import { anEdge, inTime } from '../../../test/support/builders.ts';
import { defaultMasker } from '../../../test/support/default-masker.ts';
import { aCall, decoded, sourceLine } from '../../../test/support/exchanges.ts';
import { line as change } from '../../../test/support/fact-lines.ts';
import { goldenLines } from '../../../test/support/line-arbitraries.ts';
import { createLineReader } from './line-reader.ts';
import { createAlertReader, createRequestReader, createWindowReader } from './record-reader.ts';

const settings = { indexPrefix: 'fw', keepsOriginal: false, futureBoundMs: 60_000, masker: defaultMasker };
const origin = { cluster: 'dc1', topic: 'logs', partition: 3 };
const nowMs = Date.UTC(2026, 10, 21, 6);
const [line] = goldenLines('extended-json');
const aRecord = (value: string | null, offset = 42) => ({
  offset,
  key: null,
  value: value === null ? null : Buffer.from(value),
});

describe('lines', () => {
  const reader = createLineReader(settings);

  it('have an id of their origin that sorts by offset, and the index of their day', () => {
    expect(reader.read(aRecord(line ?? ''), origin, nowMs)).toMatchObject({
      documents: [{ id: 'dc1/logs/3/0000000000000042', index: 'fw-lines-2026.11.21' }],
    });
  });

  it('go into the day in which they ended', () => {
    const overnight = (line ?? '').replace(/"start_time":"[^"]+"/, '"start_time":"2026-11-20T23:59:59.999Z"');
    expect(reader.read(aRecord(overnight), origin, nowMs)).toMatchObject({
      documents: [{ index: 'fw-lines-2026.11.21' }],
    });
  });

  it('that cannot be read are left to collect', () => {
    for (const value of [null, '', '{"cut":', 'hello']) {
      expect(reader.read(aRecord(value), origin, nowMs)).toMatchObject({
        kind: 'unreadable',
        isSetAsideElsewhere: true,
      });
    }
  });

  it('of other containers are skipped', () => {
    const other = (goldenLines('filebeat-istio-json')[0] ?? '').replace('"istio-proxy"', '"app"');
    expect(reader.read(aRecord(other), origin, nowMs)).toEqual({ kind: 'skip', reason: 'other_container' });
  });

  it('dated ahead of the clock are no documents: they would open an index for a day that never was', () => {
    const early = Date.UTC(2026, 10, 20);
    expect(reader.read(aRecord(line ?? ''), origin, early)).toMatchObject({
      kind: 'unreadable',
      reason: 'future_timestamp',
    });
  });

  it('carry their text where that is asked for', () => {
    const keeping = createLineReader({ ...settings, keepsOriginal: true });
    const read = keeping.read(aRecord(line ?? ''), origin, nowMs);
    const json = read.kind === 'documents' ? (read.documents[0]?.json ?? '') : '';
    expect(JSON.parse(json)).toHaveProperty('event.original', line);
  });
});

describe('failed requests', () => {
  const reader = createRequestReader(settings);
  const fault = correlate([decoded(sourceLine(aCall(), change('UF', 503)))])[0]?.fault as RequestFault;

  it('are one document each, which a correction replaces wherever the request ended by it', () => {
    const corrected = { ...fault, revision: 2, endedAtMs: fault.endedAtMs + 86_400_000 };
    const documents = [fault, corrected].map((one) => reader.read(aRecord(encodeRequestFault(one)), origin, nowMs));
    const where = { id: `dc1/${fault.id}`, index: 'fw-requests-2026.11.21' };
    expect(documents).toMatchObject([
      { documents: [{ ...where, revision: 1 }] },
      { documents: [{ ...where, revision: 2 }] },
    ]);
  });

  it('that cannot be read are set aside by index: nobody else reads them', () => {
    const endless = encodeRequestFault({ ...fault, endedAtMs: 1e300 });
    for (const value of ['{"v":9}', endless]) {
      expect(reader.read(aRecord(value), origin, nowMs)).toMatchObject({
        kind: 'unreadable',
        reason: 'unreadable_internal_record',
        isSetAsideElsewhere: false,
      });
    }
    expect(reader.read(aRecord(null), origin, nowMs)).toEqual({ kind: 'skip', reason: 'tombstone' });
  });
});

describe('windows', () => {
  const reader = createWindowReader(settings);
  const startAtMs = Date.UTC(2026, 10, 20, 23, 59, 50);
  const row = { ...noCounts, edge: anEdge(), requestCount: 1 };
  const window = { ...row, ...inTime, windowStartAtMs: startAtMs, windowEndAtMs: startAtMs + 10_000 };

  it('give a document for each edge, in the index of the day in which they start', () => {
    const rows = [window, { ...window, edge: anEdge({ source_version: 'v2' }) }];
    const read = reader.read(aRecord(encodeWindowCounts(rows)), origin, nowMs);
    const documents = read.kind === 'documents' ? read.documents : [];
    expect(documents.map(({ index }) => index)).toEqual(['fw-windows-2026.11.20', 'fw-windows-2026.11.20']);
    expect(new Set(documents.map(({ id }) => id)).size).toBe(2);
  });

  it('that cannot be read have nobody else to set them aside', () => {
    const future = encodeWindowCounts([{ ...window, windowEndAtMs: 9e15 }]);
    for (const value of ['{"v":9}', 'x', future]) {
      expect(reader.read(aRecord(value), origin, nowMs)).toMatchObject({
        kind: 'unreadable',
        reason: 'unreadable_internal_record',
        isSetAsideElsewhere: false,
      });
    }
    expect(reader.read(aRecord(null), origin, nowMs)).toMatchObject({ kind: 'skip' });
  });
});

it('no bytes make a reader throw', () => {
  const readers = [createLineReader(settings), createWindowReader(settings), createAlertReader(settings)];
  const value = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(value, (bytes) => {
      for (const reader of readers) reader.read({ offset: 0, key: null, value: bytes }, origin, nowMs);
    }),
  );
});

it('leaves silences, which are among the alerts, to notify', () => {
  const record = { offset: 0, key: Buffer.from('silence/s1'), value: Buffer.from('{"v":1}') };
  expect(createAlertReader(settings).read(record, origin, nowMs)).toEqual({ kind: 'skip', reason: 'silence' });
});
