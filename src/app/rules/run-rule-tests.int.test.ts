// Files of rule tests on the disk: the example of the reference, failures side by side with their numbers, lines and recorded files, and
// what cannot be run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '#config/load-settings.ts';
import { ruleExample } from '#config/reference-texts.ts';
import { ruleTestExample } from '#config/rule-test-reference.ts';
import { renderFailure } from './render-test-results.ts';
import { runRuleTestFile } from './run-rule-tests.ts';

const folder = mkdtempSync(join(tmpdir(), 'flagwatch-rule-tests-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
write('shop.yaml', ruleExample);
const run = (text: string) => runRuleTestFile(write('shop.test.yaml', text), defaultSettings());

const envoyLine = (atMs: number, flags: string) =>
  JSON.stringify({
    start_time: new Date(atMs).toISOString(),
    duration: 5,
    response_code: flags === '-' ? 200 : 503,
    response_flags: flags,
    upstream_cluster: 'inbound|8080||',
    requested_server_name: 'outbound_.8080_._.payments.shop.svc.cluster.local',
    method: 'GET',
    path: '/',
    request_id: `r-${atMs}`,
  });

describe('runRuleTestFile', () => {
  it('passes the example of the reference', async () => {
    const { findings, problems, results, untested } = await run(ruleTestExample);
    expect({ findings, problems, untested }).toEqual({ findings: [], problems: [], untested: [] });
    expect(results.map(({ name, differences }) => [name, differences])).toEqual([
      ['a new version closes connections', []],
      ['one line wakes nobody', []],
    ]);
  });

  it('shows what was expected beside what came, and the numbers behind it', async () => {
    const wrong = ruleTestExample
      .replace('at: 10m10s', 'at: 10m')
      .replace(
        'status: resolved\n        at: 12m',
        'status: resolved\n        at: 12m\n        value: 3\n        receivers: []',
      );
    const { results } = await run(wrong);
    const [failed] = results;
    expect(failed?.line).toBe(6);
    expect(failed?.differences).toMatchObject([
      {
        expected: expect.stringContaining('firing at 10m: PaymentsCloseConnections{destination_version="v2"'),
        got: expect.stringContaining('firing at 10m10s: PaymentsCloseConnections{'),
      },
      { expected: 'value 3', got: 'value 0' },
      { expected: 'told to nobody', got: 'told to shop-team' },
      { expected: 'nothing more', got: expect.stringContaining('8 of 20 requests ended with UC') },
    ]);
    expect(failed?.numbers).toContainEqual(expect.stringMatching(/^at 10m10s .*anomaly: 8 of 20 requests/));
    const text = failed === undefined ? '' : renderFailure(failed, 100);
    expect(text).toMatch(/^FAIL .*shop\.test\.yaml:6: a new version/);
    expect(text).toMatch(/^ {2}value 3 +\| value 0$/m);
    for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('says that nobody was told, and why', async () => {
    const inhibited = `inhibit_rules:
  - { source_matchers: ['destination_version = "v1"'], target_matchers: ['destination_version = "v2"'], equal: [destination_service] }
edge: { reporter: destination, source_service: checkout, destination_service: payments, destination_namespace: shop }
tests:
  - name: both
    input_series:
      - edge: { destination_version: v1 }
        requests: 100x79
        flags: { UC: 0x59 50x19 }
      - edge: { destination_version: v2 }
        requests: 100x79
        flags: { UC: 0x61 50x7 0x9 }
    alerts:
      - { alert: PaymentsCloseConnections, at: 10m10s, labels: { destination_version: v1 }, receivers: [default] }
      - { alert: PaymentsCloseConnections, at: 10m30s, labels: { destination_version: v2 }, held: inhibited, receivers: [] }
`;
    const { findings, results } = await run(inhibited);
    expect(findings).toEqual([]);
    expect(results.map(({ differences }) => differences)).toEqual([[]]);
  });

  it('reads lines, in the file or beside it', async () => {
    const start = Date.UTC(2026, 2, 2, 9);
    const lines = Array.from({ length: 700 }, (_, i) => {
      const flags = i >= 600 && i < 640 ? 'UC' : '-';
      return envoyLine(start + i * 1000, flags);
    });
    write('lines.log', `${lines.join('\n')}\n`);
    const tests = (input: string) => `tests:
  - name: lines
    ${input}
    exactly: false
    alerts: [{ alert: PaymentsCloseConnections, at: 10m, within: 30s }]
`;
    const rules = ruleExample
      .replace('reporter: destination', 'matchers: []')
      .replace('          matchers: [\'destination_namespace =~ "shop.*"\']\n', '')
      .replace('destination_service: payments', 'data_center: replay');
    write('lines.yaml', rules);
    const inline = tests(`input_lines: |\n${lines.map((line) => `      ${line}`).join('\n')}`);
    for (const text of [tests('input_file: lines.log'), inline]) {
      const { findings, problems, results } = await run(`rule_files: [lines.yaml]\n${text}`);
      expect({ findings, problems }).toEqual({ findings: [], problems: [] });
      expect(results).toMatchObject([{ differences: [] }]);
    }
    const missing = await run(`rule_files: [lines.yaml]\n${tests('input_file: none.log')}`);
    expect(missing.results).toMatchObject([
      { differences: [{ expected: 'its input', got: expect.stringContaining('no such file') }] },
    ]);
  });

  it('does not run what is wrong, and names rules that are not there', async () => {
    expect(await run('tests: []\n')).toMatchObject({ results: [], findings: [{ severity: 'error', line: 1 }] });
    expect(await run(`rule_files: [none.yaml]\n${ruleTestExample}`)).toMatchObject({
      results: [],
      problems: [expect.stringContaining('none.yaml does not exist')],
    });
    const { results } = await run(ruleTestExample.replaceAll('PaymentsCloseConnections', 'PaymentClosed'));
    expect(results[0]?.numbers[0]).toBe('no rule is named PaymentClosed; there are PaymentsCloseConnections');
  });
});
