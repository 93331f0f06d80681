import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertMatcher } from './alert-matcher.ts';
import { compileAlertMatchers } from './alert-matcher.ts';
import type { FiringAlert, InhibitRule } from './inhibition.ts';
import { compileInhibition } from './inhibition.ts';

const equals = (label: string, value: string): AlertMatcher => ({ label, operator: '=', value });
const alerts = fc.uniqueArray(
  fc.record({
    fingerprint: fc.constantFrom('f1', 'f2', 'f3', 'f4'),
    labels: fc.dictionary(fc.constantFrom('role', 'service'), fc.constantFrom('s', 't', 'p', 'q')),
    sinceAtMs: fc.nat(3),
  }),
  { selector: ({ fingerprint }) => fingerprint, minLength: 1, maxLength: 4 },
);
const rule = fc.record({
  sourceMatchers: fc.array(fc.constantFrom(equals('role', 's'), equals('service', 'p')), { maxLength: 2 }),
  targetMatchers: fc.array(fc.constantFrom(equals('role', 't'), equals('service', 'q'), equals('role', 's')), {
    minLength: 1,
    maxLength: 2,
  }),
  equal: fc.subarray(['service', 'gone']),
});

/** An edge whose requests are gone, since so many milliseconds. */
const edge = (source: string, destination: string, sinceAtMs = 0): FiringAlert => ({
  fingerprint: `${source}-${destination}`,
  labels: { alertname: 'Gone', source_service: source, destination_service: destination },
  sinceAtMs,
});
const follows: InhibitRule = {
  sourceMatchers: [equals('alertname', 'Gone')],
  targetMatchers: [equals('alertname', 'Gone')],
  equal: [],
  equalAcross: { destination_service: 'source_service' },
};
const told = (firing: readonly FiringAlert[], rules: readonly InhibitRule[] = [follows]): readonly string[] => {
  const { sourceOf } = compileInhibition(rules);
  return firing.filter((one) => sourceOf(one, firing) === null).map(({ fingerprint }) => fingerprint);
};

describe('inhibition', () => {
  it('is as the documentation has it', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 1 }), alerts, (given, [target, ...others]) => {
        if (target === undefined) return;
        const expected = others.some((source) =>
          given.some(({ sourceMatchers, targetMatchers, equal }) => {
            const isSource = compileAlertMatchers(sourceMatchers);
            const isTarget = compileAlertMatchers(targetMatchers);
            const isBoth = [source, target].every(({ labels }) => isSource(labels) && isTarget(labels));
            const isAlike = equal.every((name) => (source.labels[name] ?? '') === (target.labels[name] ?? ''));
            return isSource(source.labels) && isTarget(target.labels) && isAlike && !isBoth;
          }),
        );
        expect(compileInhibition(given).sourceOf(target, [target, ...others]) !== null).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('never comes from the alert itself', () => {
    const { sourceOf } = compileInhibition([{ sourceMatchers: [], targetMatchers: [], equal: [] }]);
    const alert = { fingerprint: 'f', labels: {}, sinceAtMs: 0 };
    expect(sourceOf(alert, [alert])).toBeNull();
  });
});

describe('inhibition across', () => {
  it('leaves the first of a chain', () => {
    expect(told([edge('c', 'd'), edge('b', 'c'), edge('a', 'b')])).toEqual(['a-b']);
  });

  it('knows what a chain began with', () => {
    const firing = [edge('c', 'd'), edge('b', 'c'), edge('a', 'b')];
    const { rootOf } = compileInhibition([follows]);
    expect(firing.map((one) => rootOf(one, firing)?.fingerprint ?? null)).toEqual(['a-b', 'a-b', null]);
  });

  it('tells what does not follow, in the same service', () => {
    expect(told([edge('a', 'b'), edge('b', 'c'), edge('x', 'c')])).toEqual(['a-b', 'x-c']);
  });

  it('leaves of a circle the one that began first, then the first by its labels', () => {
    expect(told([edge('a', 'b', 2), edge('b', 'c', 1), edge('c', 'a', 2)])).toEqual(['b-c']);
    expect(told([edge('b', 'a', 1), edge('a', 'b', 1)])).toEqual(['b-a']);
    expect(told([edge('a', 'b', 2), edge('b', 'a', 1), edge('x', 'a', 3)])).toEqual(['x-a']);
  });

  it('takes a service that calls itself for no circle', () => {
    expect(told([edge('a', 'a'), edge('a', 'b')])).toEqual(['a-a']);
  });

  it('does not join what nobody knows', () => {
    expect(told([edge('a', 'unknown'), edge('unknown', 'b')])).toEqual(['a-unknown', 'unknown-b']);
    const nameless = { ...edge('a', ''), fingerprint: 'x', labels: { alertname: 'Gone' } };
    expect(told([nameless, { ...nameless, fingerprint: 'y' }])).toEqual(['x', 'y']);
  });

  it('holds across rules, and breaks their circles', () => {
    const total = (service: string, sinceAtMs: number): FiringAlert => ({
      fingerprint: service,
      labels: { alertname: 'Total', destination_service: service },
      sinceAtMs,
    });
    const rules: readonly InhibitRule[] = [
      { ...follows, sourceMatchers: [equals('alertname', 'Total')] },
      {
        sourceMatchers: [equals('alertname', 'Gone')],
        targetMatchers: [equals('alertname', 'Total')],
        equal: ['destination_service'],
      },
    ];
    expect(told([total('b', 1), total('c', 1), edge('a', 'b', 1), edge('b', 'c', 1)], rules)).toEqual(['a-b']);
    expect(told([total('a', 2), total('b', 2), edge('a', 'b', 1), edge('b', 'a', 2)], rules)).toEqual(['a-b']);
  });

  it('always tells something from which the rest follows', () => {
    const service = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const edges = fc.uniqueArray(fc.tuple(service, service, fc.nat(2)), {
      selector: ([source, destination]) => `${source}-${destination}`,
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(edges, (given) => {
        const firing = given.map(([source, destination, since]) => edge(source, destination, since));
        const { sourceOf } = compileInhibition([follows]);
        expect(told(firing)).toEqual(expect.arrayContaining([expect.any(String)]));
        expect([...told([...firing].reverse())].sort()).toEqual([...told(firing)].sort());
        for (const one of firing) {
          let at: FiringAlert = one;
          for (let steps = 0; steps <= firing.length; steps += 1) at = sourceOf(at, firing) ?? at;
          expect(sourceOf(at, firing)).toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('knows how long its targets wait and are held', () => {
    const { waitMsOf, keepMsOf } = compileInhibition([
      { ...follows, waitMs: 5, keepMs: 7 },
      { ...follows, waitMs: 3 },
    ]);
    expect([waitMsOf(edge('a', 'b').labels), keepMsOf(edge('a', 'b').labels)]).toEqual([5, 7]);
    expect([waitMsOf({}), keepMsOf({})]).toEqual([0, 0]);
  });
});
