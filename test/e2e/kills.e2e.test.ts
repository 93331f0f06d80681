// The same lines while processes are killed with SIGKILL at random moments: the same counts, the same documents, the same one message.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { loopNames } from '#app/loops.ts';
import { FlagwatchProcess } from '../support/flagwatch-process.ts';
import { expectOutcome, finished } from './outcome.ts';
import { incidentLines, openWorld, type World } from './world.ts';

/** More than the 20 that are asked for; each loop is killed as often as the others. */
const killCount = 25;
/** Lines come over this time, so that kills fall into all of it: before, in and after the incident. */
const produceMs = 70_000;

let world: World | null = null;
const processes = new Map<string, FlagwatchProcess>();
afterAll(async () => {
  await Promise.all([...processes.values()].map((process) => process.kill()));
  await world?.stop();
});

async function produceSlowly(at: World, lines: ReturnType<typeof incidentLines>): Promise<void> {
  const steps = 100;
  const size = Math.ceil(lines.length / steps);
  for (let i = 0; i < lines.length; i += size) {
    await at.produce(lines.slice(i, i + size));
    await wait(produceMs / steps);
  }
}

describe('under SIGKILL', () => {
  it(`gives the same after ${killCount} kills over the five loops`, async () => {
    world = await openWorld({ extra: 'detect: { snapshot_interval: 10s }\ncorrelate: { snapshot_interval: 10s }' });
    const env = { SLACK_BOT_TOKEN: world.slack.token };
    for (const loop of loopNames) {
      const process = new FlagwatchProcess(['run', '-c', world.configFile, '--loops', loop], env);
      processes.set(loop, process);
      process.start();
    }
    const lines = incidentLines(3);
    const producing = produceSlowly(world, lines);
    let killed = 0;
    while (killed < killCount) {
      // Between half a second and five: some kills meet a process that is starting, some one that works.
      await wait(500 + Math.random() * 4500);
      const loop = loopNames[killed % loopNames.length] ?? 'collect';
      const process = processes.get(loop);
      expect(process?.isRunning, `${loop} ended by itself: ${process?.log.slice(-3000)}`).toBe(true);
      await process?.kill();
      process?.start();
      killed += 1;
    }
    await producing;
    const log = () => [...processes].map(([loop, process]) => `== ${loop}\n${process.log.slice(-2500)}`).join('\n');
    await finished(world, lines.length, 180_000, log);
    await expectOutcome(world, lines);
    for (const process of processes.values()) expect(await process.terminate()).toBe(0);
  }, 420_000);
});
