// Several attempts and versions, requests that share something, any lines at all: what holds for every result.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInternalHost } from '#core/attribute/internal-host.ts';
import type { RawLine } from '../../../test/support/exchanges.ts';
import {
  aCall,
  addressKeys,
  arrivalLine,
  bothSides,
  calls,
  checkout,
  decoded,
  payments,
  sourceLine,
  without,
} from '../../../test/support/exchanges.ts';
import { beforeAnswer, line, noCluster, refused } from '../../../test/support/fact-lines.ts';
import { linesOfFact, requestFacts } from '../../../test/support/request-facts.ts';
import { correlate } from './correlate.ts';

const faultsOf = (raw: readonly RawLine[]) => correlate(raw.map(decoded)).map(({ fault }) => fault);

describe('both ends', () => {
  it('are known by each side best', () => {
    const call = aCall({ caller: checkout, callee: payments });
    const source = without(sourceLine(call, line('-', 503)), ['upstream_workload']);
    const arrival = without(arrivalLine(call, line('UF', 503, refused)), ['downstream_peer']);
    const [fault] = faultsOf([source, arrival]);
    expect(fault?.root).toMatchObject({
      source: { service: 'checkout', version: 'v1', versionFrom: 'node', deployId: 'd-checkout' },
      destination: { service: 'payments', version: 'v2', versionFrom: 'node', deployId: 'd-payments' },
    });
    expect(fault?.hops).toMatchObject([
      { source: { versionFrom: 'node' }, destination: { version: 'v2', versionFrom: 'other_side' } },
      { source: { version: 'v1', versionFrom: 'other_side' }, destination: { versionFrom: 'node' } },
    ]);
  });

  it('are those of the last attempt', () => {
    const call = aCall({ caller: checkout, callee: { ...payments, version: 'v3' } });
    const early = { ...call, callee: payments };
    const [fault] = faultsOf([
      sourceLine(call, line('URX', 503, 'via_upstream', { attempts: 2 })),
      arrivalLine(early, line('UC', 503, beforeAnswer('connection_termination')), 0, 2),
      arrivalLine(call, line('-', 503), 1, 2),
    ]);
    expect(fault).toMatchObject({ fault: 'app_error', root: { destination: { version: 'v3' } } });
  });

  it('do not come from an attempt before the last, where that left no line', () => {
    const call = aCall({ caller: checkout, callee: { ...payments, version: 'v3' } });
    const early = { ...call, callee: payments };
    const [fault] = faultsOf([
      sourceLine(call, line('URX,UC', 503, beforeAnswer('connection_termination'), { attempts: 2 })),
      arrivalLine(early, line('-', 503), 0, 2),
    ]);
    expect(fault).toMatchObject({ fault: 'app_closed', root: { destination: { version: 'v3' } } });
  });
});

describe('a lost route', () => {
  it('names the service that was called on the edge that broke, and in the sentence', () => {
    const call = aCall();
    const authority = 'payments.shop.svc.cluster.local:8080';
    const lost = { ...sourceLine(call, line('NR', 404, 'route_not_found', noCluster)), authority };
    const [fault] = faultsOf([lost]);
    const destination = { service: 'payments', namespace: 'shop', version: 'unknown', serviceFrom: 'authority' };
    expect(fault).toMatchObject({ fault: 'no_route', root: { destination }, hops: [{ destination }] });
    expect(decoded(lost).traffic.destination).toEqual(fault?.root.destination);
    expect(fault?.why.en).toContain('has no route for the request to payments');
    expect(fault?.why.ko).toContain('payments');
  });
});

