// Runs the tests of rule files: finds the rules of each, plays each test, and gathers the numbers behind what differs.
import { dirname, join } from 'node:path';
import { findYamlFiles, readYamlFile, readYamlFiles } from '#adapters/file/yaml-files.ts';
import type { Finding } from '#config/finding.ts';
import { hasErrors } from '#config/finding.ts';
import { parseRuleTests } from '#config/parse-rule-tests.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import type { RuleTest, RuleTestFile } from '#config/rule-test.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { SeenVerdict, VerdictObserver } from '#core/evaluate/verdict-observer.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import { type Difference, hasLabels, matchExpected, renderAt } from './match-expected.ts';
import { playTest } from './play-test.ts';

/** What became of one test. */
export interface RuleTestResult {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly differences: readonly Pick<Difference, 'expected' | 'got'>[];
  /** The verdicts around what differs. */
  readonly numbers: readonly string[];
}

/** What became of the tests of one file. */
export interface RuleTestFileResult {
  readonly file: string;
  /** Of the test file and of the rules; where an error is among them nothing was run. */
  readonly findings: readonly Finding[];
  /** Rule files that are named and not there. */
  readonly problems: readonly string[];
  readonly results: readonly RuleTestResult[];
  /** Alerts of the rules that no test expects. */
  readonly untested: readonly string[];
}

/** Windows before and after what differs whose verdicts are shown. */
const shownWindows = 2;
/** Lines of numbers of one test: nobody reads more. */
const maxNumbers = 12;

/** Runs the tests of one file. `settings` are those of the configuration; the file's window and routing replace its own. */
export async function runRuleTestFile(file: string, settings: Settings): Promise<RuleTestFileResult> {
  const none = { file, findings: [], problems: [], results: [], untested: [] };
  const read = await readYamlFile(file);
  if ('problem' in read) return { ...none, problems: [`${file}: ${read.problem}`] };
  const { tests, findings } = parseRuleTests(read.text, file);
  if (tests === null) return { ...none, findings };
  const found = await findYamlFiles(tests.ruleFiles ?? [file.replace(/\.test(\.ya?ml)$/i, '$1')], rootOf(tests));
  if (found.unmatched.length > 0) {
    return { ...none, findings, problems: found.unmatched.map(({ path, why }) => `${file}: rule file ${path} ${why}`) };
  }
  const parsed = parseRuleSet(await readYamlFiles(found.files), { windowMs: tests.windowMs });
  if (hasErrors(parsed.findings)) return { ...none, findings: [...findings, ...parsed.findings] };
  const around = { file, rules: parsed.rules, settings: testSettings(tests, settings) };
  const results: RuleTestResult[] = [];
  for (const test of tests.tests) results.push(await runTest(test, around));
  const expected = new Set(tests.tests.flatMap(({ alerts }) => alerts.map(({ alert }) => alert)));
  const untested = parsed.rules.map(({ alert }) => alert).filter((alert) => !expected.has(alert));
  return { ...none, findings, results, untested };
}

/** A file's own name stands in the working folder, what it names beside it. */
function rootOf({ file, ruleFiles }: RuleTestFile): string {
  return ruleFiles === null ? '.' : join(dirname(file), '.');
}

/** Messages in both languages, so that a test can ask for either. */
function testSettings({ windowMs, routing }: RuleTestFile, settings: Settings): Settings {
  return { ...settings, ...(routing ?? {}), windowMs, notify: { ...settings.notify, language: 'both' } };
}

interface Around {
  readonly file: string;
  readonly rules: readonly AlertRule[];
  readonly settings: Settings;
}

async function runTest(test: RuleTest, around: Around): Promise<RuleTestResult> {
  const { name, line } = test;
  const named = { file: around.file, line, name };
  try {
    const played = await playTest(test, around);
    const differences = matchExpected(test, played);
    const unknown = test.alerts.filter(({ alert }) => !around.rules.some((rule) => rule.alert === alert));
    if (differences.length === 0) return { ...named, differences, numbers: [] };
    if (unknown.length > 0) {
      const names = around.rules.map((rule) => rule.alert).join(', ');
      const numbers = unknown.map(({ alert }) => `no rule is named ${alert}; there are ${names}`);
      return { ...named, differences, numbers };
    }
    return { ...named, differences, numbers: await numbersBehind(differences, test, around) };
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { ...named, differences: [{ expected: 'its input', got: error.message }], numbers: [] };
  }
}

/** Plays it again, listening to the verdicts around each difference. */
async function numbersBehind(
  differences: readonly Difference[],
  test: RuleTest,
  around: Around,
): Promise<readonly string[]> {
  const reachMs = shownWindows * around.settings.windowMs;
  const seen: SeenVerdict[] = [];
  const observer: VerdictObserver = {
    wants: ({ alert, labels: own }, { endAtMs }, labels) =>
      differences.some(
        ({ about }) =>
          about.alert === alert &&
          Math.abs(about.atMs - endAtMs) <= reachMs &&
          hasLabels({ ...own, ...labels() }, about.labels),
      ),
    onVerdict: (one) => {
      if (seen.length < 10 * maxNumbers) seen.push(one);
    },
  };
  const { startAtMs } = await playTest(test, { ...around, observer });
  const lines = seen.map(({ rule, window, verdict }) => {
    return `${renderAt(window.endAtMs, { startAtMs })} ${rule.alert}: ${verdict.kind}: ${verdict.reason}`;
  });
  const distinct = [...new Set(lines)];
  if (distinct.length === 0) return ['no series of the rule was there at that time: nothing that it selects had come'];
  const more = distinct.length - maxNumbers;
  return more > 0 ? [...distinct.slice(0, maxNumbers), `and ${more} more`] : distinct;
}
