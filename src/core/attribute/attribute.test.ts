// Who called whom, by each way in which a line can tell; and what no text of a line may do.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkloadIdentity } from '#core/access-log/record.ts';
import { unknownWorkload } from '#core/access-log/record.ts';
import type { AttributionInput } from './attribute.ts';
import { attribute, maxLabelLength } from './attribute.ts';
import { reporters, versionOrigins } from './traffic.ts';

const nothing: AttributionInput = {
  listenerDirection: null,
  upstreamCluster: null,
  node: unknownWorkload,
  upstreamPeer: unknownWorkload,
  downstreamPeer: unknownWorkload,
  pod: null,
  isSidecar: false,
  responseFlags: [],
  authority: null,
};
const workload = (service: string, version: string | null, deployId: string | null = null): WorkloadIdentity => ({
  service,
  namespace: 'shop',
  version,
  deployId,
  workload: `${service}-x`,
});
const unknownEnd = {
  service: 'unknown',
  namespace: 'unknown',
  version: 'unknown',
  versionFrom: 'unknown',
  deployId: null,
};
const outbound = 'outbound|8080|v2|payments.shop.svc.cluster.local';

describe('reporter', () => {
  it.each([
    ['outbound', null, 'source'],
    ['inbound', null, 'destination'],
    ['inbound', outbound, 'destination'],
    [null, outbound, 'source'],
    [null, 'inbound|8080||', 'destination'],
    [null, 'PassthroughCluster', 'source'],
    [null, 'BlackHoleCluster', 'source'],
    [null, 'InboundPassthroughCluster', 'destination'],
    [null, 'dynamic-dns', 'unknown'],
    [null, null, 'unknown'],
  ] as const)('is, for direction %j and cluster %j, %s', (listenerDirection, upstreamCluster, expected) => {
    expect(attribute({ ...nothing, listenerDirection, upstreamCluster }).reporter).toBe(expected);
  });
});

describe('ends', () => {
  it('knows the source by its own identity and the destination by the chosen host', () => {
    const traffic = attribute({
      ...nothing,
      upstreamCluster: outbound,
      node: workload('checkout', 'v1', 'd-1041'),
      upstreamPeer: workload('payments', 'v2-canary'),
    });
    expect(traffic).toEqual({
      reporter: 'source',
      source: { service: 'checkout', namespace: 'shop', version: 'v1', versionFrom: 'node', deployId: 'd-1041' },
      destination: {
        service: 'payments',
        namespace: 'shop',
        version: 'v2-canary',
        versionFrom: 'upstream_metadata',
        deployId: null,
      },
    });
  });

  it('falls back to subset and host of the cluster', () => {
    expect(attribute({ ...nothing, upstreamCluster: outbound })).toEqual({
      reporter: 'source',
      source: unknownEnd,
      destination: { ...unknownEnd, service: 'payments', namespace: 'shop', version: 'v2', versionFrom: 'subset' },
    });
  });

  it('takes each part from the best source that has it', () => {
    const { destination } = attribute({
      ...nothing,
      upstreamCluster: outbound,
      upstreamPeer: { ...unknownWorkload, workload: 'payments-v2', deployId: 'd-7' },
    });
    expect(destination).toEqual({
      service: 'payments',
      namespace: 'shop',
      version: 'v2',
      versionFrom: 'subset',
      deployId: 'd-7',
    });
  });

  it.each([
    ['the chosen host’s metadata', { upstreamPeer: workload('payments', 'latest') }],
    ['the cluster’s subset', { upstreamCluster: 'outbound|8080|latest|payments.shop.svc.cluster.local' }],
    ['labels of the writer', { listenerDirection: 'inbound', node: workload('payments', 'latest') }],
  ] as const)('take no version from Istio’s word for a workload without one, in %s', (_name, parts) => {
    const { destination } = attribute({ ...nothing, upstreamCluster: outbound.replace('v2', ''), ...parts });
    expect(destination).toMatchObject({ service: 'payments', version: 'unknown', versionFrom: 'unknown' });
  });

  it('take the subset for a version where the metadata has Istio’s word for none', () => {
    const traffic = attribute({
      ...nothing,
      upstreamCluster: outbound,
      upstreamPeer: workload('payments', 'latest'),
      node: workload('checkout', 'v1'),
    });
    expect(traffic.destination).toMatchObject({ version: 'v2', versionFrom: 'subset' });
    const arrival = { ...nothing, upstreamCluster: 'inbound|8080||', downstreamPeer: workload('checkout', 'latest') };
    expect(attribute(arrival).source).toMatchObject({ service: 'checkout', version: 'unknown' });
  });

  it('leaves external hosts as they are', () => {
    const { destination } = attribute({ ...nothing, upstreamCluster: 'outbound|443||api.example.com' });
    expect(destination).toEqual({ ...unknownEnd, service: 'api.example.com' });
  });

  it('knows the destination by its own identity and the source by peer metadata', () => {
    const traffic = attribute({
      ...nothing,
      upstreamCluster: 'inbound|8080||',
      node: workload('payments', 'v2', 'd-2207'),
      downstreamPeer: workload('checkout', 'v1', 'd-1041'),
      upstreamPeer: workload('nobody', 'v9'),
    });
    expect(traffic.destination).toMatchObject({ service: 'payments', version: 'v2', versionFrom: 'node' });
    expect(traffic.source).toMatchObject({
      service: 'checkout',
      version: 'v1',
      versionFrom: 'peer_metadata',
      deployId: 'd-1041',
    });
  });

  it('never takes the third part of an inbound cluster for a version', () => {
    const { destination } = attribute({
      ...nothing,
      upstreamCluster: 'inbound|80|http|reviews.books.svc.cluster.local',
    });
    expect(destination).toEqual({ ...unknownEnd, service: 'reviews', namespace: 'books' });
  });

  it('names a service after its workload where nothing else names it', () => {
    const node = { ...unknownWorkload, workload: 'batch', version: 'unknown' };
    expect(attribute({ ...nothing, listenerDirection: 'outbound', node }).source).toEqual({
      ...unknownEnd,
      service: 'batch',
    });
  });

  it('takes the writer for the source where nothing tells the side, unless it knows its caller', () => {
    const node = workload('checkout', 'v1');
    expect(attribute({ ...nothing, node })).toMatchObject({
      reporter: 'unknown',
      source: { service: 'checkout' },
      destination: unknownEnd,
    });
    expect(attribute({ ...nothing, node, downstreamPeer: workload('web', 'v3') })).toMatchObject({
      reporter: 'unknown',
      source: { service: 'web' },
      destination: { service: 'checkout' },
    });
  });
});