describe('requests that share something', () => {
  it('are told apart on the same two ports also where one line of each is missing', () => {
    const first = aCall({ requestId: null, protocol: null });
    const second = { ...first, startAtMs: first.startAtMs + 9000 };
    const faults = faultsOf([sourceLine(first, line('-', 0, null)), arrivalLine(second, line('UF,URX', 0, null))]);
    expect(faults).toMatchObject([{ startedAtMs: second.startAtMs + 1, evidence: 'destination only' }]);
  });

  it('are told apart on the same two ports also where the line of one caller is missing', () => {
    const first = aCall({ requestId: null, protocol: null });
    const second = { ...first, startAtMs: first.startAtMs + 3000 };
    const faults = faultsOf([
      ...bothSides(first, line('-', 0, null), line('-', 0, null)),
      arrivalLine(second, line('UF,URX', 0, null)),
    ]);
    expect(faults).toMatchObject([{ startedAtMs: second.startAtMs + 1, evidence: 'destination only' }]);
  });

  it('are told apart by id within a trace', () => {
    const first = aCall({ traceId: 'b'.repeat(32) });
    const second = { ...first, requestId: 'second', startAtMs: first.startAtMs + 300 };
    const faults = faultsOf([
      ...bothSides(first, line('-', 503), line('UF', 503, refused)),
      ...bothSides(second, line('-', 500), line('-', 500)),
    ]);
    expect(faults).toMatchObject([
      { requestId: first.requestId, fault: 'app_down', hops: [{}, {}] },
      { requestId: 'second', fault: 'app_error', hops: [{}, {}] },
    ]);
  });

  it('are told apart by time on the same two ports', () => {
    const first = aCall({ requestId: null, protocol: null });
    const second = { ...first, startAtMs: first.startAtMs + 9000 };
    const faults = faultsOf([
      ...bothSides(first, line('-', 0, null), line('-', 0, null)),
      ...bothSides(second, line('-', 0, null), line('UF,URX', 0, null)),
    ]);
    expect(faults).toMatchObject([{ startedAtMs: second.startAtMs, fault: 'app_down', client: '10.1.0.11:40001' }]);
  });
});

describe('a line that does not tell its side', () => {
  it('is the callee’s where it came under the name of a caller’s connection', () => {
    const call = aCall({ caller: checkout, callee: payments });
    const shed = arrivalLine(call, { ...line('OM', 503, 'overload'), upstream_cluster: null });
    const keys = ['listener_direction', 'downstream_peer', ...addressKeys];
    const [fault] = faultsOf([sourceLine(call, line('-', 503)), without(shed, keys)]);
    expect(fault).toMatchObject({ fault: 'shed', evidence: 'both sides' });
    expect(fault?.root).toMatchObject({ source: { service: 'checkout' }, destination: { service: 'payments' } });
  });
});

describe('correlate', () => {
  it('looks at nobody’s words, but for the name of a service that has no route', () => {
    const words = fc.record({
      path: fc.string(),
      authority: fc.string().filter((text) => parseInternalHost(text, 'shop') === null),
      user_agent: fc.string(),
      method: fc.string(),
    });
    fc.assert(
      fc.property(fc.constantFrom(...requestFacts), calls, words, (fact, call, other) => {
        const lines = linesOfFact(fact, call);
        expect(faultsOf(lines.map((raw) => ({ ...raw, ...other })))).toEqual(faultsOf(lines));
      }),
      { numRuns: 60 },
    );
  });

  it('has an answer for any lines, the same in any order', () => {
    const pick = fc.record({ fact: fc.constantFrom(...requestFacts), call: calls, isMixed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(pick, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (picks, random) => {
        const lines = picks
          .flatMap(({ fact, call, isMixed }) => linesOfFact(fact, isMixed ? { ...call, requestId: 'r' } : call))
          .map(decoded);
        const keyed = lines.map((each) => ({ each, key: random.next().value ?? 0 })).sort((a, b) => a.key - b.key);
        const told = correlate(lines);
        expect(correlate(keyed.map(({ each }) => each))).toEqual(told);
        for (const { fault } of told) {
          for (const why of [fault.why.en, fault.why.ko]) expect(why).toMatch(/^[^\n]{20,1500}\.$/);
        }
      }),
      { numRuns: 200 },
    );
  });
});
