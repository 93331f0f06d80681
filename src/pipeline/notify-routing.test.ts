// Groups, several places, silences and shadow rules at work in the loop, killed at any moment.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { RouteConfig, RoutingConfig } from '#core/notify/routing.ts';
import type { Silence } from '#core/notify/silence.ts';
import type { AlertStep } from '../../test/support/notify-builders.ts';
import { aStep } from '../../test/support/notify-builders.ts';
import type { Accident, Fate } from '../../test/support/notify-world.ts';
import { eachAlert, NotifyWorld } from '../../test/support/notify-world.ts';

const minute = 60_000;
const base = 1_700_000_000_000;

const step = (own: AlertStep) => aStep(base, { ...own, labels: { severity: 'warning', ...own.labels } });

const silence = (changes: Partial<Silence> = {}): Silence => ({
  id: 's1',
  matchers: [{ label: 'alertname', operator: '=', value: 'Flags' }],
  fromMs: base,
  untilMs: base + 60 * minute,
  author: 'mina',
  reason: 'known',
  ...changes,
});

function routing(route: Partial<RouteConfig>, rest: Partial<RoutingConfig> = {}): RoutingConfig {
  return { ...eachAlert, route: { ...eachAlert.route, ...route }, ...rest };
}

const shown = (world: NotifyWorld) => world.channel.messages.map(({ key, steps }) => ({ key, steps }));
const count = ({ meter }: NotifyWorld, outcome: string) =>
  meter.counts.get(`flagwatch_messages_total{outcome=${outcome}}`) ?? 0;

async function worked(
  inputs: readonly (AlertTransition | Silence)[],
  config: RoutingConfig,
  { tickSeconds = 0, fate = () => null }: { readonly tickSeconds?: number; readonly fate?: Fate } = {},
): Promise<NotifyWorld> {
  const world = new NotifyWorld(inputs, fate, { routing: config });
  world.tickSeconds = tickSeconds;
  await world.work();
  return world;
}

describe('a group', () => {
  const byName = routing({ groupBy: ['alertname'] });

  it('is one message, over when all of it is over', async () => {
    const world = await worked(
      [
        step({ fp: 'a', at: 1 }),
        step({ fp: 'b', at: 2 }),
        step({ fp: 'a', at: 3, status: 'resolved', since: 1 }),
        step({ fp: 'b', at: 4, status: 'resolved', since: 2 }),
        step({ fp: 'b', at: 9 }),
      ],
      byName,
    );
    const steps = [1, 2, 3, 4].map(
      (at, i) => `${i % 2 === 0 ? 'a' : 'b'}-${i < 2 ? 'firing' : 'resolved'}-${base + at * 1000}`,
    );
    expect(shown(world).map((message) => message.steps)).toEqual([steps, [`b-firing-${base + 9000}`]]);
    const [first] = world.channel.messages;
    const content = world.channel.contents.get(first?.key ?? '');
    expect(content?.status).toBe('resolved');
    expect(content?.summary).toContain('All 2 alerts are over:');
    expect(content?.alerts?.map(({ status }) => status)).toEqual(['resolved', 'resolved']);
  });

  it('says below the message that it got worse, once', async () => {
    const world = await worked(
      [
        step({ fp: 'a', at: 1 }),
        step({ fp: 'b', at: 2, labels: { severity: 'critical' } }),
        step({ fp: 'c', at: 3, labels: { severity: 'critical' } }),
      ],
      byName,
    );
    expect(world.channel.replies).toEqual([`severity-b-firing-${base + 2000}`]);
  });

  it('waits for group_wait, then tells all at once; a stop does not wait', async () => {
    const waiting = routing({ groupBy: [], groupWaitMs: 30_000 });
    const alerts = [step({ fp: 'a', at: 1 }), step({ fp: 'b', at: 2 })];
    const world = await worked(alerts, waiting, { tickSeconds: 28 });
    expect(count(world, 'waiting')).toBe(2);
    expect(shown(world).map(({ steps }) => steps)).toEqual([[`b-firing-${base + 2000}`]]);
    const later = await worked(alerts, waiting, { tickSeconds: 40 });
    expect(shown(later)).toEqual(shown(world));
  });

  it('is called to mind after repeat_interval', async () => {
    const world = await worked([step({ fp: 'a', at: 1 })], routing({ repeatIntervalMs: 20_000 }), { tickSeconds: 50 });
    expect(world.channel.replies).toHaveLength(2);
    expect(shown(world)[0]?.steps).toHaveLength(1);
  });
});

