import { describe, expect, it } from 'vitest';
import type { FoundRequest, FoundWindow } from './found-documents.ts';
import { renderDeploy } from './render-deploy.ts';

function aWindow(
  version: string,
  deployId: string | null,
  flags: Record<string, number>,
  reporter = 'destination',
): FoundWindow {
  return {
    startAtMs: Date.UTC(2026, 10, 21, 9),
    endAtMs: Date.UTC(2026, 10, 21, 9, 0, 10),
    reporter,
    destination: { service: 'payments', version, deployId },
    requestCount: 100,
    flagCounts: new Map(Object.entries(flags)),
  };
}

const elsewhere = { service: 'ledger', version: 'v2', deployId: 'd-2' };
const rootOf = (version: string, deployId: string | null, fault: string): FoundRequest['root'] => ({
  source: { service: 'checkout', version: 'v1', deployId: null },
  destination: { service: 'payments', version, deployId },
  fault,
});

function aRequest(version: string, deployId: string | null, fault: string): FoundRequest {
  return {
    requestId: 'r',
    traceId: null,
    client: null,
    fault,
    party: 'callee',
    evidence: 'both sides',
    why: '',
    root: rootOf(version, deployId, fault),
    hops: [],
  };
}

describe('renderDeploy', () => {
  it('says what is only in the new deploy', () => {
    expect(renderDeploy('d-2', [aWindow('v2', 'd-2', { UC: 40 }), aWindow('v1', 'd-1', {})], [])).toBe(
      [
        'deploy d-2 of payments v2, 2026-11-21T09:00:00.000Z to 2026-11-21T09:00:10.000Z',
        '  v2 (d-2): requests 100 seen by the destination; flags UC 40 (40.0 %, destination)',
        '  v1 (d-1): requests 100 seen by the destination; flags none',
        'ONLY in this deploy: UC',
        '',
      ].join('\n'),
    );
  });

  it('compares the shares of what others have too', () => {
    const text = renderDeploy('d-2', [aWindow('v2', 'd-2', { UC: 40 }), aWindow('v1', 'd-1', { UC: 1 })], []);
    expect(text).toContain('UC in others too: 40.0 % here, at most 1.0 % there');
    const many = { ...aWindow('v1', 'd-1', { UC: 3 }), requestCount: 8606 };
    expect(renderDeploy('d-2', [aWindow('v2', 'd-2', { UC: 40 }), many], [])).toContain('at most 0.035 % there');
  });

  it('takes what the caller saw of a version for its only deploy', () => {
    const text = renderDeploy(
      'd-2',
      [aWindow('v2', 'd-2', {}), aWindow('v2', null, { UT: 3 }, 'source'), aWindow('v1', 'd-1', {})],
      [],
    );
    expect(text).toContain(
      'v2 (d-2): requests 100 seen by the destination, 100 seen by the source; flags UT 3 (3.0 %, source)',
    );
    expect(text).toContain('ONLY in this deploy: UT');
  });

  it('compares failed requests by fault and party, with the version that it replaces and with all requests', () => {
    const earlier = { ...aWindow('v1', 'd-1', {}), startAtMs: Date.UTC(2026, 10, 21, 8) };
    const text = renderDeploy(
      'd-2',
      [aWindow('v2', 'd-2', { UC: 40 }), earlier, aWindow('v1', 'd-1', {})],
      [
        ...Array.from({ length: 39 }, () => aRequest('v2', 'd-2', 'app_closed')),
        // The caller alone told of it, and does not know the deploy.
        aRequest('v2', null, 'app_closed'),
        aRequest('v2', 'd-2', 'timeout'),
        aRequest('v1', 'd-1', 'timeout'),
        aRequest('v1', 'd-0', 'timeout'),
        { ...aRequest('v2', 'd-2', 'app_down'), root: { ...rootOf('v2', 'd-2', 'app_down'), destination: elsewhere } },
      ],
    );
    expect(text.split('\n').slice(1)).toEqual([
      '  v2 (d-2): requests 100 seen by the destination; flags UC 40 (40.0 %, destination); failed requests app_closed (callee) 40 of 100; timeout (callee) 1 of 100',
      '  v1 (d-1), the one it replaces: requests 200 seen by the destination; flags none; failed requests timeout (callee) 1 of 200',
      'ONLY in this deploy: UC',
      'Faults: ONLY in this deploy: app_closed (callee); timeout (callee) in others too: 1.0 % here, at most 0.5 % there',
      '',
    ]);
  });

  it('says when there is nothing to compare with, nothing against it, nothing known', () => {
    expect(renderDeploy('d-2', [aWindow('v2', 'd-2', { UC: 1 })], [])).toContain('nothing to compare with');
    expect(renderDeploy('d-2', [aWindow('v2', 'd-2', {})], [])).toContain('nothing speaks against');
    expect(renderDeploy('d-9', [], [])).toBe('d-9: no window of it is stored\n');
  });
});
