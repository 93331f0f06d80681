// What the commands that try rules on the past have in common: --from, --to, rule files, the store.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findLineFiles } from '#adapters/file/line-files.ts';
import { findYamlFiles, readYamlFiles } from '#adapters/file/yaml-files.ts';
import { systemClock } from '#adapters/system/clock.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { openDocumentSearch } from '#app/connections.ts';
import { type Past, pastOfLines, pastOfStore } from '#app/rules/past.ts';
import { hasErrors } from '#config/finding.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import { renderFinding } from '#config/render-finding.ts';
import { isInstant } from '#config/rule-test-schema.ts';
import type { Settings } from '#config/settings.ts';
import { parseDuration } from '#core/duration.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { Configuration } from './configured.ts';

/** What such a command is given. */
export interface PastOptions {
  /** Name of the command, for messages. */
  readonly command: string;
  /** Files with lines, or one time. */
  readonly from: readonly string[];
  readonly to: string | null;
  readonly system: SystemProcess;
}

/** Columns where the output is no terminal. */
export const defaultColumns = 120;

/** A time as people write it: date, time and zone, or how long ago (`2h`); `null` for neither. */
export function parseTime(text: string, nowMs: number): number | null {
  if (isInstant(text)) return Date.parse(text);
  if (text === 'now') return nowMs;
  const agoMs = parseDuration(text);
  return agoMs === null ? null : nowMs - agoMs;
}

/** The past that was asked for, or the exit status 2 where it cannot be told what that is: then standard error says why. */
export async function openPast(
  { command, from, to, system }: PastOptions,
  { settings, root }: Configuration,
): Promise<{ readonly past: Past; readonly close: () => Promise<void> } | number> {
  const refuse = (why: string): number => {
    system.stderr.write(`flagwatch ${command}: ${why}\n`);
    return 2;
  };
  const nowMs = systemClock.nowMs();
  const toMs = to === null ? null : parseTime(to, nowMs);
  const wanted = 'write date, time and zone (2026-03-02T09:00:00Z), or how long ago (2h)';
  if (to !== null && toMs === null) return refuse(`--to ${to} is no time: ${wanted}`);
  const fromMs = from.length === 1 ? await parseFrom(from[0] ?? '', nowMs, system) : null;
  if (fromMs !== null) {
    const span = { fromMs, toMs: toMs ?? nowMs };
    if (span.fromMs >= span.toMs) return refuse('--from is not before --to');
    const search = openDocumentSearch(settings, root);
    return { past: pastOfStore(settings, search, span), close: () => search.close() };
  }
  const missing = await firstMissing(from, system);
  if (missing !== null) return refuse(`--from ${missing} is neither a file nor a time: ${wanted}`);
  const files = await findLineFiles(from, system.workingFolder);
  return { past: pastOfLines(settings, files, { fromMs: null, toMs }), close: () => Promise.resolve() };
}

/** A file may be named like a duration. */
async function parseFrom(text: string, nowMs: number, { workingFolder }: SystemProcess): Promise<number | null> {
  const isFile = await stat(resolve(workingFolder, text)).catch(() => null);
  return isFile === null ? parseTime(text, nowMs) : null;
}

async function firstMissing(from: readonly string[], { workingFolder }: SystemProcess): Promise<string | null> {
  for (const path of from) {
    const found = await stat(resolve(workingFolder, path)).catch(() => null);
    if (found === null && !/[*?[\]{}]/.test(path)) return path;
  }
  return null;
}

/** The rules of files, folders and globs, or the exit status: 2 where a path leads to nothing, 3 where they have errors. */
export async function readRules(
  paths: readonly string[],
  settings: Settings,
  { command, system }: Pick<PastOptions, 'command' | 'system'>,
): Promise<readonly AlertRule[] | number> {
  const { stderr, workingFolder } = system;
  const found = await findYamlFiles(paths, workingFolder);
  for (const { path, why } of found.unmatched) stderr.write(`flagwatch ${command}: ${path} ${why}\n`);
  if (found.unmatched.length > 0) return 2;
  const { rules, findings } = parseRuleSet(await readYamlFiles(found.files), { windowMs: settings.windowMs });
  for (const finding of findings) if (finding.severity === 'error') stderr.write(renderFinding(finding, null));
  return hasErrors(findings) ? 3 : rules;
}
