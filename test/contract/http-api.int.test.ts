// The API on a real socket, held to its description: every operation and every status that the description names is asked for here, nothing
// else is answered, and every body is what the description says.
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type HttpServer, openHttpServer } from '#adapters/http/server.ts';
import { type ApiOperationId, apiOperations, apiPrefix } from '#config/api-operations.ts';
import { anApi, aView } from '../support/api-world.ts';

const description = parse(readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'openapi.yaml'), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { operationId: string; responses: object }>>>>;
};
const described = Object.entries(description.paths).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, { responses }]) =>
    Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
  ),
);
const seen = new Set<string>();

let servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function open(changes: { token?: string | null; rate?: number; listen?: string } = {}) {
  const world = anApi();
  const { token = null, rate = 1000, listen = '127.0.0.1:0' } = changes;
  const server = await openHttpServer(listen, {
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'x 1\n' }),
    isHealthy: () => true,
    notReady: () => [],
    api: { prefix: apiPrefix, token, maxRequestsPerSecond: rate, handle: world.handle },
  });
  servers.push(server);
  return { ...world, url: server.url.replace('0.0.0.0', '127.0.0.1') };
}

const target: Record<ApiOperationId, string> = {
  listRules: '/rules',
  listAlerts: '/alerts',
  listSilences: '/silences',
  addSilence: '/silences',
  endSilence: '/silences/known',
  getVerdict: '/verdict?service=payments&version=v2',
  flaggerRollback: '/flagger/rollback',
  flaggerCheck: '/flagger/check',
  listPartitions: '/partitions?show=alerts',
};
const aSilence = { matchers: ['alertname = "Spike"'], for: '2h', author: 'mina', reason: 'load test' };
const bodies: Partial<Record<ApiOperationId, unknown>> = {
  addSilence: aSilence,
  flaggerRollback: { name: 'payments' },
  flaggerCheck: { name: 'orders' },
};

