import { describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import { aMessage } from '../../../test/support/notify-builders.ts';
import { CountingMeter, SkippingClock } from '../../../test/support/recording.ts';
import { encodeNotification } from './encode-notification.ts';
import { createWebhookMessenger, toWaitMs } from './messenger.ts';

const settings = { url: 'https://hooks.example/T0KEN', bearerToken: 'b3arer', timeoutMs: 1000 };
const never = new AbortController().signal;

function setUp(answer: () => Promise<Response> | Response) {
  const requests: { readonly url: string; readonly init: RequestInit }[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    requests.push({ url: String(url), init });
    return await answer();
  };
  const deps = { meter: new CountingMeter(), clock: new SkippingClock(), fetch };
  return { messenger: createWebhookMessenger(settings, deps), requests };
}

const alert = {
  status: 'firing',
  fingerprint: 'f1',
  labels: { alertname: 'A', severity: 'critical', flag: 'UC' },
  annotations: { summary: 's' },
  startedAtMs: 0,
  endedAtMs: null,
} as const;
const content = aMessage({
  receiver: 'oncall',
  groupLabels: { severity: 'critical' },
  alerts: [alert, { ...alert, fingerprint: 'f2', labels: { ...alert.labels, flag: 'UH' }, endedAtMs: 1000 }],
});

describe('a webhook', () => {
  it('is sent what Alertmanager sends', () => {
    const body: unknown = JSON.parse(encodeNotification(content).body);
    expect(body).toMatchObject({
      version: '4',
      groupKey: content.key,
      status: 'firing',
      receiver: 'oncall',
      groupLabels: { severity: 'critical' },
      commonLabels: { alertname: 'A', severity: 'critical' },
      commonAnnotations: { summary: 's' },
      truncatedAlerts: 0,
      alerts: [
        { fingerprint: 'f1', startsAt: '1970-01-01T00:00:00.000Z', endsAt: '0001-01-01T00:00:00Z' },
        { fingerprint: 'f2', endsAt: '1970-01-01T00:00:01.000Z' },
      ],
    });
  });

  it('gets a request for each post and update, told apart by step', async () => {
    const { messenger, requests } = setUp(() => new Response(null, { status: 202 }));
    const handle = await messenger.post(content, never);
    await messenger.update(handle, { ...content, step: 's2' }, never);
    expect(requests.map(({ init }) => (init.headers as Record<string, string>)['idempotency-key'])).toEqual([
      `${content.key}/${content.step}`,
      `${content.key}/s2`,
    ]);
    expect(requests[0]?.init).toMatchObject({ method: 'POST', redirect: 'manual' });
    expect(requests[0]?.init.headers).toMatchObject({ authorization: 'Bearer b3arer' });
  });

  it.each([
    [301, 'WEBHOOK_REJECTED', false],
    [400, 'WEBHOOK_REJECTED', false],
    [404, 'WEBHOOK_REJECTED', false],
    [429, 'WEBHOOK_UNAVAILABLE', true],
    [503, 'WEBHOOK_UNAVAILABLE', true],
  ])('HTTP %d is %s', async (status, code, retryable) => {
    const { messenger } = setUp(() => new Response(null, { status, headers: { 'retry-after': '7' } }));
    await expect(messenger.post(content, never)).rejects.toMatchObject({ code, retryable });
    if (retryable) await expect(messenger.post(content, never)).rejects.toMatchObject({ retryAfterMs: 7000 });
  });

  it('says what failed without the address or the token', async () => {
    const { messenger } = setUp(() => {
      throw new TypeError('fetch failed: https://hooks.example/T0KEN', {
        cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      });
    });
    const error = await messenger.post(content, never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AdapterError);
    const { code, message, stack, cause } = error as AdapterError;
    expect({ code, message }).toEqual({
      code: 'WEBHOOK_UNAVAILABLE',
      message: 'the webhook at hooks.example cannot be reached (ECONNREFUSED): check the address and the network',
    });
    expect(`${stack} ${String(cause)}`).not.toContain('T0KEN');
  });

  it('stops when it is told to', async () => {
    const { messenger } = setUp(() => Promise.reject(new DOMException('aborted', 'AbortError')));
    await expect(messenger.post(content, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('waits as long as it is asked to, within a bound', () => {
    expect(toWaitMs(null, 0)).toBeNull();
    expect(toWaitMs('soon', 0)).toBeNull();
    expect(toWaitMs('3', 0)).toBe(3000);
    expect(toWaitMs('99999', 0)).toBe(300_000);
    expect(toWaitMs('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
  });
});
