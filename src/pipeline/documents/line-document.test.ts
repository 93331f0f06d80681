// The mapping to ECS: directions, units, outcomes, what is left out; and that no text of a line can break the JSON.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { unknownWorkload } from '#core/access-log/record.ts';
import { attribute } from '#core/attribute/attribute.ts';
import { classify } from '#core/classify/classify.ts';
import { maskDefaults } from '#core/mask/mask-settings.ts';
import { createMasker } from '#core/mask/masker.ts';
import { IsoTimes } from './iso-times.ts';
import type { EventOutcome } from './line-document.ts';
import { renderLineDocument } from './line-document.ts';

const masker = createMasker(maskDefaults);
const keeping = createMasker({ ...maskDefaults, enabled: false });
const startAtMs = Date.UTC(2026, 10, 21, 5, 21, 17, 136);

function aRecord(changes: Partial<AccessLogRecord> = {}): AccessLogRecord {
  return {
    startAtMs,
    durationMs: 7,
    method: 'GET',
    path: '/api/orders?id=7',
    protocol: 'HTTP/1.1',
    authority: 'payments.shop.svc.cluster.local:8080',
    responseCode: 200,
    responseFlags: [],
    responseCodeDetails: 'via_upstream',
    connectionTerminationDetails: null,
    upstreamTransportFailureReason: null,
    bytesReceived: 11,
    bytesSent: 87,
    upstreamServiceTimeMs: 6,
    requestId: 'r-1',
    traceId: 't-1',
    userAgent: 'checkout/v1.0',
    xForwardedFor: null,
    upstreamHost: '10.1.0.2:18080',
    upstreamCluster: 'outbound|8080|v2|payments.shop.svc.cluster.local',
    upstreamLocalAddress: '10.1.0.1:39654',
    downstreamLocalAddress: '10.96.0.1:8080',
    downstreamRemoteAddress: '10.1.0.1:21834',
    requestedServerName: null,
    routeName: 'default',
    listenerDirection: 'outbound',
    isSidecar: true,
    node: { ...unknownWorkload, service: 'checkout', namespace: 'shop', version: 'v1', deployId: 'd-1041' },
    pod: 'checkout-v1-abc',
    upstreamPeer: { ...unknownWorkload, service: 'payments', namespace: 'shop', version: 'v2', deployId: 'd-2002' },
    downstreamPeer: unknownWorkload,
    attemptCount: 1,
    host: null,
    grpcStatus: null,
    ...changes,
  };
}

const inbound = {
  upstreamCluster: 'inbound|8080||',
  listenerDirection: 'inbound',
  downstreamLocalAddress: '10.1.0.2:8080',
  node: { ...unknownWorkload, service: 'payments', version: 'v2' },
} as const;
const tcp = { protocol: null, method: null, path: null, authority: null, requestId: null, responseCode: 0 } as const;

function render(
  changes: Partial<AccessLogRecord> = {},
  original: string | null = null,
): Readonly<Record<string, unknown>> {
  const record = aRecord(changes);
  const traffic = attribute(record);
  const classification = classify(record, traffic);
  const line = { record, traffic, classification, dataCenter: 'dc1', ingestedAt: '2026-11-21T05:21:18.036Z', original };
  return JSON.parse(renderLineDocument(line, new IsoTimes(), masker)) as Readonly<Record<string, unknown>>;
}

function at(document: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
}

