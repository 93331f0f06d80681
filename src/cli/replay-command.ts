// `flagwatch replay -r RULES FILE…`: what the rules make of recorded lines, as JSON, one object a transition.
import { readFileBytes } from '#adapters/file/line-reader.ts';
import { findYamlFiles, readYamlFiles } from '#adapters/file/yaml-files.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { replay } from '#app/replay.ts';
import { hasErrors } from '#config/finding.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import { renderFinding } from '#config/render-finding.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { readConfiguration } from './configured.ts';
import { openTextOutput } from './text-output.ts';

/** What was asked for. */
export interface ReplayCommand {
  readonly files: readonly string[];
  /** Rule files, folders or globs. */
  readonly rules: readonly string[];
  readonly config: string | null;
  readonly system: SystemProcess;
}

/** Resolves to the exit status; 3 where the rules have errors. */
export async function runReplay({ files, rules, config, system }: ReplayCommand): Promise<number> {
  const configuration = await readConfiguration(config, system, { withRules: false });
  if (configuration === null) return 1;
  const { settings } = configuration;
  const parsed = await readRules(rules, settings.windowMs, system);
  if (typeof parsed === 'number') return parsed;
  const output = openTextOutput(system.stdout);
  let writing = Promise.resolve();
  const totals = await replay({
    settings,
    rules: parsed,
    sources: files.map((name) => ({ name, bytes: readFileBytes(name) })),
    onTransition: (transition) => {
      // A pending alert that ended never was one: nobody was told.
      if (transition.status === 'inactive') return;
      writing = writing.then(() => output.write(`${JSON.stringify(toOutput(transition))}\n`));
    },
  });
  await writing;
  const { counted, late, skipped, unreadable } = totals;
  system.stderr.write(`${counted} lines counted, ${late} late, ${skipped} skipped, ${unreadable} unreadable\n`);
  return 0;
}

async function readRules(
  paths: readonly string[],
  windowMs: number,
  { workingFolder, stderr }: SystemProcess,
): Promise<readonly AlertRule[] | number> {
  const found = await findYamlFiles(paths, workingFolder);
  for (const { path, why } of found.unmatched) stderr.write(`flagwatch replay: ${path} ${why}\n`);
  if (found.unmatched.length > 0) return 2;
  const { rules, findings } = parseRuleSet(await readYamlFiles(found.files), { windowMs });
  for (const finding of findings) stderr.write(renderFinding(finding, null));
  return hasErrors(findings) ? 3 : rules;
}

/** `incident` is the alert's fingerprint until incidents have keys of their own. */
function toOutput(transition: AlertTransition): object {
  const { atMs, status, alert, labels, verdict, fingerprint, annotations } = transition;
  return {
    at: new Date(atMs).toISOString(),
    status,
    alert,
    labels,
    value: verdict.value,
    z: verdict.z,
    baseline: verdict.baseline,
    reason: verdict.reason,
    incident: fingerprint,
    summary: annotations['summary'] ?? '',
    ...(transition.isShadow ? { shadow: true } : {}),
  };
}
