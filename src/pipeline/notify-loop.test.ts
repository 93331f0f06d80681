// Exactly one message an incident, whatever dies when; nothing lost while Slack is away; nothing in silence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { decodeIncident } from '#core/notify/notify-state-wire.ts';
import { aTransition } from '../../test/support/notify-builders.ts';
import type { Accident, Fate } from '../../test/support/notify-world.ts';
import { NotifyWorld } from '../../test/support/notify-world.ts';

const fire = (fingerprint: string, sinceAtMs: number, atMs = sinceAtMs + 10): AlertTransition =>
  aTransition({ fingerprint, sinceAtMs, atMs });
const resolve = (fingerprint: string, sinceAtMs: number, atMs: number): AlertTransition =>
  aTransition({ fingerprint, sinceAtMs, atMs, status: 'resolved' });
const pending = (fingerprint: string, atMs: number): AlertTransition =>
  aTransition({ fingerprint, atMs, sinceAtMs: atMs, status: 'pending' });

/** Two alerts, one of them twice, and what tells nobody between them. */
const story: readonly (AlertTransition | string)[] = [
  pending('a', 50),
  fire('a', 100),
  'not a transition',
  pending('b', 150),
  fire('b', 200),
  resolve('a', 100, 300),
  fire('a', 400),
  resolve('b', 200, 500),
  resolve('a', 400, 600),
  pending('c', 700),
];
const told = [
  { key: 'a-100', steps: ['a-firing-110', 'a-resolved-300'] },
  { key: 'b-200', steps: ['b-firing-210', 'b-resolved-500'] },
  { key: 'a-400', steps: ['a-firing-410', 'a-resolved-600'] },
];
const never: Fate = () => null;
const shown = (world: NotifyWorld) => world.channel.messages.map(({ key, steps }) => ({ key, steps }));

/** The accident at the calls' counted points. */
function at(accidents: ReadonlyMap<number, Accident>): Fate {
  let count = -1;
  return () => {
    count += 1;
    return accidents.get(count) ?? null;
  };
}

function expectStoryTold(world: NotifyWorld): void {
  expect(shown(world)).toEqual(told);
  expect(world.committedOffset).toBe(world.endOffset);
  expect(world.state.size).toBe(0);
}

describe('notify', () => {
  it('posts once for each incident, edits once when it is over, and forgets it', async () => {
    const world = new NotifyWorld(story, never);
    await world.work();
    expectStoryTold(world);
    expect(world.channel.calls).toEqual(['post', 'post', 'update', 'post', 'update', 'update']);
    expect(world.deadLetters).toHaveLength(1);
    expect(Object.fromEntries(world.meter.counts)).toEqual({
      'flagwatch_messages_total{outcome=posted}': 3,
      'flagwatch_messages_total{outcome=updated}': 3,
      'flagwatch_messages_total{outcome=not_firing}': 3,
      'flagwatch_deliveries_total{target=default,outcome=posted}': 3,
      'flagwatch_deliveries_total{target=default,outcome=updated}': 3,
      'flagwatch_dead_letters_total{loop=notify,reason=unreadable_internal_record}': 1,
    });
  });

  it('remembers an open incident in its state, with the place of the message', async () => {
    const world = new NotifyWorld([fire('a', 100)], never);
    await world.work();
    expect(decodeIncident(world.state.get('incident/a-100') ?? new Uint8Array(0))).toMatchObject({
      kind: 'ok',
      value: {
        key: 'a-100',
        step: 'a-firing-110',
        told: { default: { step: 'a-firing-110', handle: { channel: 'C1', ts: '1' }, via: 'messenger' } },
      },
    });
  });

  it('ignores a repeat, and edits on a later step of the same incident', async () => {
    const world = new NotifyWorld([fire('a', 100), fire('a', 100), fire('a', 100, 200), fire('a', 100)], never);
    await world.work();
    expect(shown(world)).toEqual([{ key: 'a-100', steps: ['a-firing-110', 'a-firing-200'] }]);
    expect(world.meter.counts.get('flagwatch_messages_total{outcome=already_told}')).toBe(1);
    expect(world.meter.counts.get('flagwatch_messages_total{outcome=older_than_incident}')).toBe(1);
  });

  it('says nothing about the end of what nobody was told of', async () => {
    const world = new NotifyWorld([resolve('a', 100, 300)], never);
    await world.work();
    expect(world.channel.calls).toEqual([]);
    expect(world.meter.counts.get('flagwatch_messages_total{outcome=no_incident}')).toBe(1);
  });
});

