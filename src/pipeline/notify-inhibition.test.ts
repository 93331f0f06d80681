// Inhibitions at work in the loop: what is kept back, what waits for its cause, and what is told in the end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { InhibitRule } from '#core/notify/inhibition.ts';
import type { AlertStep } from '../../test/support/notify-builders.ts';
import { aStep } from '../../test/support/notify-builders.ts';
import type { Accident } from '../../test/support/notify-world.ts';
import { eachAlert, NotifyWorld } from '../../test/support/notify-world.ts';

const base = 1_700_000_000_000;

const step = (own: AlertStep) => aStep(base, own);

const count = ({ meter }: NotifyWorld, outcome: string) =>
  meter.counts.get(`flagwatch_messages_total{outcome=${outcome}}`) ?? 0;
const fingerprints = (world: NotifyWorld) => world.channel.messages.map(({ key }) => key.split('-')[0]);

async function worked(inputs: readonly AlertTransition[], rule: InhibitRule, tickSeconds = 0): Promise<NotifyWorld> {
  const world = new NotifyWorld(inputs, () => null, { routing: { ...eachAlert, inhibitRules: [rule] } });
  world.tickSeconds = tickSeconds;
  await world.work();
  return world;
}

describe('inhibition', () => {
  const config = {
    sourceMatchers: [{ label: 'alertname', operator: '=', value: 'Both' } as const],
    targetMatchers: [{ label: 'alertname', operator: '=', value: 'New' } as const],
    equal: ['destination_service'],
  };
  const source = { fp: 'src', alert: 'Both', labels: { destination_service: 'p' } };
  const target = { fp: 'tgt', alert: 'New', labels: { destination_service: 'p' } };

  it('keeps the target back, and tells it when the source is over and it is not', async () => {
    const world = await worked(
      [
        step({ ...source, at: 1 }),
        step({ ...target, at: 2 }),
        step({ ...target, fp: 'other', at: 3, labels: { destination_service: 'q' } }),
        step({ ...source, at: 9, status: 'resolved', since: 1 }),
      ],
      config,
    );
    expect(count(world, 'inhibited')).toBe(1);
    expect(fingerprints(world)).toEqual(['src', 'other', 'tgt']);
  });

  it('says nothing of a target that came and went meanwhile', async () => {
    const world = await worked(
      [
        step({ ...source, at: 1 }),
        step({ ...target, at: 2 }),
        step({ ...target, at: 3, status: 'resolved', since: 2 }),
        step({ ...source, at: 9, status: 'resolved', since: 1 }),
      ],
      config,
    );
    expect(fingerprints(world)).toEqual(['src']);
    expect(world.state.size).toBe(0);
  });
});

describe('inhibition across', () => {
  const gone = [{ label: 'alertname', operator: '=' as const, value: 'Gone' }];
  const across = { destination_service: 'source_service' };
  const rule = { sourceMatchers: gone, targetMatchers: gone, equal: [], equalAcross: across };
  const waiting = { ...rule, waitMs: 5000 };
  const keeping = { ...rule, keepMs: 60_000 };
  const edge = (source: string, destination: string) => ({
    fp: `${source}${destination}`,
    alert: 'Gone',
    labels: { source_service: source, destination_service: destination },
  });

  it('waits for what comes after its consequences, and tells that alone', async () => {
    const alerts = [
      step({ ...edge('b', 'c'), at: 1 }),
      step({ ...edge('c', 'd'), at: 1 }),
      step({ ...edge('a', 'b'), at: 1 }),
    ];
    const world = await worked(alerts, waiting, 20);
    expect(fingerprints(world)).toEqual(['ab']);
    expect(count(world, 'waiting')).toBe(2);
  });

  it('says nothing of a consequence that ends some time after its cause', async () => {
    const alerts = [
      step({ ...edge('a', 'b'), at: 1 }),
      step({ ...edge('b', 'c'), at: 2 }),
      step({ ...edge('a', 'b'), at: 100, status: 'resolved', since: 1 }),
      step({ ...edge('b', 'c'), at: 150, status: 'resolved', since: 2 }),
    ];
    const world = await worked(alerts, keeping, 20);
    expect(fingerprints(world)).toEqual(['ab']);
    expect(world.state.size).toBe(0);
  });

  it('tells one that goes on for longer', async () => {
    const alerts = [
      step({ ...edge('a', 'b'), at: 1 }),
      step({ ...edge('b', 'c'), at: 2 }),
      step({ ...edge('a', 'b'), at: 100, status: 'resolved', since: 1 }),
    ];
    expect(fingerprints(await worked(alerts, keeping, 50))).toEqual(['ab']);
    expect(fingerprints(await worked(alerts, keeping, 80))).toEqual(['ab', 'bc']);
  });

  it('says below what was told before its cause came what it follows from, once', async () => {
    const alerts = [
      step({ ...edge('c', 'd'), at: 1 }),
      step({ ...edge('a', 'b'), at: 20 }),
      step({ ...edge('b', 'c'), at: 21 }),
      step({ ...edge('c', 'd'), at: 90, status: 'resolved', since: 1 }),
    ];
    const world = await worked(alerts, keeping, 20);
    expect(fingerprints(world)).toEqual(['cd', 'ab']);
    expect(world.channel.replies).toEqual([`follows-ab-${base + 20_000}`]);
    expect(world.channel.messages[0]?.steps).toHaveLength(2);
  });

  it('leaves nothing open and tells no consequence, killed anywhere', async () => {
    const alerts = [
      step({ ...edge('a', 'b'), at: 1 }),
      step({ ...edge('b', 'c'), at: 2 }),
      step({ ...edge('c', 'd'), at: 3 }),
      step({ ...edge('a', 'b'), at: 100, status: 'resolved', since: 1 }),
      step({ ...edge('c', 'd'), at: 110, status: 'resolved', since: 3 }),
      step({ ...edge('b', 'c'), at: 120, status: 'resolved', since: 2 }),
    ];
    const accidents = fc.array(fc.tuple(fc.nat(60), fc.constantFrom<Accident>('kill')), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(accidents, fc.integer({ min: 1, max: 4 }), async (chosen, batchSize) => {
        let point = -1;
        const at = new Map(chosen);
        const fate = () => {
          point += 1;
          return at.get(point) ?? null;
        };
        const world = new NotifyWorld(alerts, fate, { routing: { ...eachAlert, inhibitRules: [keeping] } });
        await world.workThroughKills(batchSize);
        expect(fingerprints(world)).toEqual(['ab']);
        expect(world.state.size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
