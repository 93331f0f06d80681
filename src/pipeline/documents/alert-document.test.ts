// Documents of alert transitions: the numbers, the labels in both places, and what a forged record must not do.
import { expect, it } from 'vitest';
import type { Verdict } from '#core/detect/verdict.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { alertDocumentId, renderAlertDocument } from './alert-document.ts';
import { IsoTimes } from './iso-times.ts';

const atMs = Date.UTC(2026, 10, 21, 5, 21, 20);
const verdict: Verdict = {
  kind: 'anomaly',
  windowStartAtMs: atMs - 10_000,
  windowEndAtMs: atMs,
  value: 12,
  unit: 'lines',
  requestCount: 40,
  baseline: 0.5,
  scale: 1,
  z: 11.5,
  reason: '12 of 40',
};

function aTransition(changes: Partial<AlertTransition> = {}): AlertTransition {
  return {
    id: 'abc-firing-1795238480000',
    fingerprint: 'abc',
    alert: 'UpstreamConnectionTermination',
    status: 'firing',
    isShadow: false,
    atMs,
    sinceAtMs: atMs - 10_000,
    labels: {
      destination_service: 'payments',
      destination_deploy_id: 'd-2002',
      flag: 'UC',
      severity: 'page',
      team: 'a.b',
    },
    annotations: { summary: 'UC at payments' },
    verdict,
    peak: verdict,
    totalCount: 12,
    totalRequestCount: 40,
    examples: [{ atMs, requestId: 'r-1' }],
    ...changes,
  };
}

function render(transition: AlertTransition): Record<string, unknown> {
  const context = { dataCenter: 'dc1', ingestedAtMs: atMs + 100 };
  return JSON.parse(renderAlertDocument(transition, context, new IsoTimes())) as Record<string, unknown>;
}

it('tells the step, its numbers and its labels, the edge’s also under the edge’s fields', () => {
  expect(render(aTransition())).toMatchObject({
    '@timestamp': '2026-11-21T05:21:20.000Z',
    event: { kind: 'alert', action: 'firing', start: '2026-11-21T05:21:10.000Z', end: '2026-11-21T05:21:20.000Z' },
    message: 'UC at payments',
    rule: { name: 'UpstreamConnectionTermination' },
    deployment: { id: 'd-2002' },
    flagwatch: {
      data_center: 'dc1',
      flags: ['UC'],
      destination: { service: 'payments', deploy_id: 'd-2002' },
      alert: {
        fingerprint: 'abc',
        status: 'firing',
        shadow: false,
        severity: 'page',
        labels: { team: 'a.b' },
        verdict: { value: 12, unit: 'lines', baseline: 0.5, z: 11.5, request_count: 40 },
        total_count: 12,
        request_ids: ['r-1'],
      },
    },
  });
});

it('has the data centre in its id, because alerts of two of them may have the same', () => {
  expect(alertDocumentId('dc1', aTransition())).toBe('dc1/abc-firing-1795238480000');
});

it('survives what another writer may leave in a record', () => {
  const forged = { sinceAtMs: 1e300, verdict: {}, peak: {}, examples: [null, {}], labels: {}, annotations: {} };
  expect(() => render(aTransition(forged as unknown as Partial<AlertTransition>))).not.toThrow();
});
