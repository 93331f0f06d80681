// Files of rules that are wrong, each in one way: all are refused, at the place and with the words of their first line.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RuleFileText } from '#config/parse-rules.ts';
import { parseRuleSet } from '#config/parse-rules.ts';

const folder = join(import.meta.dirname, 'data', 'broken-rules');
const shipped = join(import.meta.dirname, '..', 'rules');

const textsOf = (path: string): readonly { readonly file: string; readonly text: string }[] => {
  return readdirSync(path)
    .filter((name) => /(?<!\.test)\.yaml$/.test(name))
    .map((file) => ({ file, text: readFileSync(join(path, file), 'utf8') }));
};

const load = (files: readonly RuleFileText[]) => parseRuleSet(files, { windowMs: 10_000 });
const broken = textsOf(folder);

describe('broken rule files', () => {
  it('are many', () => {
    expect(broken.length).toBeGreaterThanOrEqual(60);
  });

  it.each(broken)('$file', ({ file, text }) => {
    const [, place, message] = /^# (\d+:\d+) (.+)\n/.exec(text) ?? [];
    const { rules, findings } = load([{ file, text }]);
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map((error) => `${error.line}:${error.column} ${error.message}`)).toContainEqual(
      expect.stringContaining(`${place} ${message}`),
    );
    for (const error of errors) expect(error).toMatchObject({ file, remedy: expect.stringMatching(/\S/) });
    expect(rules).toEqual([]);
  });

  it('keep all other files of their set from being loaded', () => {
    const good = textsOf(shipped);
    expect(load(good).rules.length).toBeGreaterThan(0);
    for (const one of broken) expect(load([...good, one]).rules).toEqual([]);
  });
});