describe('a silence', () => {
  it('keeps beginnings back, until it ends', async () => {
    const world = await worked([silence(), step({ fp: 'a', at: 1 }), silence({ untilMs: base + 5000 })], eachAlert, {
      tickSeconds: 3,
    });
    expect(count(world, 'silenced')).toBe(1);
    expect(shown(world)).toEqual([]);
    const later = await worked([silence({ untilMs: base + 5000 }), step({ fp: 'a', at: 1 })], eachAlert, {
      tickSeconds: 6,
    });
    expect(shown(later)).toHaveLength(1);
  });

  it('does not keep back the end of what was told', async () => {
    const world = await worked(
      [step({ fp: 'a', at: 1 }), silence(), step({ fp: 'a', at: 5, status: 'resolved', since: 1 })],
      eachAlert,
    );
    expect(shown(world)[0]?.steps).toHaveLength(2);
  });

  it('is announced before it ends, where somebody was told', async () => {
    const ends = silence({ untilMs: base + 20 * minute });
    const world = await worked([step({ fp: 'a', at: 1 }), ends], eachAlert, { tickSeconds: 8 * 60 });
    expect(world.channel.replies).toEqual([`silence-s1-${base + 20 * minute}`]);
  });

  it('is remembered in the state, and forgotten long after its end', async () => {
    const world = await worked([silence()], eachAlert);
    expect([...world.state.keys()]).toEqual(['silence/s1']);
    const old = await worked([silence({ untilMs: base - 25 * 60 * minute }), step({ fp: 'a', at: 1 })], eachAlert, {
      tickSeconds: 2,
    });
    expect([...old.state.keys()]).toEqual([`incident/a-${base + 1000}`]);
  });
});

describe('muting, shadows, and nobody', () => {
  it('holds a muted route’s beginnings', async () => {
    const always = { times: [], weekdays: [], daysOfMonth: [], months: [], years: [], location: 'UTC' };
    const child: RouteConfig = {
      matchers: [{ label: 'severity', operator: '=', value: 'warning' }],
      continues: false,
      muteTimeIntervals: ['always'],
      activeTimeIntervals: [],
      routes: [],
    };
    const config = routing({ routes: [child] }, { timeIntervals: { always: [always] } });
    const world = await worked(
      [step({ fp: 'a', at: 1 }), step({ fp: 'b', at: 2, labels: { severity: 'critical' } })],
      config,
    );
    expect(count(world, 'muted')).toBe(1);
    expect(world.channel.messages.map(({ key }) => key.split('-')[0])).toEqual(['b']);
  });

  it('records shadows and tells nobody', async () => {
    const world = await worked([step({ fp: 'a', at: 1, isShadow: true })], eachAlert);
    expect(count(world, 'shadow')).toBe(1);
    expect(shown(world)).toEqual([]);
  });

  it('tells nobody where a receiver has no place', async () => {
    const world = await worked(
      [step({ fp: 'a', at: 1 }), step({ fp: 'a', at: 2, status: 'resolved', since: 1 })],
      routing({}, { receivers: { default: [] } }),
    );
    expect(count(world, 'no_receiver')).toBe(2);
    expect(world.state.size).toBe(0);
  });
});

describe('several places', () => {
  const config = routing({}, { receivers: { default: ['default', 'hook'] } });
  const alerts = [
    step({ fp: 'a', at: 1 }),
    step({ fp: 'b', at: 2 }),
    step({ fp: 'a', at: 3, status: 'resolved', since: 1 }),
  ];

  it('are all told, each transition counted once', async () => {
    const world = await worked(alerts, config);
    expect(world.places.get('hook')?.messages.map(({ steps }) => steps.length)).toEqual([2, 1]);
    expect(shown(world).map(({ steps }) => steps.length)).toEqual([2, 1]);
    expect(count(world, 'posted') + count(world, 'updated')).toBe(3);
    expect(world.meter.counts.get('flagwatch_deliveries_total{target=hook,outcome=posted}')).toBe(2);
  });

  it('do not wait for one that is away, which hears how things are when it is back', async () => {
    let failing = 200;
    const world = await worked(alerts, config, {
      fate: (point) => {
        if (!point.startsWith('hook') || failing === 0) return null;
        failing -= 1;
        return 'retryable';
      },
    });
    expect(shown(world).map(({ steps }) => steps.length)).toEqual([2, 1]);
  });

  it('are told the same, killed anywhere', async () => {
    const accidents = fc.array(fc.tuple(fc.nat(90), fc.constantFrom<Accident>('kill')), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(accidents, fc.integer({ min: 1, max: 4 }), async (chosen, batchSize) => {
        const calm = await worked(alerts, config);
        let point = -1;
        const at = new Map(chosen);
        const world = new NotifyWorld(
          alerts,
          () => {
            point += 1;
            return at.get(point) ?? null;
          },
          { routing: config },
        );
        await world.workThroughKills(batchSize);
        const latest = (one: NotifyWorld) =>
          [one.channel, one.places.get('hook')].map((place) =>
            place?.messages.map(({ key, steps }) => [key, steps.at(-1)]).sort(),
          );
        expect(latest(world)).toEqual(latest(calm));
        expect([...world.state.keys()].sort()).toEqual([...calm.state.keys()].sort());
      }),
      { numRuns: 200 },
    );
  });
});
