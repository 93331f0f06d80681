// What is learned, from whom, for which lines; and what must never be guessed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkloadIdentity } from '#core/access-log/record.ts';
import { unknownWorkload } from '#core/access-log/record.ts';
import type { AttributionInput } from './attribute.ts';
import { attribute } from './attribute.ts';
import type { DirectoryLine } from './pod-directory.ts';
import { PodDirectory } from './pod-directory.ts';
import type { Endpoint } from './traffic.ts';
import { versionOrigins } from './traffic.ts';

type Line = DirectoryLine & AttributionInput;

const bare: Line = {
  startAtMs: 1000,
  pod: null,
  isSidecar: false,
  responseFlags: [],
  authority: null,
  node: unknownWorkload,
  upstreamPeer: unknownWorkload,
  downstreamPeer: unknownWorkload,
  listenerDirection: null,
  upstreamCluster: null,
  upstreamHost: null,
  upstreamLocalAddress: null,
  downstreamLocalAddress: null,
  downstreamRemoteAddress: null,
};
const identity = (service: string, version: string | null, deployId: string | null = null): WorkloadIdentity => ({
  service,
  namespace: 'shop',
  version,
  deployId,
  workload: null,
});
const learned = (service: string, version: string, deployId: string | null) => ({
  service,
  namespace: 'shop',
  version,
  versionFrom: 'learned',
  deployId,
});

/** A line of Istio's default format, as each side writes it: checkout at .11 calls payments at .22. */
const outbound: Line = {
  ...bare,
  upstreamCluster: 'outbound|8080||payments.shop.svc.cluster.local',
  upstreamLocalAddress: '10.1.0.11:50001',
  upstreamHost: '10.1.0.22:8080',
  downstreamLocalAddress: '10.96.0.1:8080',
  downstreamRemoteAddress: '10.1.0.11:40001',
};
const inbound: Line = {
  ...bare,
  upstreamCluster: 'inbound|8080||',
  upstreamLocalAddress: '127.0.0.6:50001',
  upstreamHost: '10.1.0.22:8080',
  downstreamLocalAddress: '10.1.0.22:8080',
  downstreamRemoteAddress: '10.1.0.11:50001',
};
const payments = { ...inbound, pod: 'payments-1', node: identity('payments', 'v2', 'd-22') };
const checkout = { ...outbound, pod: 'checkout-1', node: identity('checkout', 'v1', 'd-11') };

function directoryOf(...lines: readonly Line[]): PodDirectory {
  const directory = new PodDirectory();
  for (const line of lines) directory.learn(line, attribute(line));
  return directory;
}
const fill = (directory: PodDirectory, line: Line) => directory.fill(line, attribute(line));

/** What may become of an end: as it was, or marked, with all that was known. */
function expectFilled(before: Endpoint, after: Endpoint): void {
  if (after === before) return;
  expect(['unknown', 'subset']).toContain(before.versionFrom);
  expect(after.versionFrom).toBe('learned');
  for (const key of ['service', 'namespace', 'version'] as const) {
    if (before[key] !== 'unknown') expect(after[key]).toBe(before[key]);
  }
}

