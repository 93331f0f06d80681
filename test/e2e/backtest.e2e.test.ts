// A backtest and the live pipeline give the same alerts on the same lines: from the lines themselves to the millisecond, from the windows
// that index kept to the window.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/flagwatch-process.ts';
import { incidentLines } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'flagwatch-backtest-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rules = join(import.meta.dirname, '..', '..', 'rules');
const log = join(folder, 'incident.log');
const config = join(folder, 'flagwatch.yaml');
const lines = incidentLines(11);

interface FiringJson {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly fired_at: string;
  readonly resolved_at: string | null;
}
interface Step {
  readonly alert: string;
  readonly labels: string;
  readonly status: string;
  readonly atMs: number;
}

const stepsOf = (firings: readonly FiringJson[]): readonly Step[] =>
  firings
    .flatMap(({ alert, labels, fired_at: firedAt, resolved_at: resolvedAt }) => [
      { alert, labels: textOf(labels), status: 'firing', atMs: Date.parse(firedAt) },
      ...(resolvedAt === null
        ? []
        : [{ alert, labels: textOf(labels), status: 'resolved', atMs: Date.parse(resolvedAt) }]),
    ])
    .sort(compareSteps);

/** What names an edge; the data centre of a replay has another name. */
function textOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort());
}

function compareSteps(a: Step, b: Step): number {
  return a.atMs - b.atMs || `${a.alert}${a.labels}`.localeCompare(`${b.alert}${b.labels}`);
}

/** What the pipeline itself wrote about its alerts. */
function liveSteps(): readonly Step[] {
  const database = new DatabaseSync(join(folder, 'flagwatch.db'), { readOnly: true });
  const rows = database.prepare(`SELECT json FROM documents WHERE dataset = 'flagwatch.alerts'`).all() as {
    json: string;
  }[];
  database.close();
  return rows
    .map(({ json }) => {
      const { rule, flagwatch, ...document } = JSON.parse(json) as {
        '@timestamp': string;
        rule: { name: string };
        flagwatch: { alert: { status: string; labels: Record<string, string> } };
      };
      const { status, labels } = flagwatch.alert;
      return { alert: rule.name, labels: textOf(labels), status, atMs: Date.parse(document['@timestamp']) };
    })
    .filter(({ status }) => status === 'firing' || status === 'resolved')
    .sort(compareSteps);
}

/** The settings of a store that lacks the documents of one kind. */
function copyWithout(dataset: string): string {
  const path = join(folder, `without-${dataset}.db`);
  const database = new DatabaseSync(join(folder, 'flagwatch.db'));
  database.exec(`VACUUM INTO '${path}'`);
  database.close();
  const copy = new DatabaseSync(path);
  const { changes } = copy.prepare('DELETE FROM documents WHERE dataset = ?').run(`flagwatch.${dataset}`);
  copy.close();
  expect(changes).toBeGreaterThan(0);
  const settings = join(folder, `without-${dataset}.yaml`);
  writeFileSync(settings, `store: { path: "${path}" }\n`);
  return settings;
}

async function backtest(...args: readonly string[]): Promise<readonly Step[]> {
  const settings = args.includes('-c') ? [] : ['-c', config];
  const { status, stdout, stderr } = await runCommand(['rules', 'backtest', rules, '--json', ...settings, ...args]);
  expect([status, stderr]).toEqual([0, '']);
  return stepsOf((JSON.parse(stdout) as { firings: FiringJson[] }).firings);
}

describe('flagwatch rules backtest', () => {
  beforeAll(async () => {
    writeFileSync(log, `${lines.map(({ line }) => line).join('\n')}\n`);
    writeFileSync(
      config,
      `files: ["incident.log"]\nrules: ["${rules}/*.yaml"]\nhttp: { listen: "127.0.0.1:0" }\nidle_timeout: 2s\n`,
    );
    const live = await runCommand(['run', '-c', config]);
    expect(live.status, live.stderr.slice(-2000)).toBe(0);
  });

  it('gives on the lines what the pipeline gave live', async () => {
    const live = liveSteps();
    expect(live.filter(({ status }) => status === 'firing').length).toBeGreaterThan(0);
    expect(await backtest('--from', log)).toEqual(live);
  });

  it('gives on the windows that were kept the same alerts, at the ends of their windows', async () => {
    const toWindow = (steps: readonly Step[]) =>
      steps.map((step) => ({ ...step, atMs: Math.ceil(step.atMs / 10_000) * 10_000 })).sort(compareSteps);
    const live = toWindow(liveSteps());
    expect(await backtest('--from', '6h')).toEqual(live);
    // Once from the blocks alone, once from the documents alone.
    for (const dataset of ['windows', 'window-blocks']) {
      const copy = copyWithout(dataset);
      expect([dataset, await backtest('--from', '6h', '-c', copy)]).toEqual([dataset, live]);
    }
  });

  it('finds nothing changed between rules and themselves, and shows what a change loses', async () => {
    const same = await runCommand(['rules', 'diff', rules, rules, '--from', log]);
    expect(same.stdout).toMatch(/firings: 0 gained, 0 lost, 0 earlier, 0 later, [1-9]\d* same/);
    const one = await runCommand(['rules', 'diff', rules, join(rules, 'dc.yaml'), '--from', log, '--json']);
    const { changes } = JSON.parse(one.stdout) as { changes: { change: string }[] };
    expect(new Set(changes.map(({ change }) => change))).toEqual(new Set(['lost']));
  });

  it('explains the firing gate by gate, and says what is wrong with a question', async () => {
    const fired = liveSteps().find(({ alert }) => alert === 'UpstreamConnectionTermination');
    const at = new Date(fired?.atMs ?? 0).toISOString();
    const ask = (...args: readonly string[]) =>
      runCommand(['rules', 'explain', '-r', rules, '--from', log, '--at', at, ...args]);
    const { status, stdout } = await ask('UpstreamConnectionTermination', 'destination_version=v2');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/window .*: anomaly; alert firing since/)]);
    expect(stdout).toMatch(/✓ z: .*; needed at least \d/);
    const wrong = await ask('UpstreamConectionTermination');
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('did you mean UpstreamConnectionTermination?'),
    ]);
    const nowhere = await runCommand(['rules', 'backtest', rules, '--from', 'no-such-file']);
    expect([nowhere.status, nowhere.stderr]).toEqual([2, expect.stringContaining('is neither a file nor a time')]);
    const threads = await runCommand(['rules', 'backtest', rules, '--from', '1h', '--jobs', '0', '-c', config]);
    expect([threads.status, threads.stderr]).toEqual([2, expect.stringContaining('--jobs 0 is no number of threads')]);
  });
});
