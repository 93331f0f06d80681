// Three processes that share the partitions of detect, each with its server on a real socket: each answers for all of them, whatever one of
// the others does.
import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertsAnswer, PartitionState, RulesAnswer, VerdictAnswer } from '#config/api-schema.ts';
import type { DetectView } from '#ports/detect-board.ts';
import { metrics } from '#telemetry/metrics.ts';
import { aView } from '../support/api-world.ts';
import {
  aPartition,
  ask,
  closePeers,
  home,
  open,
  openThree,
  outcome,
  partitionCount,
  serviceOf,
  stranger,
  timeoutMs,
} from '../support/peer-world.ts';

afterEach(closePeers);

describe('three processes', () => {
  it('answer each for all of them', async () => {
    const three = await openThree();
    const answers = [];
    for (const one of three) {
      const { data: rules } = await ask<RulesAnswer>(one, '/rules');
      const { data: alerts } = await ask<AlertsAnswer>(one, '/alerts');
      const { data: verdict } = await ask<VerdictAnswer>(one, '/verdict?service=payments&version=v2');
      expect([rules.complete, alerts.complete, rules.missing]).toEqual([true, true, []]);
      expect(rules.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
      answers.push({
        rules: rules.groups.flatMap((group) => group.rules.map(({ name, series, firing }) => [name, series, firing])),
        alerts: alerts.alerts.map(({ fingerprint }) => fingerprint),
        verdict: [verdict.verdict, verdict.fail, verdict.score, verdict.comparisons.length],
      });
      const hook = { name: 'payments', namespace: 'shop' };
      expect((await ask(one, '/flagger/rollback', hook)).status).toBe(200);
      expect((await ask(one, '/flagger/check', hook)).status).toBe(409);
    }
    const all = {
      rules: [
        ['NewVersion', 6, 1],
        ['Spike', 6, 0],
      ],
      alerts: ['f-NewVersion-firing', 'f-NewVersion-pending'],
      verdict: ['only_new', true, 0.999, 2],
    };
    expect(answers).toEqual([all, all, all]);
  });

  it('ask nobody for what they hold themselves, and never any further', async () => {
    const three = await openThree();
    const [first, second] = three;
    if (first === undefined || second === undefined) throw new Error('there are three');
    expect((await ask(first, `/verdict?service=${serviceOf(0)}`)).status).toBe(200);
    expect(second.asked).toBe(0);
    const { data } = await ask<{ partitions: PartitionState[] }>(first, '/partitions?show=rules');
    expect(data.partitions.map(({ partition }) => partition)).toEqual([0]);
    expect(second.asked).toBe(0);
  });

  it('know themselves among the addresses of a name, and count what became of the peers', async () => {
    const three = await openThree();
    const dns = three.map(({ url }) => url.slice('http://'.length));
    const fourth = await open([], [], { dns });
    dns.push(fourth.url.slice('http://'.length));
    expect((await ask<RulesAnswer>(fourth, '/rules')).data.complete).toBe(true);
    expect([outcome(fourth, 'answered'), outcome(fourth, 'itself')]).toEqual([3, 1]);
    expect(fourth.meter.total(metrics.peerSeconds)).toBe(4);
  });

  it('ask the same but once at a time', async () => {
    const three = await openThree();
    const fourth = await open(
      [],
      three.map(({ url }) => url),
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask<RulesAnswer>(fourth, '/rules')));
    expect(answers.every(({ data }) => data.complete)).toBe(true);
    expect(outcome(fourth, 'answered')).toBeLessThan(60);
  });

  it('believe the newest of two that claim one partition', async () => {
    const old = aPartition(home, { shownAtMs: aView.shownAtMs - 60_000, rules: [] });
    const holds = (view: DetectView) => [view, ...[0, 1, 2].filter((n) => n !== home).map((n) => aPartition(n))];
    const stale = await open([old], []);
    const fresh = await open(holds(aPartition(home)), [stale.url]);
    const asked = await open([], [stale.url, fresh.url]);
    const turned = await open([], [fresh.url, stale.url]);
    for (const one of [asked, turned]) {
      const { data } = await ask<VerdictAnswer>(one, '/verdict?service=payments');
      expect(data).toMatchObject({ verdict: 'only_new', complete: true });
      expect(data.partitions.map(({ partition }) => partition)).toEqual([home]);
    }
  });
});

