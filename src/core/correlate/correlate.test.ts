// Requests of several hops, several calls and several versions: which call came of which, which hop broke, who knew best.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call, RawLine, Workload } from '../../../test/support/exchanges.ts';
import {
  aCall,
  arrivalLine,
  calls,
  decoded,
  identityKeys,
  sourceLine,
  without,
  workloads,
} from '../../../test/support/exchanges.ts';
import { beforeAnswer, gone, line, notConnected, refused } from '../../../test/support/fact-lines.ts';
import { linesOfFact, requestFacts } from '../../../test/support/request-facts.ts';
import { correlate } from './correlate.ts';

const faultsOf = (raw: readonly RawLine[]) => correlate(raw.map(decoded)).map(({ fault }) => fault);

const checkout: Workload = { service: 'checkout', version: 'v1', host: '10.1.0.11' };
const payments: Workload = { service: 'payments', version: 'v2', host: '10.1.0.22' };
const ledger: Workload = { service: 'ledger', version: 'v7', host: '10.1.0.33' };

/** A call that the callee of `outer` makes for it. */
function innerCall(outer: Call, callee: Workload, changes: Partial<Call> = {}): Call {
  return {
    ...outer,
    startAtMs: outer.startAtMs + 10,
    durationMs: outer.durationMs - 20,
    caller: outer.callee,
    callee,
    clientPort: outer.clientPort + 1,
    proxyPort: outer.proxyPort + 1,
    ...changes,
  };
}

const bothSides = (call: Call, source: RawLine, arrival: RawLine): readonly RawLine[] => [
  sourceLine(call, source),
  arrivalLine(call, arrival),
];

describe('a call that the callee made itself', () => {
  it('is the root of a 5xx on both sides', () => {
    const outer = aCall({ caller: checkout, callee: payments });
    const [fault, ...others] = faultsOf([
      ...bothSides(outer, line('-', 503), line('-', 503)),
      sourceLine(innerCall(outer, ledger), line('UF', 503, refused, notConnected)),
    ]);
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      party: 'beyond',
      fault: 'dependency',
      evidence: 'both sides',
      root: { source: { service: 'payments' }, destination: { service: 'ledger' }, fault: 'unreachable' },
      hops: [
        { reporter: 'source', depth: 0, isRoot: false },
        { reporter: 'destination', depth: 0, isRoot: false },
        { reporter: 'source', depth: 1, isRoot: true },
      ],
    });
    expect(fault?.why.en).toBe(
      'payments v2 answered 503 because a call of its own, or one behind it, failed: payments v2’s proxy could not connect to ledger v7, which refused (UF at payments v2’s proxy); checkout v1 saw 503.',
    );
  });

  it('is found whatever the names, hosts, clocks and keys, and also where the callee’s own line is missing', () => {
    const ends = workloads(4);
    const drops = fc.subarray([...identityKeys, 'requested_server_name']);
    fc.assert(
      fc.property(calls, ends, drops, fc.boolean(), (base, [a, b, c, d], keys, isWhole) => {
        const first: Call = { ...base, caller: a as Workload, callee: b as Workload, durationMs: 400 };
        const second = innerCall(first, c as Workload);
        const third = innerCall(second, d as Workload);
        const whole = [
          ...bothSides(first, line('-', 500), line('-', 500)),
          ...bothSides(second, line('-', 503), line('-', 503)),
          ...bothSides(third, line('-', 503), line('UC', 503, beforeAnswer('connection_termination'))),
        ];
        const some = isWhole ? whole : [whole[0], ...whole.slice(2)];
        const [fault, ...others] = faultsOf(some.map((raw) => without(raw as RawLine, keys)).reverse());
        expect(others).toEqual([]);
        expect(fault).toMatchObject({ fault: 'dependency', root: { fault: 'app_closed' } });
        expect(fault?.hops).toHaveLength(some.length);
        expect(fault?.hops.filter(({ isRoot }) => isRoot).map(({ depth }) => depth)).toEqual([2, 2]);
      }),
      { numRuns: 60 },
    );
  });

  it('has failed no request that was answered well all the same, unless it has an id of its own', () => {
    const outer = aCall({ caller: checkout, callee: payments, traceId: 'a'.repeat(32) });
    const fine = bothSides(outer, line('-', 200), line('-', 200));
    const failed = (requestId: string | null) =>
      sourceLine(innerCall(outer, ledger, { requestId }), line('UF', 503, refused, notConnected));
    expect(faultsOf([...fine, failed(outer.requestId)])).toEqual([]);
    expect(faultsOf([...fine, failed('another')])).toMatchObject([{ requestId: 'another', fault: 'unreachable' }]);
    expect(faultsOf([failed(outer.requestId)])).toMatchObject([{ requestId: outer.requestId, fault: 'unreachable' }]);
  });

  it('explains a failure under an id of its own as well', () => {
    const outer = aCall({ caller: checkout, callee: payments, traceId: 'a'.repeat(32) });
    const faults = faultsOf([
      ...bothSides(outer, line('-', 500), line('-', 500)),
      sourceLine(innerCall(outer, ledger, { requestId: 'another' }), line('UF', 503, refused, notConnected)),
    ]);
    expect(faults).toMatchObject([{ requestId: outer.requestId, fault: 'dependency' }]);
  });

  it('does not explain what broke before it, nor what its caller gave up', () => {
    const outer = aCall({ caller: checkout, callee: payments, durationMs: 2000 });
    const waiting = bothSides(innerCall(outer, ledger), line('DC', 0, gone), line('DC', 0, gone));
    const [fault] = faultsOf([
      ...bothSides(outer, line('UT', 504, 'response_timeout'), line('DC', 0, gone)),
      ...waiting,
    ]);
    expect(fault).toMatchObject({ fault: 'timeout', party: 'callee', root: { destination: { service: 'payments' } } });
    expect(fault?.why.en).toContain('itself waiting for ledger v7');
    expect(fault?.why.ko).toContain('ledger v7의 응답을 기다리던');
  });

  it('may go back to the first caller', () => {
    const outer = aCall({ caller: checkout, callee: payments });
    const back = innerCall(outer, checkout);
    const again = innerCall(back, payments, { durationMs: 40 });
    const [fault, ...others] = faultsOf([
      ...bothSides(outer, line('-', 500), line('-', 500)),
      ...bothSides(back, line('-', 500), line('-', 500)),
      ...bothSides(again, line('-', 503), line('UF', 503, refused)),
    ]);
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ fault: 'dependency', root: { source: { service: 'checkout' }, fault: 'app_down' } });
    expect(fault?.hops.map(({ depth }) => depth)).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('is one of several at a time', () => {
    const first = aCall({ caller: checkout, callee: payments });
    const second = { ...first, callee: ledger, startAtMs: first.startAtMs + 5, durationMs: 50, proxyPort: 50_777 };
    const [fault, ...others] = faultsOf(
      [
        ...bothSides(first, line('-', 503), line('UC', 503, beforeAnswer('connection_termination'))),
        ...bothSides(second, line('-', 503), line('UF', 503, refused)),
      ].map((raw) => without(raw, identityKeys)),
    );
    expect(others).toEqual([]);
    // Neither was made for the other; the one that failed last is told.
    expect(fault).toMatchObject({ fault: 'app_closed' });
    expect(fault?.hops.map(({ depth }) => depth)).toEqual([0, 0, 0, 0]);
  });
});

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

describe('requests that share something', () => {
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

describe('correlate', () => {
  it('looks at nobody’s words', () => {
    const words = fc.record({
      path: fc.string(),
      authority: fc.string(),
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