describe('notify killed at any moment', () => {
  it('tells the same, killed once at each await', async () => {
    let points = 0;
    const quiet = new NotifyWorld(story, () => {
      points += 1;
      return null;
    });
    await quiet.work();
    expect(points).toBeGreaterThan(25);
    for (let point = 0; point < points; point += 1) {
      const world = new NotifyWorld(story, at(new Map([[point, 'kill']])));
      expect(await world.workThroughKills()).toBe(1);
      expectStoryTold(world);
      expect(world.deadLetters.length).toBe(1);
    }
  });

  it('tells the same, killed twice at any two awaits', async () => {
    for (let first = 0; first < 34; first += 1) {
      for (let second = first + 1; second < first + 12; second += 1) {
        const accidents = new Map<number, Accident>([
          [first, 'kill'],
          [second, 'kill'],
        ]);
        const world = new NotifyWorld(story, at(accidents));
        await world.workThroughKills(3);
        expectStoryTold(world);
      }
    }
  });

  it('tells the same, whatever dies or fails for now, in batches of any size', async () => {
    const accidents = fc.array(fc.tuple(fc.nat(120), fc.constantFrom<Accident>('kill', 'kill', 'retryable')), {
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(stories, accidents, fc.integer({ min: 1, max: 8 }), async (inputs, chosen, batchSize) => {
        const calm = new NotifyWorld(inputs, never);
        await calm.work();
        const world = new NotifyWorld(inputs, at(new Map(chosen)));
        await world.workThroughKills(batchSize);
        expect(shown(world)).toEqual(shown(calm));
        expect(new Map(world.state)).toEqual(new Map(calm.state));
        expect(world.committedOffset).toBe(calm.committedOffset);
        expect(world.deadLetters).toEqual(calm.deadLetters);
        expect(new Set(world.channel.messages.map(({ key }) => key)).size).toBe(world.channel.messages.length);
      }),
      { numRuns: 500 },
    );
  });
});

/** Lives of three alerts as evaluate makes them: pending, firing, resolved, in event time; mixed by time. */
const stories = fc
  .array(
    fc.record({
      fingerprint: fc.constantFrom('a', 'b', 'c'),
      gap: fc.integer({ min: 1, max: 50 }),
      length: fc.integer({ min: 1, max: 50 }),
      isPending: fc.boolean(),
      isOver: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((lives) => {
    const ends = new Map<string, number>();
    const steps = lives.flatMap(({ fingerprint, gap, length, isPending, isOver }, i) => {
      const since = (ends.get(fingerprint) ?? 0) + gap;
      // What is not over has nothing after it.
      ends.set(fingerprint, isOver ? since + 20 + length : Number.POSITIVE_INFINITY);
      if (!Number.isFinite(since)) return [];
      return [
        ...(isPending ? [pending(fingerprint, since)] : []),
        fire(fingerprint, since, since + 10),
        ...(isOver ? [resolve(fingerprint, since, since + 20 + length)] : []),
        ...(i % 3 === 2 ? [aTransition({ status: 'inactive', fingerprint: 'd', atMs: since })] : []),
      ];
    });
    return steps.sort((x, y) => x.atMs - y.atMs);
  });

describe('notify while the messenger fails', () => {
  it('waits as long as it takes, with a bounded pause, and then tells everything', async () => {
    let failing = 40;
    const world = new NotifyWorld(story, (point) => {
      if (!point.endsWith('before') || point.startsWith('commit') || failing === 0) return null;
      failing -= 1;
      return 'retryable';
    });
    await world.work();
    expectStoryTold(world);
    expect(Math.max(...world.clock.sleeps)).toBe(30_000);
    expect(world.meter.counts.get('flagwatch_sink_retries_total{sink=messenger,code=SLACK_TIMEOUT}')).toBe(40);
    expect(world.logger.lines).toContain('error a message still cannot be sent; alerts wait behind it');
  });

  it('looks before it posts again, because a call that failed may have taken effect', async () => {
    let posts = 0;
    const world = new NotifyWorld([fire('a', 100), fire('b', 200)], (point) => {
      if (point !== 'post after') return null;
      posts += 1;
      return posts === 2 ? 'retryable' : null;
    });
    await world.work();
    expect(world.channel.calls).toEqual(['post', 'post', 'find']);
    expect(shown(world).map(({ key }) => key)).toEqual(['a-100', 'b-200']);
    expect(world.meter.counts.get('flagwatch_messages_total{outcome=adopted}')).toBe(1);
  });

  it('leaves owed what it could not tell, and stops, when the partition is taken away', async () => {
    const world = new NotifyWorld([fire('a', 100)], () => {
      world.controller.abort();
      return 'retryable';
    });
    await expect(world.work()).rejects.toMatchObject({ code: 'ABORTED' });
    expect(world.channel.messages).toEqual([]);
    const owed = decodeIncident(world.state.get('incident/a-100') ?? new Uint8Array(0));
    expect(owed).toMatchObject({ value: { step: 'a-firing-110', told: {} } });
  });

  it('tells the fallback what is refused for good, loudly, and goes on', async () => {
    const world = new NotifyWorld(story, (point) => (point === 'post before' ? 'permanent' : null));
    await world.work();
    expect(world.channel.messages).toEqual([]);
    expect(world.console.messages.map(({ key, steps }) => ({ key, steps }))).toEqual(told);
    expect(world.committedOffset).toBe(world.endOffset);
    expect(world.meter.counts.get('flagwatch_messages_total{outcome=fell_back}')).toBe(6);
    expect(world.logger.lines.filter((line) => line.startsWith('error a message was refused'))).toHaveLength(3);
    expect(world.logger.fields).toContainEqual(expect.objectContaining({ code: 'SLACK_AUTH', key: 'a-100' }));
  });

  it('tells the end to the fallback where editing is refused for good', async () => {
    const world = new NotifyWorld([fire('a', 100), resolve('a', 100, 300)], (point) =>
      point === 'update before' ? 'permanent' : null,
    );
    await world.work();
    expect(shown(world)).toEqual([{ key: 'a-100', steps: ['a-firing-110'] }]);
    expect(world.console.messages).toMatchObject([{ key: 'a-100', steps: ['a-resolved-300'] }]);
    expect(world.state.size).toBe(0);
  });

  it('tells all the same where it may not look', async () => {
    let failing = 1;
    const world = new NotifyWorld(story, (point) => {
      if (point === 'find before') return 'permanent';
      if (point !== 'post before' || failing === 0) return null;
      failing -= 1;
      return 'retryable';
    });
    await world.work();
    expectStoryTold(world);
    expect(world.logger.lines.some((line) => line.startsWith('error cannot look for a message'))).toBe(true);
  });

  it('goes on although the fallback is broken too', async () => {
    const world = new NotifyWorld([fire('a', 100)], (point) => (point === 'post before' ? 'permanent' : null));
    world.console.post = () => Promise.reject(new Error('broken pipe'));
    await world.work();
    expect(world.committedOffset).toBe(world.endOffset);
    expect(world.logger.lines).toContain('error the fallback failed as well: the message is only here');
  });
});

describe('notify and its own records', () => {
  it('sets aside what cannot be shown, with the rest of it committed', async () => {
    const broken = { ...fire('a', 100), peak: {}, verdict: {}, examples: [null] } as unknown as AlertTransition;
    const world = new NotifyWorld([broken, fire('b', 200)], never);
    await world.work();
    expect(world.deadLetters).toHaveLength(1);
    expect(shown(world)).toEqual([{ key: 'b-200', steps: ['b-firing-210'] }]);
  });

  it('says that it cannot read its state, and takes the alert’s next firing for a new incident', async () => {
    const world = new NotifyWorld([resolve('a', 100, 300), fire('a', 400)], never);
    world.state.set('incident/a-100', Buffer.from('{"v":9}'));
    await world.work();
    expect(shown(world)).toEqual([{ key: 'a-400', steps: ['a-firing-410'] }]);
    expect(world.logger.lines.join('\n')).toContain('the state of an open incident or a silence cannot be read');
  });

  it('forgets the oldest incident beyond its bound, and says so', async () => {
    const inputs = [fire('a', 100), fire('b', 200), fire('c', 300), resolve('a', 100, 400), resolve('c', 300, 500)];
    const world = new NotifyWorld(inputs, never, { maxOpenIncidents: 2 });
    await world.work();
    expect([...world.state.keys()]).toEqual(['incident/b-200']);
    expect(world.meter.counts.get('flagwatch_messages_total{outcome=forgotten}')).toBe(1);
    expect(shown(world).map(({ steps }) => steps.length)).toEqual([1, 1, 2]);
  });
});
