// What the commands that try rules on the past have in common: --from, --to, rule files, the store.
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { findLineFiles } from '#adapters/file/line-files.ts';
import { findYamlFiles, readYamlFiles } from '#adapters/file/yaml-files.ts';
import { systemClock } from '#adapters/system/clock.ts';
import type { SystemProcess } from '#adapters/system/process.ts';
import { openDocumentSearch, openKafkaWindows } from '#app/connections.ts';
import { type KeptSpan, type Past, pastOfKafka, pastOfLines, pastOfStore } from '#app/past/past.ts';
import { hasErrors } from '#config/finding.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import { renderFinding } from '#config/render-finding.ts';
import { isInstant } from '#config/rule-test-schema.ts';
import type { Settings } from '#config/settings.ts';
import { parseDuration } from '#core/duration.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { silentLogger } from '#ports/logger.ts';
import type { Configuration } from './configured.ts';

/** What such a command is given. */
export interface PastOptions {
  /** Name of the command, for messages. */
  readonly command: string;
  /** Files with lines, or one time. */
  readonly from: readonly string[];
  readonly to: string | null;
  /** Name of the Kafka cluster to read the windows from; `true` for the only one, `null` for the document store. */
  readonly kafka: string | true | null;
  /** Threads for windows that are kept; `null` for as many as there are cores. */
  readonly jobs: string | null;
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
export async function openPast(options: PastOptions, configuration: Configuration): Promise<OpenedPast | number> {
  const opened = await openAny(options, configuration);
  if (typeof opened !== 'string') return opened;
  options.system.stderr.write(`flagwatch ${options.command}: ${opened}\n`);
  return 2;
}

/** A past, and what closes it. */
interface OpenedPast {
  readonly past: Past;
  close(): Promise<void>;
}

/** More threads wait for the one that reads. */
const maxJobs = 64;

const wanted = 'write date, time and zone (2026-03-02T09:00:00Z), or how long ago (2h)';

async function openAny(
  { from, to, kafka, jobs, system }: PastOptions,
  { settings, root }: Configuration,
): Promise<OpenedPast | string> {
  const nowMs = systemClock.nowMs();
  const threads = jobs === null ? Math.min(availableParallelism(), maxJobs) : Number(jobs);
  if (!Number.isInteger(threads) || threads < 1 || threads > maxJobs) {
    return `--jobs ${jobs} is no number of threads: write 1 to ${maxJobs}`;
  }
  const toMs = to === null ? null : parseTime(to, nowMs);
  if (to !== null && toMs === null) return `--to ${to} is no time: ${wanted}`;
  const fromMs = from.length === 1 ? await parseFrom(from[0] ?? '', nowMs, system) : null;
  if (fromMs !== null) {
    const span = { fromMs, toMs: toMs ?? nowMs, jobs: threads };
    return openKept(span, kafka, { settings, root });
  }
  if (kafka !== null) return `--kafka reads windows: --from has to be a time: ${wanted}`;
  const missing = await firstMissing(from, system);
  if (missing !== null) return `--from ${missing} is neither a file nor a time: ${wanted}`;
  const files = await findLineFiles(from, system.workingFolder);
  return { past: pastOfLines(settings, files, { fromMs: null, toMs }), close: () => Promise.resolve() };
}

/** What flagwatch itself has kept. */
function openKept(
  span: KeptSpan,
  kafka: PastOptions['kafka'],
  { settings, root }: Pick<Configuration, 'settings' | 'root'>,
): OpenedPast | string {
  if (span.fromMs >= span.toMs) return '--from is not before --to';
  if (kafka === null) {
    const search = openDocumentSearch(settings, root);
    return { past: pastOfStore(settings, search, span), close: () => search.close() };
  }
  const past = kafkaPast(kafka, settings, span);
  return typeof past === 'string' ? past : { past, close: () => Promise.resolve() };
}

/** The past in Kafka, or why there is none. */
function kafkaPast(name: string | true, settings: Settings, span: KeptSpan): Past | string {
  const { kafka } = settings;
  if (kafka === undefined) return '--kafka: the settings name no Kafka cluster';
  const names = kafka.clusters.map((cluster) => cluster.name);
  const found = kafka.clusters.filter((cluster) => name === true || cluster.name === name);
  const [cluster] = found;
  if (cluster === undefined) return `--kafka ${name}: there is no such cluster, only ${names.join(', ')}`;
  if (found.length > 1) return `--kafka: which cluster? There are ${names.join(', ')}`;
  const deps = { logger: silentLogger, clock: systemClock };
  return pastOfKafka(settings, (wanted) => openKafkaWindows(settings, kafka, cluster, { ...wanted, deps }), span);
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
