// Requests of several hops: which call came of which, and which of them broke.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call, RawLine, Workload } from '../../../test/support/exchanges.ts';
import {
  aCall,
  addressKeys,
  arrivalLine,
  bothSides,
  calls,
  checkout,
  decoded,
  identityKeys,
  innerCall,
  ledger,
  payments,
  sourceLine,
  without,
  workloads,
} from '../../../test/support/exchanges.ts';
import { beforeAnswer, gone, line, notConnected, refused } from '../../../test/support/fact-lines.ts';
import { correlate } from './correlate.ts';

const faultsOf = (raw: readonly RawLine[]) => correlate(raw.map(decoded)).map(({ fault }) => fault);

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

  it('is found whatever the names, hosts, clocks and keys, and also where a line of the first hop is missing', () => {
    const ends = workloads(4);
    const drops = fc.subarray([...identityKeys, 'requested_server_name']);
    fc.assert(
      fc.property(calls, ends, drops, fc.constantFrom(0, 1, null), (base, [a, b, c, d], keys, missing) => {
        const first: Call = { ...base, caller: a as Workload, callee: b as Workload, durationMs: 400 };
        const second = innerCall(first, c as Workload);
        const third = innerCall(second, d as Workload);
        const whole = [
          ...bothSides(first, line('-', 500), line('-', 500)),
          ...bothSides(second, line('-', 503), line('-', 503)),
          ...bothSides(third, line('-', 503), line('UC', 503, beforeAnswer('connection_termination'))),
        ];
        const some = whole.filter((_raw, i) => i !== missing);
        const [fault, ...others] = faultsOf(some.map((raw) => without(raw, keys)).reverse());
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

  it('is told by the time alone where lines carry nothing but the request’s id', () => {
    const outer = aCall({ caller: checkout, callee: payments });
    const lines = [
      arrivalLine(outer, line('-', 503)),
      sourceLine(innerCall(outer, ledger, { durationMs: 30 }), line('UF', 503, refused)),
    ].map((raw) => without(raw, [...identityKeys, ...addressKeys, 'requested_server_name']));
    expect(faultsOf(lines)).toMatchObject([
      { fault: 'dependency', evidence: 'destination only', root: { fault: 'unreachable' } },
    ]);
  });

  it('explains the answer only if it failed before it', () => {
    const outer = aCall({ caller: checkout, callee: payments });
    const inTime = innerCall(outer, ledger, { durationMs: 40 });
    const afterwards = innerCall(outer, { ...ledger, service: 'audit', host: '10.1.0.44' }, { durationMs: 900 });
    const failed = (call: Call) => sourceLine(call, line('UF', 503, refused, notConnected));
    const answered = bothSides(outer, line('-', 500), line('-', 500));
    expect(faultsOf([...answered, failed(inTime), failed(afterwards)])).toMatchObject([
      { root: { destination: { service: 'ledger' } } },
    ]);
    expect(faultsOf([...answered, failed(afterwards)])).toMatchObject([
      { root: { destination: { service: 'audit' } } },
    ]);
  });

  it('is not taken for what its own callee made, where both took the same time', () => {
    const there = aCall({ caller: checkout, callee: payments });
    const back = { ...there, caller: payments, callee: checkout, proxyPort: 50_900, clientPort: 40_900 };
    const faults = faultsOf([
      ...bothSides(there, line('-', 500), line('-', 500)),
      ...bothSides(back, line('-', 500), line('-', 500)),
    ]);
    expect(faults).toMatchObject([{ fault: 'dependency', hops: [{}, {}, {}, {}] }]);
  });

  it('was not made for a request that began after it', () => {
    const traceId = 'a'.repeat(32);
    const own = aCall({ caller: checkout, callee: payments, traceId, requestId: 'own' });
    const web: Workload = { service: 'web', version: 'v1', host: '10.1.0.5' };
    const later = {
      ...own,
      requestId: 'later',
      caller: web,
      callee: checkout,
      startAtMs: own.startAtMs + 50,
      durationMs: 20,
    };
    expect(
      faultsOf([
        ...bothSides(own, line('-', 500), line('-', 500)),
        ...bothSides(later, line('-', 500), line('-', 500)),
      ]),
    ).toMatchObject([
      { requestId: 'own', fault: 'app_error' },
      { requestId: 'later', fault: 'app_error' },
    ]);
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