describe('a destination that only the authority names', () => {
  const node = workload('checkout', 'v1');
  const lost: AttributionInput = {
    ...nothing,
    listenerDirection: 'outbound',
    node,
    isSidecar: true,
    responseFlags: ['NR'],
    authority: 'payments.pay.svc.cluster.local:8080',
  };
  const { destination: unnamed } = attribute({ ...lost, authority: null });

  it('is the service that a sidecar has no way to', () => {
    const named = { ...unnamed, service: 'payments', namespace: 'pay', serviceFrom: 'authority' };
    expect(attribute(lost)).toMatchObject({ reporter: 'source', source: { service: 'checkout' } });
    expect(attribute(lost).destination).toEqual(named);
    expect(attribute({ ...lost, responseFlags: ['NC'] }).destination).toEqual(named);
    expect(attribute({ ...lost, listenerDirection: null }).destination).toEqual(named);
    expect(attribute({ ...lost, authority: 'payments' }).destination).toEqual({ ...named, namespace: 'shop' });
  });

  it.each([
    ['a gateway’s, or of a proxy that may be one', { isSidecar: false }],
    ['the callee’s', { listenerDirection: 'inbound', upstreamCluster: null }],
    ['one that was passed through', { upstreamCluster: 'PassthroughCluster' }],
    ['one that was blocked', { responseFlags: [] }],
    ['of a host outside', { authority: 'api.example.com:443' }],
    ['of a name in no namespace that is known', { authority: 'payments', node: { ...node, namespace: null } }],
  ] as const)('stays unknown where the line is %s', (_name, changes) => {
    const { destination } = attribute({ ...lost, ...changes });
    expect(destination).not.toHaveProperty('serviceFrom');
    expect(destination.service).not.toBe('payments');
  });

  it('is the one that the cluster or the chosen host names, where one does', () => {
    const destination = { service: 'ledger', namespace: 'shop' };
    const byCluster = attribute({ ...lost, upstreamCluster: 'outbound|80||ledger.shop.svc.cluster.local' });
    const byHost = attribute({ ...lost, upstreamPeer: workload('ledger', 'v1') });
    for (const traffic of [byCluster, byHost]) {
      expect(traffic.destination).toMatchObject(destination);
      expect(traffic.destination).not.toHaveProperty('serviceFrom');
    }
  });
});

describe('any text', () => {
  const text = fc.option(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.string({ maxLength: 20 }),
      fc.constantFrom('unknown', '-', '', '__proto__', '\u001f'),
    ),
  );
  const identity = fc.record({ service: text, namespace: text, version: text, deployId: text, workload: text });
  const input = fc.record({
    listenerDirection: fc.constantFrom('inbound', 'outbound', null),
    upstreamCluster: fc.oneof(
      text,
      fc.tuple(fc.constantFrom('outbound', 'inbound'), text, text).map((parts) => parts.join('|80|')),
    ),
    node: identity,
    upstreamPeer: identity,
    downstreamPeer: identity,
    pod: text,
    isSidecar: fc.boolean(),
    responseFlags: fc.subarray(['NR', 'NC', 'UC']),
    authority: fc.oneof(
      text,
      fc.array(fc.constantFrom('a', 'svc', 'b-1', '', '*'), { maxLength: 6 }).map((all) => all.join('.')),
    ),
  });

  it('gives bounded labels without control characters', () => {
    fc.assert(
      fc.property(input, (record) => {
        const traffic = attribute(record);
        expect(reporters).toContain(traffic.reporter);
        for (const end of [traffic.source, traffic.destination]) {
          expect(versionOrigins).toContain(end.versionFrom);
          expect(end.versionFrom === 'unknown').toBe(end.version === 'unknown');
          for (const label of [end.service, end.namespace, end.version, end.deployId ?? 'none']) {
            expect(label.length).toBeGreaterThan(0);
            expect(label.length).toBeLessThanOrEqual(maxLabelLength);
            expect(label).not.toMatch(/\p{Cc}|\p{Cs}/u);
          }
        }
      }),
    );
  });

  it('depends on the listed fields alone', () => {
    fc.assert(
      fc.property(input, fc.object(), (record, noise) => {
        expect(attribute({ ...noise, ...record })).toEqual(attribute(structuredClone(record)));
      }),
    );
  });

  it('cuts what is longer than a DNS name', () => {
    const long = 'a'.repeat(100_000);
    const { destination } = attribute({ ...nothing, upstreamCluster: `outbound|80|${long}|${long}` });
    expect(destination.service).toHaveLength(maxLabelLength);
    expect(destination.version).toHaveLength(maxLabelLength);
  });
});
