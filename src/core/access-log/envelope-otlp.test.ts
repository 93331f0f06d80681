import { describe, expect, it } from 'vitest';
import { otlpEnvelope } from './envelope-otlp.ts';

const attributes = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : value,
  }));
const pod = {
  'k8s.container.name': 'istio-proxy',
  'k8s.namespace.name': 'shop',
  'k8s.pod.name': 'checkout-v1-7d4f9c-abcde',
  'k8s.node.name': 'node-1',
  'k8s.replicaset.name': 'checkout-v1-7d4f9c',
  'k8s.pod.labels.app': 'checkout',
  'k8s.pod.labels.version': 'v1',
  'k8s.pod.labels.security.istio.io/tlsMode': 'istio',
  'k8s.pod.annotations.deploy-id': 'd-1041',
};
const text = { stringValue: 'line' };

function open(logRecords: unknown, resource: Record<string, unknown> = pod) {
  return otlpEnvelope.open({
    resourceLogs: [{ resource: { attributes: attributes(resource) }, scopeLogs: [{ logRecords }] }],
  });
}

describe('otlpEnvelope', () => {
  const content = {
    line: 'line',
    container: 'istio-proxy',
    pod: 'checkout-v1-7d4f9c-abcde',
    host: 'node-1',
    node: { service: 'checkout', namespace: 'shop', version: 'v1', deployId: 'd-1041', workload: 'checkout-v1' },
    isSidecar: true,
  };

  it('reads the body, and the pod from the attributes of the resource', () => {
    expect(open([{ body: text }])).toEqual(content);
  });

  it('reads the pod from the attributes of the record where the resource has none', () => {
    expect(open([{ body: text, attributes: attributes(pod) }], {})).toEqual(content);
    const other = attributes({ ...pod, 'k8s.pod.name': 'other', 'k8s.pod.labels.app': 'other' });
    expect(open([{ body: text, attributes: other }])).toEqual(content);
  });

  it('reads labels by their later name, and the service’s own attributes where labels are missing', () => {
    expect(open([{ body: text }], { 'k8s.pod.label.app': 'a', 'k8s.pod.label.version': 'v' })).toMatchObject({
      node: { service: 'a', version: 'v' },
    });
    const service = { 'service.name': 's', 'service.version': 'w', 'deployment.id': 'd-2' };
    expect(open([{ body: text }], service)).toMatchObject({ node: { service: 's', version: 'w', deployId: 'd-2' } });
    expect(open([{ body: text }], { ...pod, ...service })).toEqual(content);
  });

  it('reads a body that was parsed, with every type of value', () => {
    const values = attributes({
      text: 'x',
      whole: { intValue: '200' },
      number: { intValue: 7 },
      fraction: { doubleValue: 1.5 },
      truth: { boolValue: false },
      none: {},
      map: { kvlistValue: { values: attributes({ a: 'b' }) } },
      list: { arrayValue: { values: [] } },
    });
    expect(open([{ body: { kvlistValue: { values } } }])).toMatchObject({
      line: {
        text: 'x',
        whole: '200',
        number: 7,
        fraction: 1.5,
        truth: false,
        none: null,
        map: { a: 'b' },
        list: { arrayValue: { values: [] } },
      },
    });
  });

  it('reads a line whose keys were moved to the attributes', () => {
    const moved = attributes({ start_time: 'x', response_code: { intValue: '503' } });
    expect(open([{ attributes: moved }])).toMatchObject({ line: { start_time: 'x', response_code: '503' } });
    expect(open([{ body: text, attributes: moved }])).toMatchObject({ line: 'line' });
  });

  it.each([
    [[], 'empty'],
    ['x', 'empty'],
    [[{ body: text }, { body: text }], 'several_lines'],
    [[{}], 'wrong_type'],
    [[{ body: { intValue: '5' } }], 'wrong_type'],
    [[{ body: 'line' }], 'wrong_type'],
  ])('refuses log records %j: %s', (records, reason) => {
    expect(open(records)).toMatchObject({
      kind: 'dead-letter',
      reason,
      detail: expect.stringMatching(/^resourceLogs.*: .*: expected .+$/),
    });
  });

  it('counts log records over all resources and scopes', () => {
    const one = { scopeLogs: [{ logRecords: [] }, { logRecords: [{ body: text }] }] };
    expect(otlpEnvelope.open({ resourceLogs: [{}, one, 5] })).toMatchObject({ line: 'line', pod: null });
    expect(otlpEnvelope.open({ resourceLogs: [one, one] })).toMatchObject({ reason: 'several_lines' });
  });

  it.each([{}, { resourceLogs: {} }, { resource: {} }])('leaves %j alone', (object) => {
    expect(otlpEnvelope.open(object)).toBeNull();
  });

  it('takes no key for more than a key', () => {
    const content = open([{ body: { kvlistValue: { values: attributes({ ['__proto__']: 'x', a: 'b' }) } } }]);
    expect(content).toMatchObject({ line: { a: 'b' } });
    expect(Object.getPrototypeOf((content as { line: object }).line)).toBe(Object.prototype);
  });
});
