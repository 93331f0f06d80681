// `flagwatch rules backtest RULES --from FILE|TIME [--to TIME]`: what rules would have told of the past.
import type { SystemProcess } from '#adapters/system/process.ts';
import { backtest } from '#app/rules/backtest.ts';
import { backtestToJson, renderBacktest } from '#app/rules/render-backtest.ts';
import { readConfiguration } from './configured.ts';
import { defaultColumns, openPast, readRules } from './rules-past.ts';
import { openTextOutput } from './text-output.ts';

/** What was asked for. */
export interface RulesBacktestCommand {
  /** Rule files, folders or globs. */
  readonly rules: readonly string[];
  readonly from: readonly string[];
  readonly to: string | null;
  readonly kafka: string | true | null;
  /** Threads that share the work; `null` for as many as there are cores. */
  readonly jobs: string | null;
  /** Whether the rendered messages are shown. */
  readonly messages: boolean;
  readonly json: boolean;
  readonly config: string | null;
  readonly system: SystemProcess;
}

const command = 'rules backtest';

/** Resolves to the exit status: 0, whatever would have fired; 2 for wrong usage; 3 where the rules have errors. */
export async function runRulesBacktest(options: RulesBacktestCommand): Promise<number> {
  const { from, to, kafka, jobs, json, messages, config, system } = options;
  const configuration = await readConfiguration(config, system, { withRules: false });
  if (configuration === null) return 1;
  const rules = await readRules(options.rules, configuration.settings, { command, system });
  if (typeof rules === 'number') return rules;
  const opened = await openPast({ command, from, to, kafka, jobs, system }, configuration);
  if (typeof opened === 'number') return opened;
  try {
    const result = await backtest(opened.past, rules, configuration.settings);
    const columns = system.stdout.columns ?? defaultColumns;
    const text = json
      ? `${JSON.stringify(backtestToJson(result, messages))}\n`
      : renderBacktest(result, { columns, withMessages: messages });
    await openTextOutput(system.stdout).write(text);
    return 0;
  } finally {
    await opened.close();
  }
}
