// 20,000 recorded lines with a bad deploy through Kafka into `flagwatch run`, on real services: everything once, one message.
import { afterEach, describe, expect, it } from 'vitest';
import { FlagwatchProcess, runCommand } from '../support/flagwatch-process.ts';
import { expectOutcome, finished } from './outcome.ts';
import { incidentLines, openWorld, type World } from './world.ts';

let world: World | null = null;
const processes: FlagwatchProcess[] = [];
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  await world?.stop();
  world = null;
});

function startRun(args: readonly string[], at: World): FlagwatchProcess {
  const process = new FlagwatchProcess(['run', '-c', at.configFile, ...args], { SLACK_BOT_TOKEN: at.slack.token });
  processes.push(process);
  process.start();
  return process;
}

describe('the pipeline end to end', () => {
  it('makes every line one document, windows equal to a recount, and one message that is edited once', async () => {
    world = await openWorld();
    const lines = incidentLines(1);
    expect(lines.length).toBeGreaterThan(20_000);
    const run = startRun([], world);
    await world.produce(lines);
    await finished(world, lines.length, 120_000, () => run.log);
    await expectOutcome(world, lines);
    expect(await run.terminate()).toBe(0);

    const search = (...args: string[]) =>
      runCommand(['search', ...args, '-c', configFile], { SLACK_BOT_TOKEN: slack.token });
    const { configFile, slack } = world;
    const broken = lines.find(
      ({ pod, line }) => pod.startsWith('payments-v2') && line.includes('"response_flags":"UC"'),
    );
    const { request_id: id, x_b3_traceid: trace } = JSON.parse(broken?.line ?? '{}') as Record<string, string>;
    for (const found of [await search('--request', String(id)), await search('--trace', String(trace))]) {
      expect([found.status, found.stderr]).toEqual([0, '']);
      expect(found.stdout).toMatch(/✗ .*-> payments v2 .*destination 503 UC/);
      expect(found.stdout).toContain('payments v2: app_closed, who acts: callee (evidence: both sides)');
      expect(found.stdout).toContain('payments v2 closed the connection before it answered');
    }
    const deploy = await search('--deploy', 'd-2215');
    expect(deploy.stdout).toContain('deploy d-2215 of payments v2');
    expect(deploy.stdout).toMatch(
      /UC in others too: \d\d\.\d % here, at most 0\.\d+ % there|ONLY in this deploy: .*UC/,
    );
    expect(deploy.stdout).toMatch(/v2 \(d-2215\).*failed requests .*app_closed \(callee\) \d+ of \d+/);
    expect(deploy.stdout).toMatch(/v1 \(d-2201\), the one it replaces/);
    expect(deploy.stdout).toMatch(/Faults: .*app_closed \(callee\)/);
  });

  it('tells in time while Elasticsearch is away for a minute, and then has every document', async () => {
    world = await openWorld();
    const { slack, elasticsearch } = world;
    const lines = incidentLines(2);
    const run = startRun([], world);
    await elasticsearch.kill();
    const goneAtMs = Date.now();
    await world.produce(lines);
    while (slack.messages().length === 0 && Date.now() - goneAtMs < 60_000)
      await new Promise((go) => setTimeout(go, 200));
    const toldAfterMs = Date.now() - goneAtMs;
    expect(slack.messages(), run.log.slice(-3000)).toHaveLength(1);
    expect(toldAfterMs).toBeLessThan(40_000);
    await new Promise((go) => setTimeout(go, Math.max(0, 60_000 - (Date.now() - goneAtMs))));
    await elasticsearch.restart();
    await finished(world, lines.length, 120_000, () => run.log);
    await expectOutcome(world, lines);
  });
});
