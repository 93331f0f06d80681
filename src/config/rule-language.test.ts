// What a rule can say: what it counts, by which labels, under which condition; and what cannot be said together.
import { describe, expect, it } from 'vitest';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { parseRules } from './parse-rules.ts';

const settings = { windowMs: 10_000 };

/** A file of one rule that has all that an on-call engineer needs; `lines` are the parts that matter. */
function file(...lines: readonly string[]): string {
  const rule = [
    ...lines,
    'labels: { severity: critical, owner: shop }',
    'annotations: { summary: s, runbook_url: "https://wiki.example/a" }',
  ].map((line) => `        ${line}`);
  return ['groups:', '  - name: shop', '    rules:', '      - alert: A', ...rule, ''].join('\n');
}

function ruleOf(...lines: readonly string[]): AlertRule {
  const { rules, findings } = parseRules(file(...lines), 'r.yaml', settings);
  expect(findings).toEqual([]);
  const [rule] = rules;
  if (rule === undefined) throw new Error('no rule');
  return rule;
}

function findingsOf(...lines: readonly string[]): readonly string[] {
  return parseRules(file(...lines), 'r.yaml', settings).findings.map(({ line, column, severity, message }) => {
    return `${line}:${column} ${severity} ${message}`;
  });
}

const edge = ['source_service', 'destination_service'];

describe('what a rule counts', () => {
  it.each([
    ['{}', 'spike', { counted: 'flags', flags: [] }, ['flag', ...edge]],
    ['{ flags: UC }', 'ratio', { counted: 'flags', flags: ['UC'] }, ['flag', ...edge]],
    ['{ failed: true }', 'spike', { counted: 'failed', flags: [], faults: [] }, edge],
    ['{ faults: [tls, timeout] }', 'threshold', { counted: 'faults', faults: ['timeout', 'tls'] }, ['fault', ...edge]],
    ['{ parties: caller }', 'sustained', { faults: ['caller_left', 'caller_protocol', 'caller_stalled'] }, null],
    ['{ parties: [policy], faults: [tls, denied] }', 'spike', { faults: ['tls', 'denied', 'rate_limited'] }, null],
    ["{ matchers: ['party = mesh'] }", 'spike', { counted: 'faults', faults: [] }, ['fault', ...edge]],
    ['{}', 'dip', { counted: 'requests' }, edge],
    ['{}', 'absent', { counted: 'requests' }, edge],
    ['{ reporter: source }', 'latency', { counted: 'requests' }, edge],
    ['{}', 'new_version', { counted: 'failed' }, edge],
    ['{ flags: [UC] }', 'new_version', { counted: 'flags', flags: ['UC'] }, ['flag', ...edge]],
  ])('select: %s with %s', (select, condition, expected, by) => {
    const rule = ruleOf(`select: ${select}`, `${condition}: {}`);
    expect(rule.select).toMatchObject(expected);
    expect(rule.condition.kind).toBe(condition);
    if (by !== null) expect(rule.by).toEqual(by);
  });

  it('takes from `by` that faults are meant', () => {
    const rule = ruleOf('select: {}', 'by: [party, destination_service]', 'spike: {}');
    expect(rule).toMatchObject({ select: { counted: 'faults', faults: [] }, by: ['party', 'destination_service'] });
  });

  it('looks at the input of flagwatch itself', () => {
    expect(ruleOf('pipeline: { watch: lag, above: 2m }')).toMatchObject({ by: [], select: { matchers: [] } });
    expect(ruleOf('by: [data_center]', 'pipeline: {}').by).toEqual(['data_center']);
  });
});

