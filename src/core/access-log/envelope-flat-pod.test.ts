import { describe, expect, it } from 'vitest';
import { fluentBitEnvelope, vectorEnvelope } from './envelope-flat-pod.ts';

describe('fluentBitEnvelope', () => {
  const kubernetes = {
    pod_name: 'checkout-v1-7d4f9c-abcde',
    namespace_name: 'shop',
    container_name: 'istio-proxy',
    host: 'node-1',
    labels: { app: 'checkout', version: 'v1', 'pod-template-hash': '7d4f9c', 'security.istio.io/tlsMode': 'istio' },
    annotations: { 'deploy-id': 'd-1041' },
  };

  it('reads pod, namespace, container, labels and annotations', () => {
    expect(fluentBitEnvelope.open({ log: 'line', kubernetes })).toEqual({
      line: 'line',
      container: 'istio-proxy',
      pod: 'checkout-v1-7d4f9c-abcde',
      host: 'node-1',
      node: { service: 'checkout', namespace: 'shop', version: 'v1', deployId: 'd-1041', workload: 'checkout-v1' },
      isSidecar: true,
    });
  });

  it('opens lines that Fluent Bit merged', () => {
    const merged = { start_time: 'x', log: 'l', kubernetes };
    expect(fluentBitEnvelope.open(merged)).toMatchObject({ line: merged });
    expect(fluentBitEnvelope.open({ log: 'l', log_processed: { a: 1 }, kubernetes })).toMatchObject({ line: { a: 1 } });
  });

  it.each([{}, { log: 'line' }, { kubernetes }, { log: 'line', kubernetes: { pod: { name: 'p' } } }])(
    'leaves %j alone',
    (object) => {
      expect(fluentBitEnvelope.open(object)).toBeNull();
    },
  );

  it('reads nothing from values of other types', () => {
    const odd = { pod_name: {}, namespace_name: [], container_name: true, labels: 'x', annotations: null };
    expect(fluentBitEnvelope.open({ log: 'line', kubernetes: odd })).toEqual({
      line: 'line',
      container: null,
      pod: null,
      host: null,
      node: { service: null, namespace: null, version: null, deployId: null, workload: null },
      isSidecar: false,
    });
  });
});

describe('vectorEnvelope', () => {
  const kubernetes = {
    container_name: 'istio-proxy',
    pod_annotations: { 'deploy-id': 'd-1041' },
    pod_labels: { app: 'checkout', version: 'v1', 'security.istio.io/tlsMode': 'istio' },
    pod_name: 'checkout-v1-7d4f9c-abcde',
    pod_namespace: 'shop',
    pod_node_name: 'node-1',
    pod_owner: 'ReplicaSet/checkout-v1-7d4f9c',
  };

  it('reads pod, namespace, container, labels, annotations and owner', () => {
    expect(vectorEnvelope.open({ message: 'line', kubernetes })).toEqual({
      line: 'line',
      container: 'istio-proxy',
      pod: 'checkout-v1-7d4f9c-abcde',
      host: 'node-1',
      node: { service: 'checkout', namespace: 'shop', version: 'v1', deployId: 'd-1041', workload: 'checkout-v1' },
      isSidecar: true,
    });
  });

  it.each([
    ['StatefulSet/db', 'db'],
    ['DaemonSet/agent-x', 'agent-x'],
    ['ReplicaSet/web-5f6d', 'web'],
    ['web', null],
    ['/', null],
    [5, null],
  ])('takes the workload from owner %j: %j', (owner, workload) => {
    const content = vectorEnvelope.open({ message: 'line', kubernetes: { pod_owner: owner } });
    expect(content).toMatchObject({ node: { workload } });
  });

  it.each([
    {},
    { message: 'line' },
    { kubernetes },
    { message: 'line', kubernetes: { pod_name: 'p', namespace_name: 'shop' } },
  ])('leaves %j alone', (object) => {
    expect(vectorEnvelope.open(object)).toBeNull();
  });
});
