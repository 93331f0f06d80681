// Names of clusters as Istio writes them, and any other text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHostName, parseUpstreamCluster } from './upstream-cluster.ts';

describe('parseUpstreamCluster', () => {
  it.each([
    [
      'outbound|8080|v2|payments.shop.svc.cluster.local',
      { kind: 'outbound', port: 8080, subset: 'v2', host: 'payments.shop.svc.cluster.local' },
    ],
    ['outbound|443||api.example.com', { kind: 'outbound', port: 443, subset: null, host: 'api.example.com' }],
    ['inbound|8080||', { kind: 'inbound', port: 8080, subset: null, host: null }],
    [
      'inbound|9080|http|reviews.books.svc.cluster.local',
      { kind: 'inbound', port: 9080, subset: null, host: 'reviews.books.svc.cluster.local' },
    ],
    [
      'outbound_.8080_.v2_.payments.shop.svc.cluster.local',
      { kind: 'outbound', port: 8080, subset: 'v2', host: 'payments.shop.svc.cluster.local' },
    ],
    ['outbound_.8080_._.ledger.shop.svc', { kind: 'outbound', port: 8080, subset: null, host: 'ledger.shop.svc' }],
    ['outbound|http|v2|x', { kind: 'outbound', port: null, subset: 'v2', host: 'x' }],
    ['outbound|99999||x', { kind: 'outbound', port: null, subset: null, host: 'x' }],
    ['outbound|80', { kind: 'outbound', port: 80, subset: null, host: null }],
    ['PassthroughCluster', { kind: 'passthrough' }],
    ['BlackHoleCluster', { kind: 'black_hole' }],
    ['InboundPassthroughCluster', { kind: 'inbound_passthrough' }],
    ['InboundPassthroughClusterIpv6', { kind: 'inbound_passthrough' }],
    ['dynamic-dns', { kind: 'other' }],
    ['outbound', { kind: 'other' }],
    ['sideways|80||x', { kind: 'other' }],
    ['__proto__', { kind: 'other' }],
    ['', { kind: 'other' }],
    [null, { kind: 'other' }],
  ])('reads %j', (text, expected) => {
    expect(parseUpstreamCluster(text)).toEqual(expected);
  });

  it('gives a value for any text', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('|', '_.', 'outbound', 'inbound', '8080', 'v1', '*.x'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const cluster = parseUpstreamCluster(pieces.join(''));
        if (!('host' in cluster)) return;
        expect(cluster.port === null || (cluster.port >= 1 && cluster.port <= 65_535)).toBe(true);
        expect(cluster.host).not.toBe('');
        expect(cluster.subset).not.toBe('');
      }),
    );
  });

  it('gives back the parts of what Istio joins', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), name, name, name, (port, subset, service, namespace) => {
        const host = `${service}.${namespace}.svc.cluster.local`;
        expect(parseUpstreamCluster(`outbound|${port}|${subset}|${host}`)).toEqual({
          kind: 'outbound',
          port,
          subset,
          host,
        });
        expect(parseHostName(host)).toEqual({ service, namespace });
      }),
    );
  });
});

describe('parseHostName', () => {
  it.each([
    ['payments.shop.svc.cluster.local', { service: 'payments', namespace: 'shop' }],
    ['payments.shop.svc', { service: 'payments', namespace: 'shop' }],
    ['payments.shop.svc.mesh.example', { service: 'payments', namespace: 'shop' }],
    ['db-0.db.shop.svc.cluster.local', { service: 'db', namespace: 'shop' }],
    ['api.example.com', { service: 'api.example.com', namespace: null }],
    ['svc.example.com', { service: 'svc.example.com', namespace: null }],
    ['*.shop.svc.cluster.local', { service: '*.shop.svc.cluster.local', namespace: null }],
    ['..svc', { service: '..svc', namespace: null }],
    ['', { service: '', namespace: null }],
  ])('splits %j', (host, expected) => {
    expect(parseHostName(host)).toEqual(expected);
  });
});
