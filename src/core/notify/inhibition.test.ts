import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertMatcher } from './alert-matcher.ts';
import { compileAlertMatchers } from './alert-matcher.ts';
import { compileInhibition } from './inhibition.ts';

const equals = (label: string, value: string): AlertMatcher => ({ label, operator: '=', value });
const alerts = fc.uniqueArray(
  fc.record({
    fingerprint: fc.constantFrom('f1', 'f2', 'f3', 'f4'),
    labels: fc.dictionary(fc.constantFrom('role', 'service'), fc.constantFrom('s', 't', 'p', 'q')),
  }),
  { selector: ({ fingerprint }) => fingerprint, minLength: 1, maxLength: 4 },
);
const rules = fc.array(
  fc.record({
    sourceMatchers: fc.array(fc.constantFrom(equals('role', 's'), equals('service', 'p')), { maxLength: 2 }),
    targetMatchers: fc.array(fc.constantFrom(equals('role', 't'), equals('service', 'q'), equals('role', 's')), {
      minLength: 1,
      maxLength: 2,
    }),
    equal: fc.subarray(['service', 'gone']),
  }),
  { maxLength: 2 },
);

describe('inhibition', () => {
  it('is as the documentation has it', () => {
    fc.assert(
      fc.property(rules, alerts, (given, [target, ...others]) => {
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
        expect(compileInhibition(given)(target, [target, ...others]) !== null).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('never comes from the alert itself', () => {
    const inhibition = compileInhibition([{ sourceMatchers: [], targetMatchers: [], equal: [] }]);
    expect(inhibition({ fingerprint: 'f', labels: {} }, [{ fingerprint: 'f', labels: {} }])).toBeNull();
  });
});