describe('PodDirectory', () => {
  it('knows both ends of a line by their addresses, from lines of the pods themselves', () => {
    const directory = directoryOf(payments, checkout);
    const ends = { source: learned('checkout', 'v1', 'd-11'), destination: learned('payments', 'v2', 'd-22') };
    expect(fill(directory, outbound)).toEqual({ reporter: 'source', ...ends });
    expect(fill(directory, inbound)).toEqual({ reporter: 'destination', ...ends });
  });

  it('knows a pod by its name, where the line has no more than that', () => {
    const line = { ...bare, pod: 'checkout-1', node: { ...unknownWorkload, namespace: 'shop' } };
    expect(fill(directoryOf(checkout), line).source).toEqual(learned('checkout', 'v1', 'd-11'));
    const elsewhere = { ...line, node: { ...unknownWorkload, namespace: 'other' } };
    expect(fill(directoryOf(checkout), elsewhere).source.version).toBe('unknown');
    expect(fill(directoryOf(checkout), { ...line, node: unknownWorkload }).source.version).toBe('unknown');
  });

  it('learns the host that a source chose from the control plane’s metadata', () => {
    const directory = directoryOf({ ...outbound, upstreamPeer: identity('payments', 'v2') });
    expect(fill(directory, inbound).destination).toEqual(learned('payments', 'v2', null));
  });

  it('does not learn what a caller says of itself', () => {
    const directory = directoryOf({ ...inbound, downstreamPeer: identity('forged', 'v9') });
    expect(directory.size).toBe(0);
  });

  it('takes the name of a subset for less than the pod', () => {
    const line = { ...outbound, upstreamCluster: 'outbound|8080|v2|payments.shop.svc.cluster.local' };
    expect(fill(directoryOf(payments), line).destination).toEqual(learned('payments', 'v2', 'd-22'));
    const other = { ...outbound, upstreamCluster: 'outbound|8080|canary|payments.shop.svc.cluster.local' };
    expect(fill(directoryOf(payments), other).destination).toMatchObject({ version: 'canary', versionFrom: 'subset' });
  });

  it('leaves alone what the line knows, and what it contradicts', () => {
    const directory = directoryOf(payments, checkout);
    const known = { ...inbound, node: identity('payments', 'v3') };
    expect(fill(directory, known).destination).toMatchObject({ version: 'v3', versionFrom: 'node', deployId: null });
    const other = { ...outbound, upstreamCluster: 'outbound|8080||ledger.shop.svc.cluster.local' };
    expect(fill(directory, other).destination).toMatchObject({ service: 'ledger', version: 'unknown' });
    const traffic = attribute(bare);
    expect(directory.fill(bare, traffic)).toBe(traffic);
  });

  it('believes the newest line where a name or an address is used again', () => {
    const again = { ...payments, startAtMs: 2000, node: identity('payments', 'v3', 'd-33') };
    for (const lines of [
      [payments, again],
      [again, payments],
    ]) {
      expect(fill(directoryOf(...lines), inbound).destination).toEqual(learned('payments', 'v3', 'd-33'));
    }
  });

  it('keeps a deploy id that later lines of the pod do not carry', () => {
    const later = { ...payments, startAtMs: 2000, node: identity('payments', 'v2') };
    expect(fill(directoryOf(payments, later), inbound).destination.deployId).toBe('d-22');
    expect(fill(directoryOf({ ...later, startAtMs: 0 }, payments), inbound).destination.deployId).toBe('d-22');
  });

  it('says nothing of an address that several pods share', () => {
    const onNode = (startAtMs: number, service: string): Line => ({
      ...payments,
      startAtMs,
      pod: service,
      node: identity(service, 'v1'),
    });
    const directory = directoryOf(onNode(1, 'a'), onNode(2, 'b'), onNode(3, 'a'));
    expect(fill(directory, inbound).destination.version).toBe('unknown');
    const named = { ...inbound, pod: 'a', node: { ...unknownWorkload, namespace: 'shop' } };
    expect(fill(directory, named).destination).toEqual(learned('a', 'v1', null));
  });

  it('never learns the address that every pod has', () => {
    const local = { ...payments, downstreamLocalAddress: '127.0.0.1:8080' };
    expect(directoryOf(local).size).toBe(1);
    expect(directoryOf({ ...local, downstreamLocalAddress: '[::1]:8080' }).size).toBe(1);
    expect(directoryOf({ ...local, downstreamLocalAddress: 'no address' }).size).toBe(1);
  });

  it('forgets those not heard of for longest, and never holds more than it may', () => {
    const directory = new PodDirectory({ maxEntries: 4 });
    const learn = (i: number, startAtMs: number) => {
      const line = { ...payments, pod: `p-${i}`, downstreamLocalAddress: `10.2.0.${i}:80`, startAtMs };
      directory.learn(line, attribute(line));
    };
    const isKnown = (i: number) =>
      fill(directory, { ...inbound, downstreamLocalAddress: `10.2.0.${i}:80` }).destination.versionFrom === 'learned';
    learn(1, 0);
    learn(2, 1);
    learn(1, 60_000);
    learn(3, 60_001);
    expect(directory.size).toBe(4);
    expect([1, 2, 3].map(isKnown)).toEqual([true, false, true]);
  });

  it('changes nothing but unknown ends, and marks what it changes', () => {
    const name = fc.constantFrom('a', 'b', null);
    const workload = fc.record({ service: name, namespace: name, version: name, deployId: name, workload: name });
    const address = fc.constantFrom('10.0.0.1:80', '10.0.0.2:80', '127.0.0.1:1', 'x', null);
    const line: fc.Arbitrary<Line> = fc.record({
      startAtMs: fc.nat(5),
      pod: name,
      isSidecar: fc.boolean(),
      responseFlags: fc.constantFrom([], ['NR']),
      authority: fc.constantFrom('b.a', null),
      node: workload,
      upstreamPeer: workload,
      downstreamPeer: workload,
      listenerDirection: fc.constantFrom('inbound' as const, 'outbound' as const, null),
      upstreamCluster: fc.constantFrom('outbound|80|a|b.a.svc', 'outbound|80||b.a.svc', 'inbound|80||', null),
      upstreamHost: address,
      upstreamLocalAddress: address,
      downstreamLocalAddress: address,
      downstreamRemoteAddress: address,
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), line, (lines, asked) => {
        const directory = directoryOf(...lines);
        const before = attribute(asked);
        const after = directory.fill(asked, before);
        expect(after.reporter).toBe(before.reporter);
        expectFilled(before.source, after.source);
        expectFilled(before.destination, after.destination);
        expect(versionOrigins).toContain(after.source.versionFrom);
      }),
      { numRuns: 500 },
    );
  });
});
