// From the files that an operator wrote to checked settings and rules: what every command that takes `-c FILE` begins with.
import { dirname, resolve } from 'node:path';
import { findYamlFiles, readYamlFile, readYamlFiles } from '#adapters/file/yaml-files.ts';
import type { Environment } from '#config/environment.ts';
import type { Finding } from '#config/finding.ts';
import { hasErrors } from '#config/finding.ts';
import { defaultSettings, loadSettings } from '#config/load-settings.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleText } from '#core/evaluate/rule-set.ts';

/** A loaded configuration, or everything that is wrong with it. */
export type LoadedConfiguration =
  | {
      readonly kind: 'ok';
      readonly settings: Settings;
      readonly rules: readonly AlertRule[];
      /** The files that the rules were read from. */
      readonly ruleFiles: readonly RuleText[];
      /** Folder that relative paths count from. */
      readonly root: string;
      readonly warnings: readonly Finding[];
    }
  | { readonly kind: 'rejected'; readonly findings: readonly Finding[]; readonly problems: readonly string[] };

/**
 * Reads the settings file (`null`: defaults), paths relative to `folder`, and the rules that it names. A set of rules is loaded whole or not at all; a path
 * that leads to no rule file is a problem, not an empty set. Never rejects.
 */
export async function loadConfiguration(
  file: string | null,
  environment: Environment,
  options: { readonly folder: string; readonly withRules: boolean },
): Promise<LoadedConfiguration> {
  const loaded = file === null ? { settings: defaultSettings(), warnings: [] } : await readSettings(file, environment);
  if ('problems' in loaded) return loaded;
  const root = file === null ? options.folder : dirname(resolve(options.folder, file));
  const { settings } = loaded;
  if (!options.withRules) return { kind: 'ok', settings, rules: [], ruleFiles: [], root, warnings: loaded.warnings };
  const found = await findYamlFiles(settings.rules, root);
  const problems = found.unmatched.map(({ path, why }) => `rules: ${path}: ${why}`);
  const files = await readYamlFiles(found.files);
  const parsed = parseRuleSet(files, { windowMs: settings.windowMs });
  if (problems.length > 0 || hasErrors(parsed.findings)) {
    return { kind: 'rejected', findings: parsed.findings, problems };
  }
  const ruleFiles = files.filter((entry) => 'text' in entry);
  const warnings = [...loaded.warnings, ...parsed.findings];
  return { kind: 'ok', settings, rules: parsed.rules, ruleFiles, root, warnings };
}

async function readSettings(
  file: string,
  environment: Environment,
): Promise<
  | { readonly settings: Settings; readonly warnings: readonly Finding[] }
  | { readonly kind: 'rejected'; readonly findings: readonly Finding[]; readonly problems: readonly string[] }
> {
  const read = await readYamlFile(file);
  if ('problem' in read) return { kind: 'rejected', findings: [], problems: [`${file}: ${read.problem}`] };
  const loaded = loadSettings(read.text, file, environment);
  if (loaded.kind === 'rejected') return { ...loaded, problems: [] };
  return { settings: loaded.settings, warnings: loaded.warnings };
}
