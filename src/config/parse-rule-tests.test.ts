// Files of rule tests: what a good one means, and that a broken one is told by its place, never by an exception.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutateText } from '../../test/support/mutated-texts.ts';
import { parseRuleTests } from './parse-rule-tests.ts';

const good = `window: 10s
edge: { reporter: source, destination_service: payments }
tests:
  - name: a burst
    input_series:
      - edge: { destination_version: v2 }
        requests: 100x59
        flags: { UC: 0x29 20x5 }
        duration_ms: { p50: 20, p95: 120 }
    alerts:
      - { alert: A, at: 6m10s, value: ">= 5", reason: usual, receivers: [] }
`;

describe('parseRuleTests', () => {
  it('reads series, times and what is expected', () => {
    const { tests, findings } = parseRuleTests(good, 'a.test.yaml');
    expect(findings).toEqual([]);
    expect(tests).toMatchObject({ file: 'a.test.yaml', ruleFiles: null, windowMs: 10_000, routing: null });
    expect(tests?.tests).toMatchObject([
      {
        name: 'a burst',
        line: 4,
        startAtMs: Date.UTC(2026, 0, 5, 9),
        isExact: true,
        input: {
          kind: 'series',
          intervalMs: 10_000,
          series: [
            {
              edge: { reporter: 'source', destination_service: 'payments', destination_version: 'v2' },
              durations: { p50: 20, p95: 120, p99: 120 },
            },
          ],
        },
        alerts: [
          {
            at: { afterMs: 370_000 },
            status: 'firing',
            numbers: { value: { operator: '>=', number: 5 } },
            reason: ['usual'],
            receivers: [],
            held: null,
          },
        ],
      },
    ]);
  });

  it('reads routes as the settings have them', () => {
    const { tests, findings } = parseRuleTests(
      `route: { receiver: team }\nreceivers: [{ name: team, slack_configs: [{ channel: "#a" }] }]\n${good}`,
      'a.test.yaml',
    );
    expect(findings).toEqual([]);
    expect(tests?.routing).toMatchObject({ route: { receiver: 'team' }, receivers: [{ name: 'team' }] });
  });

  it.each<[string, string, string, string]>([
    ['an unknown key', 'input_series:', 'input_serie:', '5:5 unknown key input_serie'],
    ['a wrong notation', '100x59', '100*59', '7:19 requests (100*59) “100*59” is no value of a series'],
    ['a step without repeats', '0x29 20x5', '0+5 20x5', '8:22 UC (0+5 20x5) “0+5” does not say how often'],
    ['a negative count', '100x59', '-1', '7:19 requests (-1) must be at least 0'],
    ['an unknown label', 'destination_version: v2', 'destination_versoin: v2', '6:17 unknown key destination_versoin'],
    ['no time', '6m10s', 'soon', '11:25 at (soon) is no time'],
    ['a time without a zone', '6m10s', '"2026-03-02T09:00:00"', '11:25 at (2026'],
    ['a comparison that is none', '">= 5"', '"about 5"', '11:39 value ("about 5") is no number and no comparison'],
    ['a window that is too long', 'window: 10s', 'window: 2h', '1:9 window (2h) must be at most 1h'],
    ['an unknown fault', 'flags: { UC:', 'faults: { app_close:', '8:19 unknown fault app_close'],
    ['two kinds of input', 'alerts:', 'input_lines: x\n    alerts:', '4:5 the test has several kinds of input'],
    [
      'an interval that does not fit',
      'alerts:',
      'interval: 3s\n    alerts:',
      '10:15 3s is no whole part of the window',
    ],
    ['a missing name', '- name: a burst', '- exactly: true', '4:5 name is missing'],
    ['a receiver that nobody has', 'window: 10s', 'route: { receiver: x }', '1:20 '],
    ['what is held and told', 'receivers: []', 'held: inhibited, receivers: [x]', '11:90 what is held back'],
    ['no YAML', 'tests:', 'tests: [', '4:3 not valid YAML'],
  ])('%s', (_, from, to, place) => {
    const { tests, findings } = parseRuleTests(good.replace(from, to), 'a.test.yaml');
    expect(tests).toBeNull();
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ line, column, message }) => `${line}:${column} ${message}`)).toContainEqual(
      expect.stringContaining(place),
    );
    for (const { remedy } of errors) expect(remedy).toMatch(/\S/);
  });

  it('warns of a flag that Envoy does not have', () => {
    const { tests, findings } = parseRuleTests(good.replace('UC:', 'UCX:'), 'a.test.yaml');
    expect(tests).not.toBeNull();
    expect(findings).toMatchObject([{ kind: 'unknown-flag', severity: 'warning', line: 8, column: 18 }]);
  });

  it('refuses a test that does not say how long it lasts', () => {
    const { findings } = parseRuleTests(good.replace('100x59', '100').replace('0x29 20x5', '7'), 'a.test.yaml');
    expect(findings).toMatchObject([{ message: 'no series says how long the test lasts', line: 4 }]);
  });

  it('gives tests or findings for whatever text it is given', () => {
    fc.assert(
      fc.property(fc.oneof(mutateText(good), fc.string()), (text) => {
        const { tests, findings } = parseRuleTests(text, 'a.test.yaml');
        const isRefused = findings.some(({ severity }) => severity === 'error');
        expect(tests === null).toBe(isRefused);
        for (const { line, column } of findings) expect([line >= 1, column >= 1]).toEqual([true, true]);
      }),
      { numRuns: 300 },
    );
  });
});
