import { describe, expect, it } from 'vitest';
import { silentLogger } from '#ports/logger.ts';
import { metrics } from '#telemetry/metrics.ts';
import { StandingClock, SummingMeter } from '../../../test/support/loop-harness.ts';
import type { ReadRuleFile } from './rule-reload.ts';
import { RuleReload } from './rule-reload.ts';

const rule = (alert: string) => `groups:
  - name: g
    rules:
      - alert: ${alert}
        select: { flags: [UC] }
        by: [destination_service]
        spike: {}
        labels: { severity: critical }
`;

/** Files that a test changes, and a source that watches them. */
function aReload() {
  const files = new Map<string, string>([['a.yaml', rule('A')]]);
  const state = { version: 0, problems: [] as string[], reads: 0 };
  const clock = new StandingClock(1000);
  const meter = new SummingMeter();
  const read = (): ReadRuleFile[] => [...files].map(([file, text]) => ({ file, text }));
  const reload = new RuleReload(
    { windowMs: 10_000, intervalMs: 1000 },
    read() as { file: string; text: string }[],
    {
      signature: () => new Promise((resolve) => setImmediate(() => resolve(String(state.version)))),
      read: () => {
        state.reads += 1;
        return Promise.resolve({ files: read(), problems: state.problems });
      },
    },
    { logger: silentLogger, meter, clock },
  );
  const write = (file: string, text: string | null): void => {
    if (text === null) files.delete(file);
    else files.set(file, text);
    state.version += 1;
  };
  const look = async (): Promise<void> => {
    clock.atMs += 1000;
    await reload.look();
  };
  const outcome = (name: string) => meter.total(metrics.rulesReload, { outcome: name });
  return { reload, write, look, state, outcome, clock, meter };
}
const alerts = ({ reload }: ReturnType<typeof aReload>) => reload.current.rules.map(({ alert }) => alert);

describe('the rules of the files', () => {
  it('are loaded when a change has stood still between two looks', async () => {
    const world = aReload();
    await world.look();
    world.write('b.yaml', rule('B'));
    await world.look();
    expect(alerts(world)).toEqual(['A']);
    await world.look();
    expect(alerts(world)).toEqual(['A', 'B']);
    expect(world.state.reads).toBe(1);
    expect(world.meter.total(metrics.rules)).toBe(2);
    world.write('a.yaml', null);
    await world.look();
    await world.look();
    expect(alerts(world)).toEqual(['B']);
    expect(world.outcome('loaded')).toBe(2);
  });

  it('stay what they were while one file is bad, and it is said with its place until it is mended', async () => {
    const world = aReload();
    const { hash } = world.reload.current;
    await world.look();
    world.write('b.yaml', 'groups:\n  - name: g\n    rulez: []\n');
    for (let i = 0; i < 5; i += 1) await world.look();
    expect(world.reload.current.hash).toBe(hash);
    expect(world.reload.problem).toMatch(/^b\.yaml:2:5: rules is missing.*and 1 more/);
    expect([world.outcome('rejected'), world.outcome('loaded')]).toEqual([1, 0]);
    world.write('b.yaml', null);
    await world.look();
    await world.look();
    expect(world.reload.problem).toBeNull();
    expect(world.outcome('loaded')).toBe(1);
  });

  it('are not gone with a path that leads to nothing', async () => {
    const world = aReload();
    await world.look();
    world.state.problems = ['rules/*.yaml matches no .yaml file'];
    world.write('a.yaml', null);
    await world.look();
    await world.look();
    expect(alerts(world)).toEqual(['A']);
    expect(world.reload.problem).toContain('matches no');
  });

  it('are read at once when it is asked for, and now and then whatever the signature says', async () => {
    const world = aReload();
    await world.look();
    world.write('b.yaml', rule('B'));
    world.reload.reload();
    await world.look();
    expect(alerts(world)).toEqual(['A', 'B']);
    world.reload.reload();
    await world.look();
    expect(world.outcome('unchanged')).toBe(1);
    world.write('a.yaml', rule('C'));
    world.state.version -= 1;
    await world.look();
    expect(alerts(world)).toEqual(['A', 'B']);
    world.clock.atMs += 60_000;
    await world.look();
    expect(alerts(world)).toEqual(['C', 'B']);
  });

  it('are watched until the end, and no longer', async () => {
    const world = aReload();
    const stop = new AbortController();
    const watching = world.reload.watch(stop.signal);
    world.write('b.yaml', rule('B'));
    while (alerts(world).length < 2) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await watching;
    expect(alerts(world)).toEqual(['A', 'B']);
  });
});
