// `flagwatch rules explain ALERT --at TIME [label=value…] --from FILE|TIME`: why an alert fired, or did not.
import { systemClock } from '#adapters/system/clock.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { explain, explanationToJson, renderExplanation } from '#app/rules/explain.ts';
import { nearestName } from '#config/nearest-name.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { Labels } from '#core/labels.ts';
import { readConfiguration } from './configured.ts';
import { openPast, parseTime, readRules } from './rules-past.ts';
import { openTextOutput } from './text-output.ts';

/** What was asked for. */
export interface RulesExplainCommand {
  readonly alert: string;
  readonly at: string;
  /** `label=value` each. */
  readonly labels: readonly string[];
  readonly from: readonly string[];
  readonly to: string | null;
  readonly kafka: string | true | null;
  /** Rule files; empty for those of the configuration. */
  readonly rules: readonly string[];
  readonly json: boolean;
  readonly config: string | null;
  readonly system: SystemProcess;
}

const command = 'rules explain';

/** Resolves to the exit status: 0; 2 for wrong usage, an unknown alert among it; 3 where the rules have errors. */
export async function runRulesExplain(options: RulesExplainCommand): Promise<number> {
  const { from, to, kafka, json, config, system } = options;
  const configuration = await readConfiguration(config, system, { withRules: false });
  if (configuration === null) return 1;
  const { settings } = configuration;
  const paths = options.rules.length > 0 ? options.rules : settings.rules;
  const rules = await readRules(paths, settings, { command, system });
  if (typeof rules === 'number') return rules;
  const asked = readQuestion(options, rules);
  if (typeof asked === 'string') {
    system.stderr.write(`flagwatch ${command}: ${asked}\n`);
    return 2;
  }
  const opened = await openPast({ command, from, to, kafka, jobs: null, system }, configuration);
  if (typeof opened === 'number') return opened;
  try {
    const explanation = await explain(opened.past, { ...asked, windowMs: settings.windowMs });
    const text = json ? `${JSON.stringify(explanationToJson(explanation))}\n` : renderExplanation(explanation);
    await openTextOutput(system.stdout).write(text);
    return 0;
  } finally {
    await opened.close();
  }
}

function readQuestion(
  { alert, at, labels }: RulesExplainCommand,
  rules: readonly AlertRule[],
): { readonly rule: AlertRule; readonly atMs: number; readonly labels: Labels } | string {
  const rule = rules.find((one) => one.alert === alert);
  if (rule === undefined) {
    const names = rules.map((one) => one.alert);
    const nearest = nearestName(alert, names);
    return `no rule is named ${alert}${nearest === null ? `; there are ${names.join(', ')}` : `: did you mean ${nearest}?`}`;
  }
  const atMs = parseTime(at, systemClock.nowMs());
  if (atMs === null)
    return `--at ${at} is no time: write date, time and zone (2026-03-02T09:06:10Z), or how long ago (2h)`;
  const pairs = labels.map((text) => /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text));
  const wrong = labels.find((_text, i) => pairs[i] === null);
  if (wrong !== undefined) return `${wrong} is no label: write name=value`;
  return { rule, atMs, labels: Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''])) };
}
