// What `search` prints of failed requests: the tree as correlate placed it, the sentence, and what else there is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlate } from '#core/correlate/correlate.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { IsoTimes } from '#pipeline/documents/iso-times.ts';
import { renderRequestDocument } from '#pipeline/documents/request-document.ts';
import { aCall, arrivalLine, decoded, sourceLine } from '../../../test/support/exchanges.ts';
import { line, refused } from '../../../test/support/fact-lines.ts';
import { type FoundRequest, toFoundLine, toFoundRequest } from './found-documents.ts';
import { renderRequests } from './render-requests.ts';

const call = aCall({ durationMs: 100, traceId: 'a'.repeat(32) });
const fault = correlate([sourceLine(call, line('-', 503)), arrivalLine(call, line('UF', 503, refused))].map(decoded))[0]
  ?.fault as RequestFault;
const documentOf = (request: RequestFault): unknown =>
  JSON.parse(renderRequestDocument(request, { dataCenter: 'dc1', ingestedAtMs: 0 }, new IsoTimes()));
const request = toFoundRequest(documentOf(fault)) as FoundRequest;
const view = { startAtMs: Date.UTC(2026, 10, 21, 12), durationMs: 100, reporter: 'source', code: 503, flags: [] };
const aLine = (changes: object) => ({ ...toFoundLine({}), ...view, ...changes });

describe('renderRequests', () => {
  it('marks the hop that broke, on both sides, and says why', () => {
    const rows = renderRequests([request], [], 'request r').split('\n');
    expect(rows[0]).toBe('request r: one failed request');
    expect(rows[2]).toBe(`request ${call.requestId}, trace ${call.traceId}`);
    expect(rows[3]).toMatch(/^✗ 12:00:00\.000 {2}checkout v1 -> payments v2 +source +503 - +100 ms/);
    expect(rows[4]).toMatch(/^✗ .*checkout v1 -> payments v2 +destination +503 UF/);
    expect(rows[5]).toBe('Broken: checkout v1 -> payments v2: app_down, who acts: callee (evidence: both sides)');
    expect(rows[6]).toBe(fault.why.en);
  });

  it('shows beside it the lines that are in no failed request, and no line twice', () => {
    const known = aLine({ source: request.hops[0]?.source, destination: request.hops[0]?.destination });
    const text = renderRequests([request], [known, aLine({ code: 200, durationMs: 7 })], 'trace t');
    expect(text.split('\n').slice(-3)).toEqual([
      'Other lines, of calls that did not fail:',
      expect.stringMatching(/200 - +7 ms/),
      '',
    ]);
    expect(text.match(/ 100 ms/g)).toHaveLength(request.hops.filter(({ durationMs }) => durationMs === 100).length);
  });

  it('hangs further hops below those that they came of, and tells the root from the request', () => {
    const hop = request.hops[0] as FoundRequest['hops'][number];
    const deep: FoundRequest = {
      ...request,
      fault: 'dependency',
      party: 'beyond',
      hops: [
        { ...hop, isRoot: false },
        { ...hop, depth: 1 },
        { ...hop, depth: 1, isRoot: false, code: 200 },
      ],
    };
    const rows = renderRequests([deep, request], [], 'trace t').split('\n');
    expect(rows[0]).toBe('trace t: 2 failed requests');
    expect(rows.slice(3, 6).map((row) => row.slice(0, 20))).toEqual([
      '! 12:00:00.000  chec',
      '✗ 12:00:00.000    ch',
      '  12:00:00.000    ch',
    ]);
    expect(rows[6]).toContain(': app_down, for the request: dependency, who acts: beyond');
  });

  it('leaves what was taken back to the lines alone', () => {
    expect(toFoundRequest(documentOf({ ...fault, party: 'none', fault: 'none', revision: 2 }))).toBeNull();
    expect(renderRequests([], [aLine({})], 'request r')).toContain('request r: 1 lines');
  });

  it('shows whatever a document holds, without control characters, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (own, name) => {
        const found = toFoundRequest({
          flagwatch: { party: name, hops: [own, { depth: 1e9 }], root: own },
          trace: own,
        });
        const text = renderRequests(found === null ? [] : [found], [], name);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
      }),
    );
  });
});