describe('a document of a line', () => {
  it('starts at the start and ends at the event time, with nanoseconds between', () => {
    expect(render()).toMatchObject({
      '@timestamp': '2026-11-21T05:21:17.136Z',
      event: { end: '2026-11-21T05:21:17.143Z', duration: 7_000_000, ingested: '2026-11-21T05:21:18.036Z' },
    });
    expect(at(render({ durationMs: 0 }), 'event.duration')).toBe(0);
  });

  it('has what the proxy received as the request’s bytes and what it sent as the response’s', () => {
    expect(at(render(), 'http.request.body.bytes')).toBe(11);
    expect(at(render(), 'http.response.body.bytes')).toBe(87);
  });

  it('has both ends under flagwatch, the writer as the service, and the destination’s deploy', () => {
    expect(render()).toMatchObject({
      service: { name: 'checkout', version: 'v1', node: { name: 'checkout-v1-abc' } },
      deployment: { id: 'd-2002' },
      labels: { deploy_id: 'd-2002' },
      flagwatch: {
        source: { service: 'checkout', namespace: 'shop', version: 'v1', version_from: 'node', deploy_id: 'd-1041' },
        destination: { service: 'payments', version: 'v2', version_from: 'upstream_metadata', deploy_id: 'd-2002' },
      },
    });
    expect(render(inbound)['service']).toMatchObject({ name: 'payments', version: 'v2' });
  });

  it('leaves the service out where the writer is not known', () => {
    expect(render({ node: unknownWorkload, pod: null })).not.toHaveProperty('service');
  });

  it('has the address that was called: the chosen host from the source’s side, its own from the destination’s', () => {
    expect(render()['destination']).toEqual({ address: '10.1.0.2', ip: '10.1.0.2', port: 18_080 });
    expect(render(inbound)['destination']).toEqual({ address: '10.1.0.2', ip: '10.1.0.2', port: 8080 });
    expect(render({ upstreamHost: null })['destination']).toMatchObject({ address: '10.96.0.1' });
  });

  it.each([
    ['[fd00::7]:8080', { address: 'fd00::7', ip: 'fd00::7', port: 8080 }],
    ['fd00::7', { address: 'fd00::7', ip: 'fd00::7' }],
    ['/run/app.sock', { address: '/run/app.sock' }],
    ['payments.shop:70000', { address: 'payments.shop:70000' }],
    ['payments.shop:', { address: 'payments.shop:' }],
    ['10.0.0.300:80', { address: '10.0.0.300', port: 80 }],
  ])('takes %s apart without inventing an IP address', (address, expected) => {
    expect(render({ downstreamRemoteAddress: address })['source']).toEqual(expected);
  });

  it('has flags as a list, also one that nobody knows', () => {
    expect(at(render({ responseFlags: ['URX', 'XYZ'] }), 'flagwatch.flags')).toEqual(['URX', 'XYZ']);
    expect(render()['flagwatch']).not.toHaveProperty('flags');
  });

  it('has the whole line only where it is asked for', () => {
    expect(render()['event']).not.toHaveProperty('original');
    expect(at(render({}, '{"a":"\n"}'), 'event.original')).toBe('{"a":"\n"}');
  });

  it('tells a TCP line by bytes of its ends, without HTTP', () => {
    const document = render(tcp);
    expect(document).not.toHaveProperty('http');
    expect(document).not.toHaveProperty('url');
    expect(at(document, 'event.category')).toEqual(['network']);
    expect([at(document, 'source.bytes'), at(document, 'destination.bytes')]).toEqual([11, 87]);
  });
});

describe('event.outcome', () => {
  const outcomes: readonly (readonly [string, Partial<AccessLogRecord>, EventOutcome])[] = [
    ['200', {}, 'success'],
    ['404 of the application', { responseCode: 404 }, 'failure'],
    ['503', { responseCode: 503 }, 'failure'],
    ['code 0 over HTTP, no flag', { responseCode: 0, responseCodeDetails: null }, 'failure'],
    ['DC 0', { responseCode: 0, responseFlags: ['DC'] }, 'failure'],
    ['UPE 200', { responseFlags: ['UPE'] }, 'failure'],
    ['UT 200', { responseFlags: ['UT'] }, 'failure'],
    ['DC 200', { responseFlags: ['DC'] }, 'failure'],
    ['RFCF 200, an answer from a cache', { responseFlags: ['RFCF'] }, 'success'],
    ['an unknown flag with 200', { responseFlags: ['XYZ'] }, 'unknown'],
    ['a healthy TCP line', tcp, 'success'],
    ['TCP refused', { ...tcp, responseFlags: ['UF', 'URX'] }, 'failure'],
  ];
  it.each(outcomes)('of %s', (_, changes, outcome) => {
    expect(at(render(changes), 'event.outcome')).toBe(outcome);
  });
});

it('is one line of JSON, whatever the texts of a line hold', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\n', '"}\n{"delete":{}}', '\u2028'));
  const texts = fc.record({
    path: text,
    authority: text,
    requestId: text,
    userAgent: text,
    upstreamHost: text,
    downstreamRemoteAddress: text,
    responseFlags: fc.array(text, { maxLength: 3 }),
    protocol: text,
    pod: text,
  });
  fc.assert(
    fc.property(texts, (changes) => {
      const record = aRecord(changes);
      const traffic = attribute(record);
      const classification = classify(record, traffic);
      const line = {
        record,
        traffic,
        classification,
        dataCenter: 'dc1',
        ingestedAt: '2026-11-21T05:21:18.036Z',
        original: record.path,
      };
      const json = renderLineDocument(line, new IsoTimes(), keeping);
      expect(json).not.toContain('\n');
      const document: unknown = JSON.parse(json);
      expect(at(document, 'url.original')).toBe(changes.path);
      expect(at(document, 'http.request.id')).toBe(changes.requestId);
    }),
  );
});
