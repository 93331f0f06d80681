// Services that are not there at start are waited for with a clear message; SIGTERM drains and commits; a wrong configuration says where.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, FlagwatchProcess, runCommand } from '../support/flagwatch-process.ts';
import { countDocuments, expectedLineIds, incidentLines, openWorld, type World } from './world.ts';

let world: World;
const processes: FlagwatchProcess[] = [];
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await world.stop();
});

function startRun(): FlagwatchProcess {
  const process = new FlagwatchProcess(['run', '-c', world.configFile], { SLACK_BOT_TOKEN: world.slack.token });
  processes.push(process);
  process.start();
  return process;
}

const urlOf = (run: FlagwatchProcess): string | null => /"url":"(http[^"]+)"/.exec(run.log)?.[1] ?? null;
const logOf = (run: FlagwatchProcess) => () => run.log.slice(-3000);

async function readiness(run: FlagwatchProcess): Promise<string | null> {
  const url = urlOf(run);
  return url === null ? null : await (await fetch(`${url}/readyz`)).text();
}

describe('start and stop', () => {
  it('waits for Kafka and Elasticsearch, says so, and begins when they are there', async () => {
    await Promise.all([world.kafka.kill(0), world.elasticsearch.kill()]);
    const run = startRun();
    const waiting = await eventually(() => readiness(run), { timeoutMs: 20_000, describe: logOf(run) });
    expect(waiting).toBe('waiting for: kafka, elasticsearch\n');
    await eventually(async () => (run.log.includes('waiting for Kafka dc1') ? true : null), {
      timeoutMs: 20_000,
      describe: logOf(run),
    });
    await Promise.all([world.kafka.restart(0), world.elasticsearch.restart()]);
    const isReady = async () => ((await readiness(run)) === 'ready\n' ? true : null);
    await eventually(isReady, { timeoutMs: 60_000, describe: logOf(run) });
    expect(await run.terminate()).toBe(0);
  });

  it('commits what it has when it is asked to stop: the next process begins behind it', async () => {
    const lines = incidentLines(5).slice(0, 3000);
    const first = startRun();
    await world.produce(lines);
    const isIndexed = (count: number) => async () => ((await countDocuments(world, 'lines')) >= count ? true : null);
    await eventually(isIndexed(lines.length), { timeoutMs: 60_000, describe: logOf(first) });
    const metricsText = async (run: FlagwatchProcess) => await (await fetch(`${urlOf(run)}/metrics`)).text();
    expect(await metricsText(first)).toMatch(/flagwatch_lines_total\{[^}]*outcome="counted"\} \d+/);
    expect(await first.terminate()).toBe(0);
    const second = startRun();
    const isReady = async () => ((await readiness(second)) === 'ready\n' ? true : null);
    await eventually(isReady, { timeoutMs: 30_000, describe: logOf(second) });
    await world.produce(lines.slice(0, 10));
    await eventually(isIndexed(lines.length + 10), { timeoutMs: 60_000, describe: logOf(second) });
    const duplicates =
      /documents_total\{kind="lines",outcome="duplicate"\} (\d+)/.exec(await metricsText(second))?.[1] ?? '0';
    expect(Number(duplicates)).toBe(0);
    expect(await second.terminate()).toBe(0);
  });
});

describe('Kafka away for a while', () => {
  it('is survived: what came before and after is there once', async () => {
    const before = await countDocuments(world, 'lines');
    const lines = incidentLines(8).slice(0, 4000);
    const run = startRun();
    await world.produce(lines.slice(0, 2000));
    const isIndexed = (count: number) => async () => ((await countDocuments(world, 'lines')) >= count ? true : null);
    await eventually(isIndexed(before + 100), { timeoutMs: 60_000, describe: logOf(run) });
    await world.kafka.kill(0);
    await new Promise((go) => setTimeout(go, 5000));
    await world.kafka.restart(0);
    await world.produce(lines.slice(2000));
    // The test's own producer may have written a batch twice, to a broker that answered too late: what is in the topic counts.
    const inTopic = (await expectedLineIds(world)).length;
    expect(inTopic).toBeGreaterThanOrEqual(before + lines.length);
    await eventually(isIndexed(inTopic), { timeoutMs: 90_000, describe: logOf(run) });
    expect(await countDocuments(world, 'lines')).toBe(inTopic);
    expect(run.isRunning).toBe(true);
    expect(await run.terminate()).toBe(0);
  });
});

describe('a wrong configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flagwatch-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ends with file, line, column, value and remedy, and starts nothing', async () => {
    const file = join(folder, 'flagwatch.yaml');
    const token = ['$', '{NO_SUCH_VARIABLE}'].join('');
    writeFileSync(file, `windw: 10s\nallowed_lateness: soon\nslack: { token: "${token}", channel: "#a" }\n`);
    const { status, stderr } = await runCommand(['run', '-c', file]);
    expect(status).toBe(1);
    expect(stderr).toContain(`${file}:1:1: error:`);
    expect(stderr).toContain('window');
    expect(stderr).toContain(`${file}:2:19: error:`);
    expect(stderr).toContain('NO_SUCH_VARIABLE');
  });

  it('names a loop that does not exist, and those that do', async () => {
    const { status, stderr } = await runCommand(['run', '--loops', 'colect']);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('no loop “colect”: there are index, collect, correlate, detect, notify'),
    ]);
  });
});
