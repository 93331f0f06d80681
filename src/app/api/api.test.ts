// What the API answers, without a socket.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiOperations } from '#config/api-operations.ts';
import type { AlertsAnswer, RulesAnswer, VerdictAnswer } from '#config/api-schema.ts';
import { anApi, aView } from '../../../test/support/api-world.ts';

type World = ReturnType<typeof anApi>;
async function ask(world: World, method: string, target: string, body: unknown = '') {
  const [path = '', query = ''] = target.split('?', 2);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await world.handle({ method, path, query: new URLSearchParams(query), body: text });
  const { data, error } = answer.body as { data?: unknown; error?: string };
  return { status: answer.status, data, error, headers: answer.headers };
}
const aSilence = { matchers: ['alertname = "Spike"'], for: '2h', author: 'mina', reason: 'load test' };

describe('the API', () => {
  it('shows rules with their figures, what the process holds, and why files do not load', async () => {
    const world = anApi();
    world.ruleSource.problem = 'rules/a.yaml:3:1: no such key';
    const { data } = await ask(world, 'GET', '/rules');
    const { groups, complete, partitions, problem } = data as RulesAnswer;
    expect({ complete, problem, watermark: partitions[0]?.watermark }).toEqual({
      complete: true,
      problem: 'rules/a.yaml:3:1: no such key',
      watermark: '2026-09-21T14:13:30.000Z',
    });
    expect(
      groups.flatMap(({ rules }) => rules.map(({ name, state, learning, firing }) => [name, state, learning, firing])),
    ).toEqual([
      ['NewVersion', 'firing', false, 1],
      ['Spike', 'inactive', true, 0],
    ]);
    world.board.remove(aView.origin);
    const { groups: unseen, complete: none } = (await ask(world, 'GET', '/rules')).data as RulesAnswer;
    expect([none, unseen.flatMap(({ rules }) => rules.map(({ health }) => health))]).toEqual([
      false,
      ['unknown', 'unknown'],
    ]);
  });

  it('shows alerts, those that fire first, those of flagwatch itself among them', async () => {
    const { alerts } = (await ask(anApi(), 'GET', '/alerts')).data as AlertsAnswer;
    expect(alerts.map(({ labels, state }) => [labels['alertname'], state])).toEqual([
      ['NewVersion', 'firing'],
      ['RulesNotLoaded', 'firing'],
      ['NewVersion', 'pending'],
    ]);
    expect(alerts[0]).toMatchObject({ activeAt: '2026-09-21T14:13:20.000Z', requestIds: ['r-1'] });
  });

  it('tells the worst verdict on a new version, in the form that a web metric reads', async () => {
    const world = anApi();
    const verdict = async (query: string) => (await ask(world, 'GET', `/verdict?${query}`)).data as VerdictAnswer;
    expect(await verdict('service=payments&version=v2')).toMatchObject({
      verdict: 'only_new',
      fail: true,
      score: 0.999,
      comparisons: [{ newVersion: 'v2', oldVersion: 'v1', alert: 'NewVersion' }, {}],
    });
    expect(await verdict('service=orders&namespace=shop')).toMatchObject({
      verdict: 'fine',
      fail: false,
      version: null,
    });
    expect(await verdict('service=payments&version=v9')).toMatchObject({
      verdict: 'not_judged',
      fail: false,
      score: 0,
    });
    expect(await verdict('service=payments&namespace=bank')).toMatchObject({ verdict: 'not_judged' });
    expect(await ask(world, 'GET', '/verdict?service=stock')).toMatchObject({
      status: 404,
      error: expect.stringContaining('no rule'),
    });
    world.board.show({ ...aView, partitionCount: 3 });
    expect([
      (await ask(world, 'GET', '/verdict?service=payments')).status,
      (await ask(world, 'GET', '/verdict?service=c')).status,
    ]).toContain(503);
  });

  it('gives no verdict that a cluster which nobody showed could make worse', async () => {
    const world = anApi({ clusters: ['dc1', 'dc2'] });
    const { status, error } = await ask(world, 'GET', '/verdict?service=orders');
    expect([status, error]).toEqual([503, expect.stringContaining('dc2, of which nothing is known')]);
    expect((await ask(world, 'POST', '/flagger/check', { name: 'orders' })).status).toBe(503);
    // Nothing is worse than this.
    const { data } = await ask(world, 'GET', '/verdict?service=payments');
    expect(data).toMatchObject({ fail: true, complete: false, missing: [{ cluster: 'dc2', partition: null }] });
  });

  it('shows what it holds to peers, and nothing to itself', async () => {
    const world = anApi({ processId: 'p-1' });
    const show = async (query: string) => await ask(world, 'GET', `/partitions?${query}`);
    const partition = { cluster: 'dc1', partition: 0, partitionCount: 1 };
    const none = { rules: [], alerts: [], comparisons: [], watched: false };
    expect((await show('show=rules&from=p-2')).data).toMatchObject({
      process: 'p-1',
      partitions: [{ ...partition, ...none, rules: [{ group: 'deploys' }, { group: 'flags' }] }],
    });
    expect((await show('show=alerts')).data).toMatchObject({ partitions: [{ ...none, alerts: [{}, {}, {}] }] });
    expect((await show('show=verdict&service=payments&version=v2')).data).toMatchObject({
      partitions: [{ ...none, watched: true, comparisons: [{}, {}] }],
    });
    expect((await show('show=rules&from=p-1')).data).toEqual({ process: 'p-1', partitions: [] });
    for (const query of ['', 'show=all', 'show=verdict']) expect((await show(query)).status).toBe(400);
  });

  it('answers Flagger: 200 rolls back there, and goes on here', async () => {
    const world = anApi();
    const hook = {
      name: 'payments',
      namespace: 'shop',
      phase: 'Progressing',
      checksum: '85d557f47b',
      metadata: { some: 'x' },
    };
    const statuses = async (body: unknown) => [
      (await ask(world, 'POST', '/flagger/rollback', body)).status,
      (await ask(world, 'POST', '/flagger/check', body)).status,
    ];
    expect(await statuses(hook)).toEqual([200, 409]);
    expect(await statuses({ ...hook, name: 'orders', metadata: null })).toEqual([409, 200]);
    expect(await statuses({ ...hook, name: 'x', metadata: { service: 'payments', version: 'v2' } })).toEqual([
      200, 409,
    ]);
    // Nothing that goes wrong is a yes.
    for (const body of ['', '{', '[]', {}, { name: '' }, { name: 'stock' }, { name: ['payments'] }]) {
      for (const status of await statuses(body)) expect(status).toBeGreaterThanOrEqual(400);
    }
    world.board.remove(aView.origin);
    expect(await statuses(hook)).toEqual([503, 503]);
  });

  it('sets, lists and ends silences', async () => {
    const world = anApi();
    const set = await ask(world, 'POST', '/silences', aSilence);
    expect(set).toMatchObject({
      status: 201,
      data: { status: 'active', matchers: ['alertname="Spike"'], author: 'mina' },
    });
    const { id } = set.data as { id: string };
    expect((await ask(world, 'GET', '/silences')).data).toHaveLength(1);
    expect(await ask(world, 'DELETE', `/silences/${id}`)).toMatchObject({ status: 200, data: { status: 'expired' } });
    expect((await ask(world, 'DELETE', `/silences/${id}`)).status).toBe(200);
    expect((await ask(world, 'DELETE', '/silences/nobody')).status).toBe(404);
    world.silences.isAway = true;
    for (const [method, path] of [
      ['GET', '/silences'],
      ['DELETE', `/silences/${id}`],
      ['POST', '/silences'],
    ] as const) {
      expect((await ask(world, method, path, aSilence)).status).toBe(503);
    }
  });

  it.each([
    ['no JSON', '{'],
    ['an unknown key', { ...aSilence, x: 1 }],
    ['no matchers', { ...aSilence, matchers: [] }],
    ['a matcher that is none', { ...aSilence, matchers: ['alertname'] }],
    ['a pattern that is none', { ...aSilence, matchers: ['alertname =~ "("'] }],
    ['matchers that accept all', { ...aSilence, matchers: ['alertname != "x"'] }],
    ['no length', { ...aSilence, for: undefined }],
    ['two lengths', { ...aSilence, until: '2026-11-21T00:00:00Z' }],
    ['an end in the past', { ...aSilence, for: undefined, until: '2020-11-21T00:00:00Z' }],
    ['an endless one', { ...aSilence, for: '9999d' }],
    ['a duration that is none', { ...aSilence, for: 'soon' }],
    ['no author', { ...aSilence, author: ' ' }],
    ['an endless reason', { ...aSilence, reason: 'x'.repeat(2000) }],
  ])('refuses a silence with %s, and says why', async (_name, body) => {
    const world = anApi();
    const answer = await ask(world, 'POST', '/silences', body);
    expect(answer).toMatchObject({ status: 400, error: expect.stringMatching(/.{10}/) });
    expect(world.silences.known.size).toBe(0);
  });

  it('knows no other paths and methods', async () => {
    const world = anApi();
    for (const path of [
      '',
      '/',
      '/rules/',
      '/rules/..',
      '/../../etc/passwd',
      '/silences/',
      '/silences/a/b',
      '/silences/%',
      '/Rules',
    ]) {
      expect([path, (await ask(world, 'GET', path)).status]).toEqual([path, 404]);
    }
    expect(await ask(world, 'PUT', '/silences')).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
    expect((await ask(world, 'GET', '/silences/x')).status).toBe(405);
  });

  it('answers whatever it is asked, and never with a body that its description does not know', async () => {
    const world = anApi();
    const path = fc.oneof(
      fc.constantFrom(
        '/rules',
        '/alerts',
        '/silences',
        '/silences/x',
        '/verdict',
        '/partitions',
        '/flagger/rollback',
        '/flagger/check',
      ),
      fc.webPath(),
      fc.string().map((text) => `/${text}`),
    );
    const value = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('{"name":"payments"}', '{"__proto__":{"name":"x"}}'),
    );
    const query = fc.oneof(
      fc.webQueryParameters(),
      fc.constantFrom('service=payments&__proto__=x', 'show=verdict&service=payments'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD'),
        path,
        query,
        value,
        async (method, at, asked, body) => {
          const { status, body: told } = await world.handle({
            method,
            path: at,
            query: new URLSearchParams(asked),
            body,
          });
          const operation = apiOperations.find(
            (one) => one.method === method && (one.path === at || (one.path.includes('{') && at === '/silences/x')),
          );
          if (operation === undefined) expect([200, 404, 405]).toContain(status);
          else expect(operation.answers[status]?.schema.safeParse(told)).toEqual({ success: true, data: told });
        },
      ),
      { numRuns: 300 },
    );
  });
});
