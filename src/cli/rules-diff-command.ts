// `flagwatch rules diff OLD NEW --from FILE|TIME [--to TIME]`: what a change of rules would have changed.
import type { SystemProcess } from '#adapters/system/process.ts';
import { diffRules, diffToJson, renderDiff } from '#app/rules/diff.ts';
import { readConfiguration } from './configured.ts';
import { openPast, readRules } from './rules-past.ts';
import { openTextOutput } from './text-output.ts';

/** What was asked for. */
export interface RulesDiffCommand {
  /** A rule file, folder or glob each. */
  readonly before: string;
  readonly after: string;
  readonly from: readonly string[];
  readonly to: string | null;
  readonly kafka: string | true | null;
  /** Threads that share the work; `null` for as many as there are cores. */
  readonly jobs: string | null;
  readonly json: boolean;
  readonly config: string | null;
  readonly system: SystemProcess;
}

const command = 'rules diff';

/** Resolves to the exit status: 0, whatever differs; 2 for wrong usage; 3 where rules have errors. */
export async function runRulesDiff(options: RulesDiffCommand): Promise<number> {
  const { from, to, kafka, jobs, json, config, system } = options;
  const configuration = await readConfiguration(config, system, { withRules: false });
  if (configuration === null) return 1;
  const { settings } = configuration;
  const before = await readRules([options.before], settings, { command, system });
  if (typeof before === 'number') return before;
  const after = await readRules([options.after], settings, { command, system });
  if (typeof after === 'number') return after;
  const opened = await openPast({ command, from, to, kafka, jobs, system }, configuration);
  if (typeof opened === 'number') return opened;
  try {
    const diff = await diffRules(opened.past, before, after);
    const text = json ? `${JSON.stringify(diffToJson(diff))}\n` : renderDiff(diff);
    await openTextOutput(system.stdout).write(text);
    return 0;
  } finally {
    await opened.close();
  }
}
