// On real sockets: servers that answer, hang, go away, say too much or something else than JSON.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askJson } from './json-client.ts';

let servers: Server[] = [];
afterEach(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  servers = [];
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

const get = (url: string) => askJson({ url, method: 'GET', token: 's3cret', timeoutMs: 300, maxAnswerBytes: 10_000 });

describe('askJson', () => {
  it('shows the token, sends and reads JSON, and gives any status', async () => {
    const url = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => {
        response.writeHead(409).end(JSON.stringify({ text, token: request.headers.authorization }));
      });
    });
    const answer = await askJson({
      url,
      method: 'POST',
      token: 's3cret',
      body: { a: 1 },
      timeoutMs: 1000,
      maxAnswerBytes: 1000,
    });
    expect(answer).toEqual({ kind: 'answered', status: 409, body: { text: '{"a":1}', token: 'Bearer s3cret' } });
  });

  it.each<[string, RequestListener, string]>([
    ['hangs before its answer', () => undefined, 'timeout'],
    ['hangs in its answer', (_, response) => void response.writeHead(200).write('{'), 'timeout'],
    ['hangs up', (request) => void request.socket.destroy(), 'unreachable'],
    ['answers without an end', (_, response) => void response.end('1'.repeat(20_000)), 'too_large'],
    ['answers rubbish', (_, response) => void response.end('\0\0<html>'), 'unreadable'],
  ])('says that it %s', async (_name, listener, why) => {
    expect(await get(await serve(listener))).toMatchObject({ kind: 'failed', why });
  });

  it('does not follow where it is sent', async () => {
    let asked = 0;
    const elsewhere = await serve((_, response) => {
      asked += 1;
      response.end('{}');
    });
    const url = await serve((_, response) => void response.writeHead(302, { location: elsewhere }).end('{}'));
    expect(await get(url)).toEqual({ kind: 'answered', status: 302, body: {} });
    expect(asked).toBe(0);
  });

  it('says that nothing is there', async () => {
    const url = await serve(() => undefined);
    for (const server of servers) server.close();
    expect(await get(url)).toEqual({
      kind: 'failed',
      why: 'unreachable',
      detail: 'it cannot be reached (ECONNREFUSED)',
    });
  });
});
