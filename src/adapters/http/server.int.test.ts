// On a real socket of the loopback interface.
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpServer, openHttpServer } from './server.ts';

let server: HttpServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function open(state: { healthy: boolean; waiting: string[] }): Promise<string> {
  server = await openHttpServer('127.0.0.1:0', {
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'flagwatch_rules 8\n' }),
    isHealthy: () => state.healthy,
    notReady: () => state.waiting,
  });
  return server.url;
}

async function get(url: string): Promise<[number, string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

describe('HTTP endpoints', () => {
  it('say what Prometheus and Kubernetes ask', async () => {
    const state = { healthy: true, waiting: ['kafka', 'elasticsearch'] };
    const url = await open(state);
    expect(await get(`${url}/metrics`)).toEqual([200, 'flagwatch_rules 8\n']);
    expect(await get(`${url}/healthz`)).toEqual([200, 'ok\n']);
    expect(await get(`${url}/readyz`)).toEqual([503, 'waiting for: kafka, elasticsearch\n']);
    state.waiting = [];
    state.healthy = false;
    expect(await get(`${url}/readyz?verbose`)).toEqual([200, 'ready\n']);
    expect(await get(`${url}/healthz`)).toEqual([503, 'not healthy\n']);
  });

  it('refuse what is not there and what is not a read', async () => {
    const url = await open({ healthy: true, waiting: [] });
    expect(await get(`${url}/etc/passwd`)).toEqual([404, 'try /metrics, /healthz, /readyz or /api/v1/rules\n']);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('reject an address that is taken', async () => {
    const url = await open({ healthy: true, waiting: [] });
    const endpoints = { metrics: () => Promise.reject(new Error('unused')), isHealthy: () => true, notReady: () => [] };
    await expect(openHttpServer(url.slice('http://'.length), endpoints)).rejects.toMatchObject({
      code: 'HTTP_LISTEN',
      message: expect.stringContaining('EADDRINUSE'),
    });
  });
});
