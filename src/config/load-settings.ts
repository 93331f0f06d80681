// The settings file → settings, or what is wrong with it. Called by app/ at start, and by commands that take `-c FILE`.
import type { Environment } from './environment.ts';
import { environmentVariables } from './environment.ts';
import type { Finding } from './finding.ts';
import { hasErrors, sortFindings } from './finding.ts';
import { literalSecrets } from './literal-secrets.ts';
import { schemaFindings } from './schema-findings.ts';
import type { Settings, SettingsFile } from './settings.ts';
import { settingsGuide, settingsSchema, toSettings } from './settings.ts';
import { checkSettings } from './settings-checks.ts';
import type { YamlSource } from './yaml-source.ts';
import { parseYaml, renderPath } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

/** Settings with the warnings about them, or all findings, an error among them. */
export type LoadedSettings =
  | { readonly kind: 'ok'; readonly settings: Settings; readonly warnings: readonly Finding[] }
  | { readonly kind: 'rejected'; readonly findings: readonly Finding[] };

/**
 * Reads the text of a settings file; `file` is its name in findings. An empty file is all defaults. Never throws; findings
 * hold neither secrets nor values of variables.
 */
export function loadSettings(text: string, file: string, environment: Environment): LoadedSettings {
  const parsed = parseYaml(text, file, environmentVariables(environment));
  if (!('source' in parsed)) return { kind: 'rejected', findings: sortFindings(parsed.findings) };
  const { settings, findings } = checkSource(parsed.source);
  // What a missing variable would have held cannot be judged.
  const known = new Set(parsed.findings.map((finding) => finding.path));
  const all = sortFindings([...parsed.findings, ...findings.filter((finding) => !known.has(finding.path))]);
  if (settings === null || hasErrors(all)) return { kind: 'rejected', findings: all };
  return { kind: 'ok', settings: toSettings(settings), warnings: all };
}

/** What holds without a file: standard input, the embedded store, the console. */
export function defaultSettings(): Settings {
  return toSettings(settingsSchema.parse({}));
}

function checkSource(source: YamlSource): {
  readonly settings: SettingsFile | null;
  readonly findings: readonly Finding[];
} {
  const secrets = literalSecrets(source, settingsGuide);
  const secretPaths = new Set(secrets.map((placed) => renderPath(placed.path)));
  const guide = {
    ...settingsGuide,
    isSecret: (path: YamlPath) => settingsGuide.isSecret(path) || secretPaths.has(renderPath(path)),
  };
  const literal = secrets.map((placed) => source.finding(placed));
  const result = parseValue(source);
  if (!result.success) {
    const others = schemaFindings(result.error.issues, source, guide).filter(({ path }) => !secretPaths.has(path));
    return { settings: null, findings: [...literal, ...others] };
  }
  const crossed = checkSettings(result.data).map((placed) => source.finding(placed));
  return { settings: result.data, findings: [...literal, ...crossed] };
}

/** A variable is text; where a number or a boolean is wanted it is read as one, by the schema and not by its looks. */
function parseValue(source: YamlSource) {
  const value = source.value ?? {};
  const first = settingsSchema.safeParse(value, { reportInput: true });
  if (first.success) return first;
  let changed = false;
  for (const issue of first.error.issues) {
    if (issue.code !== 'invalid_type' || source.nodeAt(issue.path)?.wholeVariable !== true) continue;
    const converted = convertText(String(issue.input), issue.expected);
    if (converted !== null) changed = replaceAt(value, issue.path, converted) || changed;
  }
  return changed ? settingsSchema.safeParse(value, { reportInput: true }) : first;
}

function convertText(text: string, expected: string): number | boolean | null {
  if (expected === 'boolean') return text === 'true' ? true : text === 'false' ? false : null;
  if (expected !== 'number' && expected !== 'int') return null;
  return /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/.test(text) ? Number(text) : null;
}

function replaceAt(value: unknown, path: YamlPath, replacement: unknown): boolean {
  let holder = value;
  for (const step of path.slice(0, -1)) holder = (holder as Record<PropertyKey, unknown>)[step];
  const last = path.at(-1);
  if (last === undefined) return false;
  (holder as Record<PropertyKey, unknown>)[last] = replacement;
  return true;
}
