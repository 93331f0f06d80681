import { describe, expect, it } from 'vitest';
import { vectorEnvelope } from './envelope-vector.ts';

const kubernetes = {
  container_name: 'istio-proxy',
  pod_annotations: { 'deploy-id': 'd-1041' },
  pod_labels: { app: 'checkout', version: 'v1' },
  pod_name: 'checkout-v1-7d4f9c-abcde',
  pod_namespace: 'shop',
  pod_node_name: 'node-1',
  pod_owner: 'ReplicaSet/checkout-v1-7d4f9c',
};

describe('vectorEnvelope', () => {
  it('reads pod, namespace, container, labels, annotations and owner', () => {
    expect(vectorEnvelope.open({ message: 'line', kubernetes })).toEqual({
      line: 'line',
      container: 'istio-proxy',
      pod: 'checkout-v1-7d4f9c-abcde',
      host: 'node-1',
      node: { service: 'checkout', namespace: 'shop', version: 'v1', deployId: 'd-1041', workload: 'checkout-v1' },
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
