import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoundLine, toFoundLine, toFoundWindow } from './found-documents.ts';
import { renderHops } from './render-hops.ts';

const end = (service: string, version = 'v1') => ({ service, version, deployId: null });

function aLine(changes: Partial<FoundLine>): FoundLine {
  return {
    startAtMs: Date.UTC(2026, 10, 21, 9),
    durationMs: 3,
    reporter: 'source',
    source: end('checkout'),
    destination: end('payments'),
    code: 503,
    flags: [],
    details: 'via_upstream',
    fault: 'app_error',
    party: 'callee',
    confidence: 'ambiguous',
    requestId: 'r-1',
    traceId: 't-1',
    ...changes,
  };
}

describe('renderHops', () => {
  it('hangs a further hop below the one that called it, and marks the deepest failed one', () => {
    const text = renderHops(
      [
        aLine({
          source: end('payments'),
          destination: end('ledger'),
          flags: ['UF'],
          fault: 'unreachable',
          confidence: 'likely',
          startAtMs: Date.UTC(2026, 10, 21, 9, 0, 0, 2),
        }),
        aLine({ reporter: 'destination' }),
        aLine({}),
      ],
      'request r-1',
    );
    const rows = text.split('\n');
    expect(rows[0]).toBe('request r-1: 3 lines, request r-1, trace t-1');
    expect(rows[1]).toMatch(/^! 09:00:00\.000 {2}checkout v1 -> payments v1 +source +503 - +3 ms/);
    expect(rows[2]).toMatch(/^! .*checkout v1 -> payments v1 +destination/);
    expect(rows[3]).toMatch(/^✗ 09:00:00\.002 {4}payments v1 -> ledger v1 +source +503 UF/);
    expect(rows[4]).toBe('Broken: payments v1 -> ledger v1: unreachable (likely), who acts: callee');
  });

  it('believes the surer of the two views of a hop', () => {
    const lines = [
      aLine({}),
      aLine({ reporter: 'destination', flags: ['UC'], fault: 'app_closed', confidence: 'certain' }),
    ];
    expect(renderHops(lines, 'request r-1')).toContain('Broken: checkout v1 -> payments v1: app_closed (certain)');
  });

  it('says when no hop failed, and when nothing is stored', () => {
    expect(renderHops([aLine({ party: 'none', fault: 'none' })], 'trace t')).toContain('No hop failed.');
    expect(renderHops([], 'trace t')).toContain('no line of it is stored');
  });

  it('shows whatever a document holds, without control characters, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (document, name) => {
        const text = renderHops([toFoundLine(document), aLine({ source: end(name) })], name);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
        toFoundWindow(document);
      }),
    );
  });
});
