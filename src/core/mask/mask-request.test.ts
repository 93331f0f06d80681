// Failed requests and alerts: nothing private is left in what is shown of them.
import { expect, it } from 'vitest';
import type { Endpoint } from '#core/attribute/traffic.ts';
import type { RequestFault } from '#core/correlate/request-fault.ts';
import { renderMessage } from '#core/notify/render.ts';
import { aTransition } from '../../../test/support/notify-builders.ts';
import { maskTransition } from './mask-counts.ts';
import { maskRequestFault } from './mask-request.ts';
import { maskDefaults } from './mask-settings.ts';
import { createMasker } from './masker.ts';

const masker = createMasker({ ...maskDefaults, addresses: 'hash', addressSalt: 'sixteen-characters' });
const end = (service: string): Endpoint => ({
  service,
  namespace: 'shop',
  version: 'v2',
  versionFrom: 'node',
  deployId: 'd-2002',
});
const root = { source: end('cart'), destination: end('kim@bank.co.kr') };
const request: RequestFault = {
  id: '0a1b2c',
  revision: 1,
  requestId: '4111-1111-1111-1111',
  traceId: '4111111111111111',
  client: '10.0.0.7:41234',
  startedAtMs: 0,
  endedAtMs: 1,
  filedAtMs: 1,
  countedAtMs: 1,
  party: 'callee',
  fault: 'app_error',
  root: { ...root, fault: 'app_error' },
  hops: [
    {
      ...root,
      reporter: 'source',
      flags: ['UC'],
      code: 503,
      details: 'reset|remote_address:10.0.0.8:80|token=abc',
      startedAtMs: 0,
      durationMs: 1,
      pod: 'payments-v2-5678945678-24567',
      depth: 0,
      isRoot: true,
    },
  ],
  evidence: 'both sides',
  why: { en: 'kim@bank.co.kr answered 503', ko: 'kim@bank.co.kr이(가) 503으로 답했습니다' },
};

it('a request keeps its trace, its pods and its services', () => {
  const masked = maskRequestFault(request, masker);
  expect(JSON.stringify(masked)).not.toMatch(/kim@|4111-|10\.0\.0|abc/);
  expect(masked).toMatchObject({
    id: '0a1b2c',
    requestId: '[masked:card]',
    traceId: '4111111111111111',
    client: expect.stringMatching(/^addr-[0-9a-f]{16}:41234$/),
    root: { source: end('cart') },
    hops: [{ pod: 'payments-v2-5678945678-24567' }],
    why: { ko: '[masked:email]이(가) 503으로 답했습니다' },
  });
});

it('a message says nothing that its labels, annotations and examples hold', () => {
  const transition = aTransition({
    labels: { ...aTransition().labels, destination_service: 'kim@bank.co.kr', owner: 'call 110-123-456789' },
    annotations: { summary: 'card 4111 1111 1111 1111', runbook_url: 'https://wiki.example/x?page=1' },
    examples: [{ atMs: 1, requestId: 'kim@bank.co.kr' }],
  });
  const settings = { timeZone: 'UTC', language: 'en', searchUrlTemplate: 'https://k.example/?q={request_id}' } as const;
  const message = JSON.stringify(renderMessage(maskTransition(transition, masker), null, settings));
  expect(message).not.toMatch(/kim@|kim%40|110-123|4111/);
  expect(message).toContain('https://wiki.example/x?page=1');
});
