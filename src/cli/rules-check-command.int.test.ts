// The command on real files: the shipped rules, and a broken one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runRulesCheck } from './rules-check-command.ts';

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rules-check-'));
  writeFileSync(
    join(root, 'bad.yaml'),
    'groups:\n- name: g\n  rules:\n  - alert: A\n    select: {}\n    spike: {}\n    for: 5q\n',
  );
  writeFileSync(join(root, 'thin.yaml'), 'groups:\n- name: g\n  rules:\n  - alert: A\n    select: {}\n    spike: {}\n');
  writeFileSync(
    join(root, 'off.yaml'),
    'groups:\n- name: g\n  rules:\n  - { alert: A, select: {}, spike: {} }\n  - { alert: B, select: {}, dip: {}, enabled: false }\n',
  );
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function check(paths: readonly string[], options: { json?: boolean; format?: string; root?: string } = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runRulesCheck({
    paths,
    json: options.json ?? false,
    ...(options.format === undefined ? {} : { format: options.format }),
    root: options.root ?? root,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
  });
  return { status, out: out.join(''), err: err.join('') };
}

describe('rules check', () => {
  it('passes the shipped rules', async () => {
    const shipped = await check(['rules'], { root: join(import.meta.dirname, '..', '..') });
    expect(shipped).toEqual({ status: 0, out: '14 files, 19 rules: 0 errors, 0 warnings\n', err: '' });
  });

  it('ends with 3 where something is wrong, and shows the place and the remedy', async () => {
    const { status, out } = await check(['bad.yaml']);
    const file = join(root, 'bad.yaml');
    expect(status).toBe(3);
    expect(out).toBe(
      `${file}:7:10: error: for (5q) is not a duration\n7 |     for: 5q\n  |          ^^\n  = write numbers with units, largest first: 30s, 1m30s, 250ms (w d h m s ms)\n\n1 file, not to be loaded: 1 error, 0 warnings\n`,
    );
  });

  it('shows warnings and ends with 0', async () => {
    const { status, out } = await check(['thin.yaml']);
    expect(status).toBe(0);
    expect(out).toContain(':4:12: warning: the alert has no summary');
    expect(out).toContain('1 file, 1 rule: 0 errors, 4 warnings\n');
  });

  it('gives machines one JSON document', async () => {
    const { status, out } = await check(['bad.yaml'], { json: true });
    expect(status).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      files: 1,
      rules: 0,
      errors: 1,
      warnings: 0,
      findings: [
        {
          severity: 'error',
          file: join(root, 'bad.yaml'),
          line: 7,
          column: 10,
          path: 'groups[0].rules[0].for',
          value: '5q',
        },
      ],
    });
  });

  it('gives code review a SARIF log, with the same exit status', async () => {
    const { status, out } = await check(['bad.yaml'], { format: 'sarif' });
    expect(status).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      version: '2.1.0',
      runs: [{ results: [{ ruleId: 'wrong-value', level: 'error' }] }],
    });
    expect(await check(['thin.yaml'], { format: 'sarif' })).toMatchObject({ status: 0, err: '' });
  });

  it('says how many rules are disabled', async () => {
    const { out } = await check(['off.yaml']);
    expect(out).toContain('1 file, 1 rule and 1 disabled: 0 errors');
  });

  it('ends with 2 on wrong usage', async () => {
    expect(await check(['bad.yaml'], { format: 'xml' })).toEqual({
      status: 2,
      out: '',
      err: 'flagwatch rules check: --format xml is not known: write text, json, sarif\n',
    });
    expect(await check([])).toMatchObject({ status: 2, out: '' });
    expect(await check(['bad.yaml', 'nope'])).toEqual({
      status: 2,
      out: '',
      err: 'flagwatch rules check: nope does not exist\n',
    });
  });
});
