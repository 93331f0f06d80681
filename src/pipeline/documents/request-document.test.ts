// A failed request's document: the fields that people filter by, and every hop.
import { describe, expect, it } from 'vitest';
import { correlate } from '#core/correlate/correlate.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { aCall, arrivalLine, decoded, sourceLine } from '../../../test/support/exchanges.ts';
import { line, refused } from '../../../test/support/fact-lines.ts';
import { IsoTimes } from './iso-times.ts';
import { hasRenderableTimes, renderRequestDocument, requestDocumentId } from './request-document.ts';

const call = aCall({ durationMs: 100, traceId: 'a'.repeat(32) });
const lines = [sourceLine(call, line('-', 503)), arrivalLine(call, line('UF', 503, refused))].map(decoded);
const request = correlate(lines)[0]?.fault as RequestFault;
const context = { dataCenter: 'dc1', ingestedAtMs: Date.UTC(2026, 10, 21, 12, 1) };
const render = (changes: Partial<RequestFault> = {}) =>
  JSON.parse(renderRequestDocument({ ...request, ...changes }, context, new IsoTimes())) as Record<string, unknown>;

describe('the document of a failed request', () => {
  it('says what broke, where, who acts, and which deploy', () => {
    expect(render()).toMatchObject({
      '@timestamp': '2026-11-21T12:00:00.000Z',
      event: {
        kind: 'event',
        dataset: 'flagwatch.requests',
        outcome: 'failure',
        duration: 100_000_000,
        end: '2026-11-21T12:00:00.100Z',
        ingested: '2026-11-21T12:01:00.000Z',
      },
      message: request.why.en,
      http: { request: { id: call.requestId }, response: { status_code: 503 } },
      trace: { id: call.traceId },
      service: { name: 'payments', version: 'v2' },
      flagwatch: {
        data_center: 'dc1',
        flags: ['UF'],
        fault: 'app_down',
        party: 'callee',
        evidence: 'both sides',
        revision: 1,
        counted_at: expect.stringMatching(/^2026-11-21T12:00:00/),
        source: { service: 'checkout', version: 'v1' },
        destination: { service: 'payments', version: 'v2' },
        root: { fault: 'app_down', source: { service: 'checkout' }, destination: { service: 'payments' } },
        why: request.why,
      },
    });
  });

  it('holds every hop as correlate placed it', () => {
    const { hops } = render()['flagwatch'] as { hops: Record<string, unknown>[] };
    expect(hops).toMatchObject([
      { reporter: 'source', code: 503, depth: 0, root: true, duration_ms: 100 },
      { reporter: 'destination', flags: ['UF'], code: 503, depth: 0, root: true },
    ]);
    expect(hops[0]).not.toHaveProperty('flags');
  });

  it('tells the deploy of the hop that broke', () => {
    const destination = { ...request.root.destination, deployId: 'd-7' };
    const document = render({ root: { ...request.root, destination } });
    expect(document).toMatchObject({
      deployment: { id: 'd-7' },
      labels: { deploy_id: 'd-7' },
      flagwatch: { destination: { deploy_id: 'd-7' } },
    });
    expect(render({ root: { ...request.root, destination: { ...destination, deployId: null } } })).not.toHaveProperty(
      'deployment',
    );
  });

  it('is a success where the result was taken back', () => {
    const document = render({ party: 'none', fault: 'none', revision: 2 });
    expect(document).toMatchObject({ event: { outcome: 'success' }, flagwatch: { party: 'none', revision: 2 } });
  });

  it('of a request without an id is known by who called', () => {
    const document = render({ requestId: null, traceId: null, client: '10.0.0.9:4711' });
    expect(document).toMatchObject({ event: { category: ['network'] }, client: { address: '10.0.0.9:4711' } });
    expect(document).not.toHaveProperty('http');
    expect(document).not.toHaveProperty('trace');
  });

  it('has one id for all revisions, of its own in each data centre', () => {
    expect(requestDocumentId('dc1', request)).toBe(`dc1/${request.id}`);
    expect(requestDocumentId('dc2', { ...request, revision: 2 })).toBe(`dc2/${request.id}`);
  });

  it('holds no times that nobody can show', () => {
    expect(hasRenderableTimes(request)).toBe(true);
    expect(hasRenderableTimes({ ...request, endedAtMs: Number.NaN })).toBe(false);
    expect(hasRenderableTimes({ ...request, startedAtMs: -1 })).toBe(false);
  });
});