interface Ask {
  readonly at?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks for an operation, and checks status and body by the description. */
async function ask(url: string, id: ApiOperationId, { at = target[id], body = bodies[id], headers = {} }: Ask = {}) {
  const operation = apiOperations.find((one) => one.id === id);
  if (operation === undefined) throw new Error(`there is no ${id}`);
  const { method, path, answers } = operation;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}${apiPrefix}${at}`, {
    method,
    headers,
    ...(text === undefined ? {} : { body: text }),
  });
  const value: unknown = await response.json();
  expect({ id, status: response.status, known: response.status in answers }).toMatchObject({ known: true });
  // Readers leave out what they do not know: so what is left must be all there was.
  expect(answers[response.status]?.schema.safeParse(value)).toEqual({ success: true, data: value });
  seen.add(`${method} ${apiPrefix}${path} ${response.status}`);
  return response.status;
}

describe('the API does what its description says', () => {
  it('in good order', async () => {
    const { url, silences } = await open();
    silences.known.set('known', { id: 'known', matchers: [], fromMs: 1, untilMs: 9e12, author: 'a', reason: 'b' });
    const statuses = [];
    for (const { id } of apiOperations) statuses.push(await ask(url, id));
    expect(statuses).toEqual([200, 200, 200, 201, 200, 200, 200, 200, 200]);
  });

  it('when something is wrong with what is asked', async () => {
    const { url } = await open();
    expect(await ask(url, 'endSilence')).toBe(404);
    expect(await ask(url, 'addSilence', { body: '{' })).toBe(400);
    expect(await ask(url, 'getVerdict', { at: '/verdict' })).toBe(400);
    expect(await ask(url, 'getVerdict', { at: '/verdict?service=stock' })).toBe(404);
    expect(await ask(url, 'listPartitions', { at: '/partitions?show=verdict' })).toBe(400);
    expect(await ask(url, 'flaggerRollback', { body: { name: 'orders' } })).toBe(409);
    expect(await ask(url, 'flaggerCheck', { body: { name: 'payments' } })).toBe(409);
    for (const id of ['flaggerRollback', 'flaggerCheck'] as const) {
      expect(await ask(url, id, { body: '[]' })).toBe(400);
      expect(await ask(url, id, { body: { name: 'stock' } })).toBe(404);
    }
    for (const id of ['addSilence', 'flaggerRollback', 'flaggerCheck'] as const) {
      expect(await ask(url, id, { body: 'x'.repeat(70_000) })).toBe(413);
    }
  });

  it('when what it needs is not there', async () => {
    const { url, silences, board } = await open();
    silences.isAway = true;
    board.remove(aView.origin);
    for (const { id, answers } of apiOperations) if (503 in answers) expect(await ask(url, id)).toBe(503);
  });

  it('to who may not ask, and to who asks too often', async () => {
    const guarded = await open({ token: 's3cret' });
    const headers = { authorization: 'Bearer s3cret' };
    for (const { id } of apiOperations) expect(await ask(guarded.url, id)).toBe(401);
    expect(await ask(guarded.url, 'listRules', { headers })).toBe(200);
    const toAll = await open({ listen: '0.0.0.0:0' });
    for (const { id } of apiOperations) expect(await ask(toAll.url, id)).toBe(403);
    const often = await open({ rate: 1 });
    await ask(often.url, 'listRules');
    for (const { id } of apiOperations) expect(await ask(often.url, id)).toBe(429);
    expect((await fetch(`${often.url}/metrics`)).status).toBe(200);
    expect((await fetch(`${toAll.url}/metrics`)).status).toBe(200);
  });

  afterAll(() => {
    expect([...seen].sort()).toEqual([...described].sort());
  });
});

describe('hostile requests', () => {
  const raw = (url: string, text: string) =>
    new Promise<string>((resolve) => {
      const { port, hostname } = new URL(url);
      const socket = connect(Number(port), hostname, () => socket.end(text));
      let answer = '';
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString();
      });
      socket.on('close', () => resolve(answer));
      // Too much is cut off, sometimes before its answer is read.
      socket.on('error', () => resolve(answer));
    });
  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

  it('lead nowhere out of the API, and leave the server as it is', async () => {
    const { url } = await open();
    const host = 'host: 127.0.0.1';
    const get = (path: string, ...headers: string[]) =>
      raw(url, [`GET ${path} HTTP/1.1`, host, ...headers, '', ''].join('\r\n'));
    for (const path of [
      '/api/v1/../../etc/passwd',
      '/api/v1/%2e%2e/%2e%2e/etc/passwd',
      '/api/v1/silences/..%2f..%2fx',
      '/api/v1//etc/passwd',
      '/api/v1?x',
    ]) {
      expect([path, [404, 405].includes(statusOf(await get(path)))]).toEqual([path, true]);
    }
    expect([431, Number.NaN]).toContain(statusOf(await get(`/api/v1/${'x'.repeat(100_000)}`)));
    expect([431, Number.NaN]).toContain(statusOf(await get('/api/v1/rules', `x: ${'x'.repeat(100_000)}`)));
    expect(statusOf(await get('/api/v1/rules', 'origin: https://evil.example'))).toBe(403);
    expect(statusOf(await raw(url, 'GET /api/v1/rules HTTP/1.1\r\nhost: evil.example\r\n\r\n'))).toBe(403);
    expect(statusOf(await raw(url, '\0\0\0\r\n\r\n'))).toBe(400);
    const body = '{"name":"payments"}';
    const smuggled = `POST /api/v1/flagger/rollback HTTP/1.1\r\n${host}\r\ncontent-length: ${body.length}\r\ntransfer-encoding: chunked\r\n\r\n${body}`;
    expect(statusOf(await raw(url, smuggled))).toBe(400);
    expect((await fetch(`${url}/api/v1/rules`)).status).toBe(200);
  });

  it('with an endless body are cut off', async () => {
    const { url } = await open();
    const status = await new Promise<number>((resolve, reject) => {
      const sent = httpRequest(`${url}/api/v1/silences`, { method: 'POST' }, (response) =>
        resolve(response.statusCode ?? 0),
      );
      sent.on('error', reject);
      for (let i = 0; i < 8; i += 1) sent.write('x'.repeat(16_384));
    });
    expect(status).toBe(413);
  });
});
