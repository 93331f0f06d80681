import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiGate, isLoopbackHost } from './api-gate.ts';

const local = { host: '127.0.0.1:9464' };
const gate = (changes: Partial<ConstructorParameters<typeof ApiGate>[0]> = {}) =>
  new ApiGate({ token: null, isLoopback: true, maxRequestsPerSecond: 1000, ...changes });
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('the gate of the API', () => {
  it('without a token lets in who is on this machine, and no browser', () => {
    for (const host of ['127.0.0.1:9464', 'localhost', '[::1]:9464']) {
      expect(gate().check({ host }, 0)).toBeNull();
    }
    expect(gate().check({ ...local, origin: 'https://evil.example' }, 0)?.status).toBe(403);
    expect(gate().check({ ...local, origin: 'null' }, 0)?.status).toBe(403);
    // A name of somebody else's that leads to this machine.
    expect(gate().check({ host: 'evil.example:9464' }, 0)?.status).toBe(403);
    expect(gate().check({}, 0)?.status).toBe(403);
    expect(gate({ isLoopback: false }).check(local, 0)).toMatchObject({
      status: 403,
      error: expect.stringContaining('http.token'),
    });
  });

  it('with a token asks for it, as Bearer or as the password of Basic', () => {
    const asked = gate({ token: 's3cret:x', isLoopback: false });
    const status = (authorization?: string) =>
      asked.check({ host: 'mesh', ...(authorization === undefined ? {} : { authorization }) }, 0)?.status ?? 'in';
    expect(
      ['Bearer s3cret:x', 'bearer  s3cret:x', basic('flagwatch:s3cret:x'), basic(':s3cret:x')].map(status),
    ).toEqual(['in', 'in', 'in', 'in']);
    const wrong = [
      undefined,
      '',
      'Bearer',
      'Bearer s3cret',
      'Bearer s3cret:xx',
      basic('s3cret:x'),
      'Basic %%%',
      'Digest s3cret:x',
    ];
    expect(wrong.map(status)).toEqual(wrong.map(() => 401));
    fc.assert(fc.property(fc.string(), (text) => status(text) === 401));
  });

  it('lets in so many a second, guesses of the token among them', () => {
    const asked = gate({ token: 'x', maxRequestsPerSecond: 3 });
    const statuses = (nowMs: number, count: number) =>
      Array.from({ length: count }, () => asked.check({ authorization: 'Bearer y' }, nowMs)?.status);
    expect(statuses(0, 5)).toEqual([401, 401, 401, 429, 429]);
    expect(statuses(400, 2)).toEqual([401, 429]);
    expect(statuses(60_000, 4)).toEqual([401, 401, 401, 429]);
  });

  it('knows this machine’s own addresses', () => {
    expect(['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'LOCALHOST'].every(isLoopbackHost)).toBe(true);
    expect(
      ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', ''].some(isLoopbackHost),
    ).toBe(false);
  });
});
