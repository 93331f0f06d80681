// `flagwatch rules test PATH…`: runs the tests of rules in virtual time.
import { findTestFiles } from '#adapters/file/yaml-files.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { renderFailure } from '#app/rules/render-test-results.ts';
import { type RuleTestFileResult, runRuleTestFile } from '#app/rules/run-rule-tests.ts';
import { hasErrors } from '#config/finding.ts';
import { renderFinding } from '#config/render-finding.ts';
import { readConfiguration } from './configured.ts';
import { openTextOutput } from './text-output.ts';

/** What was asked for. */
export interface RulesTestCommand {
  /** Test files, rule files, folders and globs. */
  readonly paths: readonly string[];
  readonly json: boolean;
  /** Settings file, for routes and the like; `null` for the defaults. */
  readonly config: string | null;
  readonly system: SystemProcess;
}

/** Columns where the output is no terminal. */
const defaultColumns = 120;

/** Resolves to the exit status: 0 when all pass, 3 when one fails or cannot be read, 2 where a path leads to nothing. */
export async function runRulesTest({ paths, json, config, system }: RulesTestCommand): Promise<number> {
  const { stdout, stderr, workingFolder } = system;
  const found = await findTestFiles(paths, workingFolder);
  for (const { path, why } of found.unmatched) stderr.write(`flagwatch rules test: ${path} ${why}\n`);
  if (found.unmatched.length > 0) return 2;
  const configuration = await readConfiguration(config, system, { withRules: false });
  if (configuration === null) return 1;
  const output = openTextOutput(stdout);
  const results: RuleTestFileResult[] = [];
  for (const file of found.files) {
    const result = await runRuleTestFile(relativeTo(workingFolder, file), configuration.settings);
    results.push(result);
    if (!json) await output.write(renderFile(result, stdout.columns ?? defaultColumns));
  }
  const counts = countResults(results);
  await output.write(json ? `${JSON.stringify({ ...counts, files: results })}\n` : renderCounts(counts));
  return counts.failed > 0 || counts.broken > 0 ? 3 : 0;
}

function relativeTo(folder: string, file: string): string {
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}

interface Counts {
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  /** Files whose tests could not be run. */
  readonly broken: number;
}

function countResults(results: readonly RuleTestFileResult[]): Counts {
  const all = results.flatMap((file) => file.results);
  const failed = all.filter(({ differences }) => differences.length > 0).length;
  return { tests: all.length, passed: all.length - failed, failed, broken: results.filter(isBroken).length };
}

function isBroken({ problems, findings }: RuleTestFileResult): boolean {
  return problems.length > 0 || hasErrors(findings);
}

function renderFile(result: RuleTestFileResult, columns: number): string {
  const { file, findings, problems, results, untested } = result;
  const said = [
    ...problems.map((problem) => `${problem}\n`),
    ...findings.map((finding) => renderFinding(finding, null)),
  ];
  const failures = results.filter(({ differences }) => differences.length > 0);
  const head = isBroken(result)
    ? ''
    : `${failures.length > 0 ? 'FAIL' : 'ok  '} ${file}: ${results.length} tests${notTested(untested)}\n`;
  return [...said, ...failures.map((failure) => renderFailure(failure, columns)), head].join('');
}

function notTested(untested: readonly string[]): string {
  return untested.length === 0 ? '' : `; never expected: ${untested.join(', ')}`;
}

function renderCounts({ tests, passed, failed, broken }: Counts): string {
  const files = broken === 0 ? '' : `, ${broken} ${broken === 1 ? 'file' : 'files'} that could not be run`;
  return `${tests} ${tests === 1 ? 'test' : 'tests'}: ${passed} passed, ${failed} failed${files}\n`;
}