describe('what a rule is', () => {
  it('runs and sends, unless it says otherwise', () => {
    expect(ruleOf('select: {}', 'spike: {}').isShadow).toBe(false);
    expect(ruleOf('select: {}', 'spike: {}', 'shadow: true').isShadow).toBe(true);
  });

  it('is checked and not loaded where it is not enabled', () => {
    const off = ['select: {}', 'spike: {}', 'enabled: false'];
    expect(parseRules(file(...off), 'r.yaml', settings)).toEqual({ rules: [], disabledCount: 1, findings: [] });
    expect(findingsOf(...off, 'by: [flag]')).toEqual(['8:13 error by (flag) lacks destination_service']);
  });

  it('may have the name of one that is not enabled', () => {
    const [on, off] = [file('select: {}', 'spike: {}'), file('select: {}', 'spike: {}', 'enabled: false')];
    const both = `${off}${on.replace('groups:\n', '').replace('name: shop', 'name: other')}`;
    expect(parseRules(both, 'r.yaml', settings)).toMatchObject({ rules: [{ group: 'other' }], findings: [] });
  });
});

describe('what cannot be said', () => {
  it.each([
    [
      [
        "select: { source_service: [a.b, c], matchers: ['source_service != c', 'source_service !~ \"a.*\"'] }",
        'spike: {}',
      ],
      '5:79 error the rule can never fire: no source_service is =~ "a\\.b|c" and != "c" and !~ "a.*"',
    ],
    [['select: {}'], '4:16 error the rule has no condition'],
    [['spike: {}'], '4:9 error select is missing'],
    [['select: {}', 'spike: {}', 'dip: {}'], '7:9 error the rule has 2 conditions: spike, dip'],
    [
      ['select: { flags: [UC], failed: true }', 'spike: {}'],
      '5:32 error select counts flags and failed: a rule counts one thing',
    ],
    [['select: { flags: [UC] }', 'dip: {}'], '5:19 error dip looks at all requests, not at flags'],
    [
      ['select: {}', 'pipeline: {}'],
      '5:9 error a rule on the pipeline selects nothing: it looks at flagwatch’s own input',
    ],
    [
      ['by: [destination_service]', 'pipeline: {}'],
      '5:13 error a rule on the pipeline has no series by destination_service',
    ],
    [
      ['select: { faults: [client_error] }', 'spike: {}'],
      '5:28 error faults holds client_error: nobody has to act on that, so it is not counted as a failure',
    ],
    [
      ['select: { parties: none }', 'spike: {}'],
      '5:28 error parties holds none: nobody has to act on that, so it is not counted as a failure',
    ],
    [['select: { faults: [time_out] }', 'spike: {}'], '5:28 error faults[0] (time_out) is not known here'],
    [
      ['select: { faults: [tls] }', 'by: [flag, destination_service]', 'spike: {}'],
      '6:13 error by names flag, but the rule counts faults',
    ],
    [
      ["select: { flags: [UC], matchers: ['fault = tls'] }", 'spike: {}'],
      '5:43 error matcher names fault, but the rule looks at flags',
    ],
    [
      ["select: { matchers: ['flag = UC'] }", 'latency: {}'],
      '5:30 error matcher names flag, but the rule looks at all requests',
    ],
    [
      ["select: { parties: [mesh], matchers: ['party = callee'] }", 'spike: {}'],
      '5:47 error the rule can never fire: no fault is of a party = "callee"',
    ],
    [
      ["select: { matchers: ['party = callee', 'fault = tls'] }", 'spike: {}'],
      '5:48 error the rule can never fire: no fault is of a party = "callee" and = "tls"',
    ],
    [['select: {}', 'ratio: { above: 1 }'], '6:25 error the rule can never fire: no share is above 1'],
    [['select: {}', 'ratio: { above: 1.5 }'], '6:25 error above (1.5) must be at most 1'],
    [
      ['select: {}', 'sustained: { over: 30s }'],
      '6:28 error the rule can never fire: min_windows (6) is more than the 3 windows of 10s in over (30s)',
    ],
    [
      ['select: {}', 'absent: { after: 2h }'],
      '6:26 error the rule can never fire: after (2h) must be at most baseline (1h)',
    ],
    [['select: {}', 'new_version: { certainty: 1 }'], '6:35 error certainty (1) must be below 1'],
    [
      ['select: {}', 'by: [destination_service, destination_version]', 'new_version: {}'],
      '6:13 error by names destination_version, but new_version compares the versions of one series',
    ],
    [
      ['select: { destination_version: v2 }', 'new_version: {}'],
      '5:40 error the rule can never fire: new_version compares versions, and only one is left',
    ],
    [['select: {}', 'latency: { quantile: p42 }'], '6:30 error quantile (p42) is not known here'],
    [['select: {}', 'latency: { quantile: 95 }'], '6:30 error quantile (95) must be below 1'],
    [['select: {}', 'pipeline: {}', 'for: 1'], '7:14 error for (1) is not a duration'],
  ])('%j', (lines, finding) => {
    expect(findingsOf(...lines)).toContain(finding);
    expect(parseRules(file(...lines), 'r.yaml', settings).rules).toEqual([]);
  });
});

