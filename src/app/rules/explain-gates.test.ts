// The gates of each condition: what is reached and what is not, and what would have been; numbers that are checked by hand.
import { describe, expect, it } from 'vitest';
import { conditionTexts } from '#config/condition-examples.ts';
import { parseRules } from '#config/parse-rules.ts';
import type { Condition, ConditionKind } from '#core/detect/condition.ts';
import { conditionKinds } from '#core/detect/condition.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import { gatesOf } from './explain-gates.ts';

const verdict: Verdict = {
  kind: 'normal',
  windowStartAtMs: 0,
  windowEndAtMs: 10_000,
  value: 3,
  unit: 'lines',
  requestCount: 200,
  baseline: 1,
  scale: 1,
  z: 2,
  reason: 'because',
};

function conditionOf(kind: ConditionKind, settings: string): Condition {
  const select = kind === 'pipeline' ? '' : 'select: {},';
  const text = `groups: [{ name: g, rules: [{ alert: A, ${select} ${kind}: { ${settings} } }] }]`;
  const [rule] = parseRules(text, 'a.yaml', { windowMs: 10_000 }).rules;
  if (rule === undefined) throw new Error(`the test's own rule: ${text}`);
  return rule.condition;
}

const told = (condition: Condition, changes: Partial<Verdict>) =>
  gatesOf(condition, { ...verdict, ...changes }, 10_000).map(
    ({ name, isPassed, instead }) =>
      `${isPassed === null ? '?' : isPassed ? '+' : '-'} ${name}${instead === null ? '' : `: ${instead}`}`,
  );

describe('gatesOf', () => {
  it('spike: distance, count, share', () => {
    const spike = conditionOf('spike', 'z: 5, min_count: 5, min_ratio: 0.02');
    expect(told(spike, {})).toEqual([
      '+ what is usual',
      '- z: at least 6 instead, or a z of 2',
      '- selected lines: 5 instead, or min_count of 3',
      '- share of the requests: 4 of 200',
      '? no chance, not ordinary',
    ]);
    expect(told(spike, { kind: 'anomaly', value: 30, z: 29 }).every((line) => line.startsWith('+'))).toBe(true);
    expect(told(spike, { kind: 'learning', baseline: null, scale: null, z: null })[0]).toBe(
      '- what is usual: a longer past before it',
    );
  });

  it('dip: below, not above', () => {
    const dip = conditionOf('dip', 'z: 4, min_drop: 0.5, min_usual: 10');
    expect(told(dip, { value: 80, baseline: 100, scale: 10, z: -2, unit: 'requests' })).toEqual([
      '+ what is usual',
      '+ usual requests',
      '- missing share: at most 50 requests',
      '- z: at most 60 instead, or a z of 2',
      '? no chance, not ordinary',
    ]);
  });

  it('latency: the distance is one of logarithms', () => {
    const latency = conditionOf('latency', 'z: 5, min_rise: 0.5, min_rise_time: 50ms');
    const gates = told(latency, { value: 110, baseline: 100, scale: 0.1, z: 0.95, unit: 'ms' });
    expect(gates).toContain(`- z: at least ${Number((100 * Math.exp(0.5)).toFixed(1))} instead, or a z of 0.95`);
    expect(gates).toContain('- response time: 150 instead, or ms of 110');
  });

  it('says something of every condition, whatever the verdict', () => {
    for (const kind of conditionKinds) {
      const { example } = conditionTexts[kind];
      const [rule] = parseRules(example, 'a.yaml', { windowMs: 10_000 }).rules;
      if (rule === undefined) throw new Error(`no rule in the example of ${kind}`);
      for (const changes of [
        {},
        { kind: 'anomaly' },
        { kind: 'held', z: null, baseline: null, scale: null },
      ] as const) {
        for (const gate of gatesOf(rule.condition, { ...verdict, ...changes }, 10_000)) {
          expect([gate.name, gate.got, gate.needed].every((text) => text !== '' && !/NaN|undefined/.test(text))).toBe(
            true,
          );
        }
      }
    }
  });
});
