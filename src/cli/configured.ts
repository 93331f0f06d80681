// The beginning of every command that takes `-c FILE`: loads the configuration and says what is wrong with it.
import type { SystemProcess } from '#adapters/system/process.ts';
import { type LoadedConfiguration, loadConfiguration } from '#app/configuration.ts';
import { renderFinding } from '#config/render-finding.ts';

export type Configuration = Extract<LoadedConfiguration, { kind: 'ok' }>;

/**
 * The configuration, or `null` when it is wrong: then standard error says why. Warnings are said, and do not stop anything.
 * `withRules: false` leaves the rules that it names unread.
 */
export async function readConfiguration(
  file: string | null,
  system: SystemProcess,
  options: { readonly withRules: boolean } = { withRules: true },
): Promise<Configuration | null> {
  const loaded = await loadConfiguration(file, system.environment, { folder: system.workingFolder, ...options });
  const findings = loaded.kind === 'ok' ? loaded.warnings : loaded.findings;
  for (const finding of findings) system.stderr.write(renderFinding(finding, null));
  if (loaded.kind === 'ok') return loaded;
  for (const problem of loaded.problems) system.stderr.write(`flagwatch: ${problem}\n`);
  return null;
}
