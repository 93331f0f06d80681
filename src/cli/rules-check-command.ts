// `flagwatch rules check PATH…`: checks rule files and says what is wrong, where, and what to write instead.
import type { YamlFileText } from '#adapters/file/yaml-files.ts';
import { findYamlFiles, readYamlFiles } from '#adapters/file/yaml-files.ts';
import type { Finding } from '#config/finding.ts';
import { hasErrors } from '#config/finding.ts';
import { defaultSettings } from '#config/load-settings.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import { renderFinding } from '#config/render-finding.ts';
import { renderSarif } from '#config/render-sarif.ts';

/** What takes text: a process’ stream, or a test’s list. */
interface TextSink {
  write(text: string): unknown;
}

/** What findings are written as: for people, as one JSON document, as SARIF 2.1.0 for code review. */
const checkFormats = ['text', 'json', 'sarif'] as const;
type CheckFormat = (typeof checkFormats)[number];

/** What was asked for. */
export interface RulesCheckOptions {
  /** Files, folders and globs. */
  readonly paths: readonly string[];
  /** Short for the format `json`. */
  readonly json: boolean;
  /** `text`, `json` or `sarif`; without it `text`. */
  readonly format?: string;
  /** Length of a window, milliseconds; without it the default of the setting `window`. */
  readonly windowMs?: number;
  /** Folder that relative paths count from; without it the working directory. */
  readonly root?: string;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
}

/** Resolves to the exit status: 0 without errors (warnings are shown), 3 with errors, 2 where a path leads to nothing or the format is not known. */
export async function runRulesCheck(options: RulesCheckOptions): Promise<number> {
  const { paths, stdout, stderr } = options;
  if (paths.length === 0) {
    stderr.write('flagwatch rules check: no PATH given: name files, folders or globs, such as rules/\n');
    return 2;
  }
  const format = formatOf(options);
  if (format === null) {
    stderr.write(`flagwatch rules check: --format ${options.format} is not known: write ${checkFormats.join(', ')}\n`);
    return 2;
  }
  const { files, unmatched } = await findYamlFiles(paths, options.root ?? '.');
  if (unmatched.length > 0) {
    for (const { path, why } of unmatched) stderr.write(`flagwatch rules check: ${path} ${why}\n`);
    return 2;
  }
  const texts = await readYamlFiles(files);
  const windowMs = options.windowMs ?? defaultSettings().windowMs;
  const { rules, disabledCount, findings } = parseRuleSet(texts, { windowMs });
  const counts = { files: files.length, rules: rules.length, disabled: disabledCount, ...countFindings(findings) };
  if (format === 'json') stdout.write(`${JSON.stringify({ ...counts, findings })}\n`);
  else stdout.write(format === 'sarif' ? renderSarif(findings) : renderReport(findings, texts, counts));
  return hasErrors(findings) ? 3 : 0;
}

function formatOf({ json, format }: RulesCheckOptions): CheckFormat | null {
  if (format === undefined) return json ? 'json' : 'text';
  return checkFormats.find((known) => known === format) ?? null;
}

interface Counts {
  readonly files: number;
  readonly rules: number;
  readonly disabled: number;
  readonly errors: number;
  readonly warnings: number;
}

function countFindings(findings: readonly Finding[]): Pick<Counts, 'errors' | 'warnings'> {
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}

function renderReport(findings: readonly Finding[], texts: readonly YamlFileText[], counts: Counts): string {
  const textByFile = new Map(texts.map((entry) => [entry.file, 'text' in entry ? entry.text : null]));
  const blocks = findings.map((finding) => `${renderFinding(finding, textByFile.get(finding.file) ?? null)}\n`);
  const found = [plural(counts.errors, 'error'), plural(counts.warnings, 'warning')].join(', ');
  const disabled = counts.disabled === 0 ? '' : ` and ${counts.disabled} disabled`;
  const rules = counts.errors > 0 ? 'not to be loaded' : `${plural(counts.rules, 'rule')}${disabled}`;
  return `${blocks.join('')}${plural(counts.files, 'file')}, ${rules}: ${found}\n`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
