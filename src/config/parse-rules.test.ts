import { describe, expect, it } from 'vitest';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { parseRuleSet, parseRules } from './parse-rules.ts';
import { ruleExample } from './reference-texts.ts';

const settings = { windowMs: 10_000 };

const good = `groups:
  - name: shop
    rules:
      - alert: A
        select: { flags: [UC], reporter: source }
        by: [flag, destination_service]
        spike: { z: 5, min_count: 5 }
        for: 10s
        labels: { severity: critical, owner: shop }
        annotations:
          summary: "{{ $labels.destination_service }}: {{ $value }}"
          runbook_url: https://wiki.example/a
`;

function findingsOf(text: string): readonly string[] {
  return parseRules(text, 'r.yaml', settings).findings.map(({ line, column, severity, value, message }) => {
    return `${line}:${column} ${severity} ${message} [${value}]`;
  });
}

function replaced(from: string | RegExp, to: string): string {
  const text = good.replace(from, () => to);
  if (text === good) throw new Error('nothing was replaced');
  return text;
}

describe('parseRules', () => {
  it('makes the rule of core, baselines in windows', () => {
    const { rules, findings } = parseRules(ruleExample, 'r.yaml', settings);
    expect(findings).toEqual([]);
    expect(rules).toEqual([
      {
        alert: 'PaymentsCloseConnections',
        group: 'shop',
        origin: 'r.yaml:7',
        select: {
          counted: 'flags',
          flags: ['UC'],
          faults: [],
          matchers: [
            { label: 'reporter', operator: '=', value: 'destination' },
            { label: 'destination_service', operator: '=', value: 'payments' },
            { label: 'destination_namespace', operator: '=~', value: 'shop.*' },
          ],
        },
        by: ['flag', 'source_service', 'destination_service', 'destination_version'],
        condition: {
          kind: 'spike',
          settings: { z: 5, minCount: 5, minRatio: 0.02, baselineWindows: 360, minBaselineWindows: 30 },
        },
        forMs: 10_000,
        keepFiringForMs: 30_000,
        isShadow: false,
        labels: { owner: 'shop-team', severity: 'critical' },
        annotations: expect.objectContaining({ runbook_url: 'https://wiki.example/runbooks/uc' }),
      },
    ] satisfies AlertRule[]);
  });

  it('takes what rules share from `defaults`, their own first', () => {
    const text = `defaults:
  by: [destination_service]
  for: 20s
  spike: { z: 7, baseline: 30m }
  labels: { owner: a, severity: info }
${replaced('        by: [flag, destination_service]\n', '').replace('for: 10s', 'keep_firing_for: 40s')}`;
    const [rule] = parseRules(text, 'r.yaml', settings).rules;
    expect(rule).toMatchObject({
      by: ['destination_service'],
      forMs: 20_000,
      keepFiringForMs: 40_000,
      condition: { kind: 'spike', settings: { z: 5, minCount: 5, baselineWindows: 180 } },
      labels: { owner: 'shop', severity: 'critical' },
    });
  });

  it('finds nothing wrong with a good file', () => {
    expect(findingsOf(good)).toEqual([]);
  });

  it.each([
    [replaced('        select', '        selct'), '5:9 error unknown key selct [selct]'],
    [replaced(/ {8}select.*\n/, ''), '4:9 error select is missing []'],
    [replaced('for: 10s', 'for: 10'), '8:14 error for (10) is not a duration [10]'],
    [replaced('for: 10s', 'for:'), '8:13 error for is not a duration []'],
    [replaced('z: 5', 'z: five'), '7:21 error z (five) must be a number [five]'],
    [replaced('z: 5', 'z: 0'), '7:21 error z (0) must be above 0 [0]'],
    [replaced('min_count: 5', 'min_ratio: 2'), '7:35 error min_ratio (2) must be at most 1 [2]'],
    [replaced('[flag, ', '[flg, '), '6:14 error by[0] (flg) is not known here [flg]'],
    [replaced('[flag, destination_service]', '[flag]'), '6:13 error by (flag) lacks destination_service []'],
    [replaced('[flag, ', '[flag, flag, '), '6:13 warning by names flag twice []'],
    [replaced('flags: [UC]', 'flags: [UCX]'), '5:27 warning Envoy 1.40 has no flag UCX [UCX]'],
    [replaced('flags: [UC]', 'flags: "UC,UF"'), '5:26 error flags holds "UC,UF", which is no flag ["UC,UF"]'],
    [replaced('flags: [UC]', 'flags: [UC, 5]'), '5:31 error flags[1] (5) must be a text [5]'],
    [
      replaced('reporter: source', 'reporter: sauce'),
      '5:42 error the rule can never fire: no reporter is = "sauce" [sauce]',
    ],
    [
      replaced('reporter: source', 'matchers: [\'flag = "UF"\']'),
      '5:43 error the rule can never fire: no flag is = "UF" [\'flag = "UF"\']',
    ],
    [
      replaced('reporter: source', 'source_service: [a, b], matchers: [source_service = c]'),
      '5:67 error the rule can never fire: no source_service is =~ "a|b" and = "c" [source_service = c]',
    ],
    [
      replaced('flags: [UC], reporter: source', 'flags: [UH], reporter: destination'),
      '5:42 warning the rule hardly ever fires: UH is written by the caller’s proxy, and reporter = source is not accepted [destination]',
    ],
    [
      replaced('reporter: source', 'matchers: [\'source_service =~ "(a+)+\\1"\']'),
      '5:43 error matcher has a regular expression that cannot be used: "\\1" is not known at character 7 [\'source_service =~ "(a+)+\\1"\']',
    ],
    [
      replaced('min_count: 5', 'min_count: 1'),
      '7:35 warning min_count (1) is below the noise floor (3): one or two errors on a quiet edge would be an incident [1]',
    ],
    [
      replaced('z: 5', 'z: 2.5'),
      '7:21 warning z (2.5) is below the noise floor (3): a calm series gets there about once in 700 windows [2.5]',
    ],
    [
      replaced('min_count: 5', 'baseline: 4m'),
      '7:34 error the rule can never fire: min_baseline (5m) must be at most baseline (4m) [4m]',
    ],
    [replaced('min_count: 5', 'baseline: 5s'), '7:34 error baseline (5s) must be at least window (10s) [5s]'],
    [
      replaced('min_count: 5', 'min_baseline: 1m'),
      '7:38 warning min_baseline (1m) is 6 windows of 10s: too few to tell what is usual [1m]',
    ],
    [
      replaced('for: 10s', 'for: 15s'),
      '8:14 warning for (15s) is not a multiple of window (10s): windows are judged as a whole [15s]',
    ],
    [
      replaced('for: 10s', 'keep_firing_for: 3s'),
      '8:26 warning keep_firing_for (3s) is less than window (10s): windows are judged as a whole [3s]',
    ],
    [
      replaced('$labels.destination_service', '$labels.source_service'),
      '11:21 error summary: the alert has no label "source_service"; it has destination_service, flag, owner, severity [{{ $labels.source_service }}]',
    ],
    [
      replaced('owner: shop', 'flag: shop'),
      '9:39 warning the label flag never shows: the series gives the alert its own flag [flag]',
    ],
    [replaced('owner: shop', 'alertname: shop'), '9:39 error the label alertname is reserved [alertname]'],
    [replaced('owner: shop', '"my owner": shop'), '9:39 error my owner is no name for one of the labels [my owner]'],
    [replaced('severity: critical, ', ''), '4:16 warning the alert has no severity [A]'],
    [replaced(', owner: shop', ''), '4:16 warning the alert has no owner: nobody knows whose it is [A]'],
    [replaced('summary:', 'title:'), '4:16 warning the alert has no summary [A]'],
    [replaced(/ {10}runbook_url.*\n/, ''), '4:16 warning the alert has no runbook [A]'],
    [
      replaced('https://wiki', 'wiki'),
      '12:24 warning runbook_url is no web address, so messages cannot link to it [wiki.example/a]',
    ],
    ['groups: []', '1:9 warning the file holds no rule []'],
    ['', '1:1 error the file must be a map []'],
    [`${good}${good.replace('groups:\n', '')}`, '13:11 error two groups are named shop [shop]'],
    [`${good}${good.replace('groups:\n', '')}`, '15:16 error alert A is defined already, at r.yaml:4 [A]'],
  ])('finds what is wrong in %#', (text, finding) => {
    expect(findingsOf(text)).toContain(finding);
    const { rules, findings } = parseRules(text, 'r.yaml', settings);
    expect(rules.length > 0 || text.startsWith('groups: []')).toBe(
      findings.every(({ severity }) => severity === 'warning'),
    );
  });
});

describe('parseRuleSet', () => {
  it('takes all files or none', () => {
    const other = { file: 'b.yaml', text: good.replace('alert: A', 'alert: B') };
    const first = { file: 'a.yaml', text: good };
    expect(parseRuleSet([first, other], settings).rules.map(({ origin }) => origin)).toEqual(['a.yaml:4', 'b.yaml:4']);
    expect(parseRuleSet([first, { file: 'b.yaml', text: 'groups: {}' }], settings).rules).toEqual([]);
    expect(parseRuleSet([first, { file: 'b.yaml', problem: 'the file cannot be read' }], settings)).toMatchObject({
      rules: [],
      findings: [{ file: 'b.yaml', line: 1, column: 1, message: 'the file cannot be read' }],
    });
  });

  it('wants different names across files', () => {
    const { rules, findings } = parseRuleSet(
      [
        { file: 'a.yaml', text: good },
        { file: 'b.yaml', text: good },
      ],
      settings,
    );
    expect(rules).toEqual([]);
    expect(findings).toMatchObject([{ file: 'b.yaml', line: 4, message: 'alert A is defined already, at a.yaml:4' }]);
  });
});