describe('what is better not said', () => {
  it.each([
    [
      ['select: {}', 'latency: {}'],
      '5:9 warning the times that the callers’ proxies measured are mixed with those of the callee’s',
    ],
    [
      ['select: {}', 'dip: { z: 2 }'],
      '6:19 warning z (2) is below the noise floor (3): a calm series gets there about once in 700 windows',
    ],
    [
      ['select: {}', 'dip: { min_usual: 5 }'],
      '6:27 warning min_usual (5) is below the noise floor (10): of ten requests in a window, half are missing once in fifteen by chance',
    ],
    [
      ['select: {}', 'by: [destination_service, destination_version]', 'dip: {}'],
      '6:13 warning by names destination_version: under dip every deploy that replaces one is an incident',
    ],
    [
      ['select: {}', 'absent: { after: 20s, min_presence: 0.5 }'],
      '6:26 warning after (20s) is below the noise floor: with min_presence 0.5, 2 windows in a row are empty by chance more than once a day',
    ],
    [
      ['select: {}', 'ratio: { min_count: 1 }'],
      '6:29 warning min_count (1) is below the noise floor (3): one or two errors on a quiet edge would be an incident',
    ],
    [
      ['select: {}', 'threshold: { at_least: 1 }'],
      '6:32 warning at_least (1) is below the noise floor (3): one or two errors on a quiet edge would be an incident',
    ],
    [
      ['select: {}', 'sustained: { min_windows: 1 }'],
      '6:35 warning min_windows (1) is below the noise floor (2): one burst is not sustained',
    ],
    [
      ['select: { reporter: source }', 'latency: { quantile: p99 }'],
      '6:30 warning min_requests (20) is below the noise floor (100): the p99 of so few is their slowest',
    ],
    [
      ['select: { reporter: source }', 'latency: { above: 2s, z: 6 }'],
      '6:31 warning z says nothing beside above (2s): that is a fixed limit',
    ],
    [
      ['select: {}', 'new_version: { certainty: 0.9 }'],
      '6:35 warning certainty (0.9) is below the noise floor (0.95): more than one deploy in twenty would be blamed by chance',
    ],
    [
      ['select: {}', 'new_version: { over: 2h }'],
      '6:30 warning over (2h) is longer than new_for (1h): the version is no longer new before it is compared',
    ],
    [
      ['select: {}', 'ratio: { over: 15s }'],
      '6:24 warning over (15s) is not a multiple of window (10s): windows are judged as a whole',
    ],
    [
      ['pipeline: { above: 2s }'],
      '5:28 warning above (2s) is below the noise floor (10s): the input is that late on ordinary days',
    ],
  ])('%j', (lines, finding) => {
    expect(findingsOf(...lines)).toEqual([finding]);
  });

  it('finds two rules of one meaning, however they are written', () => {
    const one = file('select: { flags: [UC, UF], reporter: source }', 'by: [flag, destination_service]', 'spike: {}');
    const other = file(
      'by: [destination_service, flag]',
      "select: { flags: [UF, UC], matchers: ['reporter = source'] }",
      'spike: { z: 5 }',
    )
      .replace('groups:\n', '')
      .replace('alert: A', 'alert: B')
      .replace('name: shop', 'name: other');
    expect(parseRules(`${one}${other}`, 'r.yaml', settings).findings).toMatchObject([
      {
        kind: 'same-meaning',
        severity: 'warning',
        line: 12,
        message: 'alert B fires exactly when A does, at r.yaml:4',
      },
    ]);
  });
});
