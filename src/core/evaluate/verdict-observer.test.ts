// Being observed changes nothing of what an evaluator says, whatever is looked at.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionTexts } from '#config/condition-examples.ts';
import { parseRules } from '#config/parse-rules.ts';
import { localTimeOf } from '#core/clock/local-time.ts';
import { noCounts } from '#core/count/count-row.ts';
import { anEdge } from '../../../test/support/builders.ts';
import { Evaluator } from './evaluator.ts';
import type { SeenVerdict } from './verdict-observer.ts';

const kinds = ['spike', 'dip', 'absent', 'ratio', 'sustained', 'threshold', 'latency', 'new_version'] as const;
const rules = kinds.flatMap((kind) => {
  const settings = {
    spike: 'min_baseline: 2m',
    dip: 'min_baseline: 5m, min_usual: 5',
    latency: 'min_baseline: 2m',
    absent: 'min_baseline: 5m',
  };
  const own =
    kind in settings
      ? settings[kind as keyof typeof settings]
      : kind === 'threshold'
        ? 'at_least: 8'
        : kind === 'ratio' || kind === 'sustained'
          ? 'above: 0.2'
          : '';
  const select = ['dip', 'absent', 'latency'].includes(kind) ? '{}' : '{ failed: true }';
  const text = `groups: [{ name: g, rules: [{ alert: ${kind}, select: ${select}, by: [destination_service], ${kind}: { ${own} }, keep_firing_for: 20s }] }]`;
  const parsed = parseRules(text, 'a.yaml', { windowMs: 10_000 });
  expect(parsed.rules, JSON.stringify(parsed.findings)).toHaveLength(1);
  return parsed.rules;
});
const settings = { windowMs: 10_000, maxSeries: 100, localTime: localTimeOf('UTC') };

describe('an observer', () => {
  it('sees what is judged and changes nothing', () => {
    expect(Object.keys(conditionTexts)).toEqual(expect.arrayContaining([...kinds]));
    const window = fc.record({
      requests: fc.oneof(fc.constant(100), fc.nat(120)),
      failed: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(60) }),
      ms: fc.constantFrom(10, 10, 10, 60),
      isSeen: fc.boolean(),
      version: fc.constantFrom('v1', 'v1', 'v1', 'v2'),
    });
    fc.assert(
      fc.property(fc.array(window, { minLength: 60, maxLength: 90 }), (windows) => {
        let isSeen = false;
        const seen: SeenVerdict[] = [];
        const observer = { wants: () => isSeen, onVerdict: (one: SeenVerdict) => void seen.push(one) };
        const [plain, observed] = [new Evaluator(rules, settings), new Evaluator(rules, { ...settings, observer })];
        windows.forEach(({ requests, failed, ms, isSeen: next, version }, i) => {
          isSeen = next;
          const row = {
            ...noCounts,
            edge: anEdge({ destination_version: version }),
            requestCount: requests,
            failedCount: Math.min(failed, requests),
            durations: requests === 0 ? [] : [ms, requests],
          };
          const closing = { startAtMs: i * 10_000, endAtMs: (i + 1) * 10_000, rows: requests === 0 ? [] : [row] };
          expect(observed.closeWindow(closing)).toEqual(plain.closeWindow(closing));
        });
        expect(observed.snapshot()).toEqual(plain.snapshot());
        if (windows.some((one) => one.isSeen)) expect(seen.length).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });
});
