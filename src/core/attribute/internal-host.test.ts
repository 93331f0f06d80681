// The forms of an authority that name a Service of the cluster, and any other text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInternalHost } from './internal-host.ts';

describe('parseInternalHost', () => {
  it.each([
    ['payments.shop.svc.cluster.local:8080', 'payments', 'shop'],
    ['payments.shop.svc.cluster.local', 'payments', 'shop'],
    ['Payments.Shop.SVC.mesh.example.:80', 'payments', 'shop'],
    ['payments.shop.svc', 'payments', 'shop'],
    ['payments.shop:8080', 'payments', 'shop'],
    ['payments:8080', 'payments', 'web'],
    ['db-0.db.shop.svc.cluster.local', 'db', 'shop'],
    ['payments.2024', 'payments', '2024'],
  ])('reads %j', (authority, service, namespace) => {
    expect(parseInternalHost(authority, 'web')).toEqual({ service, namespace });
  });

  it.each([
    'api.example.com',
    'www.example.co.uk:443',
    '10.1.0.22:8080',
    '10.1',
    '[fd00::1]:8080',
    '*.shop.svc.cluster.local',
    '.shop.svc',
    'payments..svc',
    'payments.shop.svc..local',
    'pay_ments.shop.svc',
    '-payments.shop',
    'payments.shop/x',
    'user@payments.shop',
    'payments.shop:80:80',
    'payments.shop.svc\u0000',
    'páyments.shop',
    `${'a'.repeat(64)}.shop`,
    `a.b.svc.${'c.'.repeat(130)}d`,
    '',
    '.',
    ':80',
  ])('takes %j for nothing', (authority) => {
    expect(parseInternalHost(authority, 'web')).toBeNull();
  });

  it('takes a bare name for nothing where its namespace is not known', () => {
    expect(parseInternalHost('payments', null)).toBeNull();
  });

  it('gives names of DNS or nothing, for any text', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom('.', 'svc', 'a', 'b-1', ':80'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const host = parseInternalHost(pieces.join(''), 'web');
        if (host === null) return;
        for (const name of [host.service, host.namespace]) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      }),
      { numRuns: 2000 },
    );
  });
});
