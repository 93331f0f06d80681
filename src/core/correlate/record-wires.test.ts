// What travels between collect, correlate and index: it comes back as it was, and whatever else comes is refused, not misread.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aCall, decoded } from '../../../test/support/exchanges.ts';
import { linesOfFact, requestFacts } from '../../../test/support/request-facts.ts';
import { correlate } from './correlate.ts';
import type { FailedLineRecord } from './failed-line-wire.ts';
import { decodeFailedLineRecord, encodeFailedLineRecord } from './failed-line-wire.ts';
import type { RequestFault } from './request-fault.ts';
import { decodeRequestFault, encodeRequestFault } from './request-fault-wire.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const source = ['dc1', 'istio-access-logs', 3] as const;
const requests = requestFacts.map((fact) => linesOfFact(fact, aCall()).map(decoded));
const lines = requests.flat();
const faults = requests.flatMap((request) => correlate(request).map(({ fault }) => fault));
const mark = { partitionCount: 2, streamAtMs: 7, watermarkAtMs: null, isIdle: true, writtenAtMs: 9 };
const records: readonly FailedLineRecord[] = [
  ...lines.map((line) => ({ kind: 'line' as const, source, line })),
  { kind: 'watermark', source, mark },
];

/** Texts that are a record but for one place. */
function mutated(texts: readonly string[]): fc.Arbitrary<Uint8Array> {
  return fc.tuple(fc.constantFrom(...texts), fc.nat(), fc.string({ maxLength: 3 })).map(([text, at, piece]) => {
    const i = at % text.length;
    return bytes(text.slice(0, i) + piece + text.slice(i + 1));
  });
}

describe('wire form of failed lines', () => {
  it('brings back what was written', () => {
    expect(lines.length).toBeGreaterThan(20);
    for (const record of records) {
      expect(decodeFailedLineRecord(bytes(encodeFailedLineRecord(record)))).toEqual({ kind: 'ok', value: record });
    }
  });

  it('never throws, whatever the bytes', () => {
    const values = fc.oneof(fc.uint8Array(), mutated(records.map(encodeFailedLineRecord)));
    fc.assert(
      fc.property(values, (value) => {
        expect(['ok', 'dead-letter']).toContain(decodeFailedLineRecord(value).kind);
      }),
      { numRuns: 300 },
    );
  });

  it('does not take a line for one that lacks a field, or another version', () => {
    const [first] = records;
    const text = encodeFailedLineRecord(first as FailedLineRecord);
    const lacking = text.replace('"called"', '"culled"');
    expect(decodeFailedLineRecord(bytes(lacking))).toMatchObject({
      kind: 'dead-letter',
      detail: expect.stringContaining('called'),
    });
    expect(decodeFailedLineRecord(bytes(text.replace('"v":1', '"v":2')))).toMatchObject({ kind: 'dead-letter' });
  });
});

describe('wire form of request faults', () => {
  it('does not take one whose ends say what no end does', () => {
    const named = { ...(faults[0] as RequestFault) };
    const withOrigin = (serviceFrom: string) =>
      decodeRequestFault(
        bytes(
          JSON.stringify({ v: 1, ...named, root: { ...named.root, source: { ...named.root.source, serviceFrom } } }),
        ),
      );
    expect(withOrigin('authority').kind).toBe('ok');
    expect(withOrigin('hearsay')).toMatchObject({ kind: 'dead-letter', detail: expect.stringContaining('root') });
  });

  it('brings back what was written', () => {
    expect(faults.length).toBeGreaterThan(10);
    for (const fault of faults) {
      expect(decodeRequestFault(bytes(encodeRequestFault(fault)))).toEqual({ kind: 'ok', value: fault });
    }
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), mutated(faults.map(encodeRequestFault))), (value) => {
        expect(['ok', 'dead-letter']).toContain(decodeRequestFault(value).kind);
      }),
      { numRuns: 300 },
    );
  });
});
