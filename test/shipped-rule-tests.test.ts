// The tests of the shipped rules: every rule has some, and all pass.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRuleTestFile } from '#app/rules/run-rule-tests.ts';
import { defaultSettings } from '#config/load-settings.ts';

const folder = join(import.meta.dirname, '..', 'rules');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const tests = names.filter((name) => name.endsWith('.test.yaml'));

describe('tests of the shipped rules', () => {
  it('are there for each file', () => {
    const rules = names.filter((name) => !name.endsWith('.test.yaml'));
    expect(rules.map((name) => name.replace('.yaml', '.test.yaml')).filter((name) => !tests.includes(name))).toEqual(
      [],
    );
  });

  it.each(tests)('%s passes, and expects each of its alerts once', async (name) => {
    const { findings, problems, results, untested } = await runRuleTestFile(join(folder, name), defaultSettings());
    expect({ findings, problems, untested }).toEqual({ findings: [], problems: [], untested: [] });
    expect(results.length).toBeGreaterThanOrEqual(3);
    expect(results.filter(({ differences }) => differences.length > 0)).toEqual([]);
  });
});