describe('a peer', () => {
  const many = JSON.stringify({
    status: 'success',
    data: { process: 'x', partitions: [], more: 'x'.repeat(9_000_000) },
  });
  const claim = (changes: Partial<PartitionState>) =>
    JSON.stringify({
      status: 'success',
      data: {
        process: 'x',
        partitions: [
          {
            cluster: 'dc1',
            partition: home,
            partitionCount,
            ruleSet: null,
            watermark: null,
            shownAt: '2026-09-21T14:13:40.000Z',
            rules: [],
            alerts: [],
            truncated: false,
            watched: true,
            comparisons: [],
            ...changes,
          },
        ],
      },
    });
  const said =
    (text: string): RequestListener =>
    (_, response) =>
      void response.end(text);

  it.each<[string, RequestListener | null, string]>([
    ['is down', null, 'unreachable'],
    ['hangs', () => undefined, 'timeout'],
    ['hangs in the middle', (_, response) => void response.write('{"status":'), 'timeout'],
    ['answers rubbish', said('<html>\0</html>'), 'unreadable'],
    ['answers other JSON', said('{"status":"success","data":{"partitions":[{"partition":-1}]}}'), 'unreadable'],
    ['answers too much', said(many), 'too_large'],
    [
      'sends somewhere else',
      (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end('{}'),
      'refused',
    ],
    ['fails', (_, response) => void response.writeHead(500).end('{}'), 'refused'],
    ['speaks of a cluster that nobody has', said(claim({ cluster: 'evil' })), 'answered'],
    ['speaks of a partition that is not there', said(claim({ partition: 7 })), 'answered'],
    ['claims to know of endless partitions', said(claim({ partitionCount: 2 ** 40 })), 'unreadable'],
  ])('that %s costs what only it holds, and no more', async (_name, answer, expected) => {
    const url = answer === null ? 'http://127.0.0.1:1' : await stranger(answer);
    const rest = [0, 1, 2].filter((partition) => partition !== home);
    const other = await open([aPartition(rest[1] ?? 0)], []);
    const asked = await open([aPartition(rest[0] ?? 0)], [url, other.url]);
    const startedAtMs = Date.now();
    const { status, data } = await ask<RulesAnswer>(asked, '/rules');
    expect(Date.now() - startedAtMs).toBeLessThan(timeoutMs + 1500);
    expect([status, data.complete, data.missing]).toEqual([200, false, [{ cluster: 'dc1', partition: home }]]);
    expect(outcome(asked, expected)).toBe(expected === 'answered' ? 2 : 1);
    expect((await ask<AlertsAnswer>(asked, '/alerts')).status).toBe(200);
    for (const partition of rest)
      expect((await ask(asked, `/verdict?service=${serviceOf(partition)}`)).status).toBe(200);
    const unheld = await ask(asked, '/verdict?service=payments');
    expect([unheld.status, unheld.error]).toEqual([503, expect.stringContaining(`partition ${home} of 3 of dc1`)]);
    expect((await ask(asked, '/flagger/check', { name: 'payments' })).status).toBe(503);
    expect((await ask(asked, '/flagger/rollback', { name: 'payments' })).status).toBe(503);
  });

  it('that hangs has no more requests under way than it may', async () => {
    let most = 0;
    let now = 0;
    const url = await stranger((request) => {
      now += 1;
      most = Math.max(most, now);
      request.socket.once('close', () => {
        now -= 1;
      });
    });
    const asked = await open([], [url]);
    const services = Array.from({ length: 20 }, (_, i) => `service-${i}`);
    const startedAtMs = Date.now();
    const statuses = await Promise.all(
      services.map(async (name) => (await ask(asked, `/verdict?service=${name}`)).status),
    );
    expect(Date.now() - startedAtMs).toBeLessThan(timeoutMs + 1500);
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(most).toBeLessThanOrEqual(8);
    expect(outcome(asked, 'timeout') + outcome(asked, 'busy')).toBe(20);
  });

  it('is waited for by as many as ask at once', async () => {
    const other = await open(
      [0, 1, 2].map((partition) => aPartition(partition)),
      [],
    );
    const asked = await open([], [other.url], { timeoutMs: 10_000 });
    const services = Array.from({ length: 40 }, (_, i) => `service-${i}`);
    const statuses = await Promise.all(
      services.map(async (name) => (await ask(asked, `/verdict?service=${name}`)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('of a later version may say more', async () => {
    const url = await stranger(said(claim({ later: { x: 1 } } as Partial<PartitionState>)));
    const asked = await open([], [url]);
    expect((await ask(asked, '/verdict?service=payments')).status).toBe(200);
  });

  it('with another token answers nothing', async () => {
    const other = await open([aPartition(home)], []);
    const asked = await open([], [other.url], { shows: 'wrong' });
    expect((await ask(asked, '/verdict?service=payments')).status).toBe(503);
    expect(outcome(asked, 'refused')).toBe(1);
  });
});
