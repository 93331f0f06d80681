// Ten thousand broken versions of good rule files: each is refused with findings, or loads whole; nothing throws, and no set is
// loaded in part.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { conditionTexts } from '#config/condition-examples.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import { ruleExample } from '#config/reference-texts.ts';
import { compileMatcher } from '#core/evaluate/matcher.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { findTemplateErrors } from '#core/evaluate/template.ts';
import { mutateText } from '../support/mutated-texts.ts';
import { mutateTree } from '../support/mutated-trees.ts';

const good = [ruleExample, ...Object.values(conditionTexts).map(({ example }) => example)];
const neighbour = 'groups: [{ name: n, rules: [{ alert: Neighbour, select: {}, spike: {} }] }]';
const runs = { numRuns: 5000, seed: 20_261_121 };
const timeoutMs = 120_000;

/** Loads the text beside a good file, and says whether the set was loaded. */
function load(text: string): boolean {
  const { rules, disabledCount, findings } = parseRuleSet(
    [
      { file: 'a.yaml', text },
      { file: 'b.yaml', text: neighbour },
    ],
    { windowMs: 10_000 },
  );
  const lineCount = text.split('\n').length;
  const odd = findings.filter(({ file, line, column, message, remedy }) => {
    const isThere = line >= 1 && line <= (file === 'a.yaml' ? lineCount : 1) && column >= 1;
    return !isThere || message === '' || remedy === '' || /[\u0000-\u001f\u202e]/.test(`${message}${remedy}`);
  });
  expect(odd).toEqual([]);
  if (findings.some(({ severity }) => severity === 'error')) {
    expect(rules).toEqual([]);
    return false;
  }
  const written = parse(text) as { groups: { rules: unknown[] }[] };
  expect(rules.length + disabledCount).toBe(written.groups.flatMap((group) => group.rules).length + 1);
  expect(rules.at(-1)?.alert).toBe('Neighbour');
  rules.forEach(expectRunnable);
  return true;
}

/** What core relies on in every rule. */
function expectRunnable({
  alert,
  select,
  by,
  condition,
  forMs,
  keepFiringForMs,
  labels,
  annotations,
}: AlertRule): void {
  expect(alert.length).toBeGreaterThan(0);
  if (condition.kind === 'pipeline') expect(['', 'data_center']).toContain(by.join());
  else expect(by).toContain('destination_service');
  for (const value of [...Object.values(condition.settings), forMs, keepFiringForMs]) {
    if (typeof value !== 'number') continue;
    expect(Number.isFinite(value)).toBe(true);
    expect(value).toBeGreaterThanOrEqual(0);
  }
  for (const [name, value] of Object.entries(condition.settings)) {
    if (name.endsWith('Windows')) expect([name, Number.isInteger(value) && Number(value) >= 1]).toEqual([name, true]);
  }
  if ('baselineWindows' in condition.settings) {
    const { baselineWindows, minBaselineWindows } = condition.settings;
    expect(baselineWindows).toBeGreaterThanOrEqual(minBaselineWindows);
  }
  if (select.counted !== 'flags') expect(select.flags).toEqual([]);
  if (select.counted !== 'faults') expect(select.faults).toEqual([]);
  for (const matcher of select.matchers) compileMatcher(matcher)('payments');
  const known = [...by, 'destination_version', 'destination_deploy_id', ...Object.keys(labels)];
  const names = { labels: known, condition: condition.kind };
  for (const text of Object.values(annotations)) expect(findTemplateErrors(text, names)).toEqual([]);
}

describe('broken rule files', () => {
  it.each([
    ['changed texts', mutateText],
    ['changed trees', mutateTree],
  ])(
    'of %s give findings or load, and never in part',
    (_, mutate) => {
      let [loaded, refused] = [0, 0];
      const texts = fc.oneof(...good.map(mutate));
      fc.assert(
        fc.property(texts, (text) => {
          if (load(text)) loaded += 1;
          else refused += 1;
        }),
        runs,
      );
      // The changes are neither all harmless nor all fatal.
      expect(Math.min(loaded, refused)).toBeGreaterThan(runs.numRuns / 10);
    },
    timeoutMs,
  );
});
