import { describe, expect, it } from 'vitest';
import { filebeatEnvelope } from './envelope-filebeat.ts';
import { unknownWorkload } from './record.ts';

function open(kubernetes: Record<string, unknown>) {
  const content = filebeatEnvelope.open({ message: 'line', kubernetes });
  if (content === null || 'kind' in content) throw new Error('not opened');
  return content;
}

describe('filebeatEnvelope', () => {
  it('opens what has a message, and lines that Filebeat parsed', () => {
    expect(filebeatEnvelope.open({ message: 'line' })).toEqual({
      line: 'line',
      container: null,
      pod: null,
      host: null,
      node: unknownWorkload,
      isSidecar: false,
    });
    const parsed = { start_time: 'x', kubernetes: { pod: { name: 'p' } } };
    expect(filebeatEnvelope.open(parsed)).toMatchObject({ line: parsed, pod: 'p' });
  });

  it.each([{}, { message: 5 }, { start_time: 'x', message: 'm' }, { kubernetes: {} }])('leaves %j alone', (object) => {
    expect(filebeatEnvelope.open(object)).toBeNull();
  });

  it('reads pod, namespace, container and labels', () => {
    const kubernetes = {
      container: { name: 'istio-proxy' },
      namespace: 'shop',
      pod: { name: 'checkout-v1-7d4f9c-abcde' },
      node: { name: 'node-1' },
      replicaset: { name: 'checkout-v1-7d4f9c' },
      labels: { app: 'checkout', version: 'v1', 'deploy-id': 'd-1041', 'security_istio_io/tlsMode': 'istio' },
    };
    expect(open(kubernetes)).toEqual({
      line: 'line',
      container: 'istio-proxy',
      pod: 'checkout-v1-7d4f9c-abcde',
      host: 'node-1',
      node: { service: 'checkout', namespace: 'shop', version: 'v1', deployId: 'd-1041', workload: 'checkout-v1' },
      isSidecar: true,
    });
  });

  it.each([
    { 'service.istio.io/canonical-name': 'pay', 'service.istio.io/canonical-revision': 'r7' },
    { 'service_istio_io/canonical-name': 'pay', 'service_istio_io/canonical-revision': 'r7' },
    { service: { istio: { 'io/canonical-name': 'pay', 'io/canonical-revision': 'r7' } } },
    { app_kubernetes_io: 'x', 'app_kubernetes_io/name': 'pay', 'app_kubernetes_io/version': 'r7' },
  ])('prefers Istio’s canonical names, however their dots are written: %j', (labels) => {
    expect(open({ labels: { app: 'other', version: 'v9', ...labels } })?.node).toMatchObject({
      service: 'pay',
      version: 'r7',
    });
  });

  it('finds the deploy id among the annotations, and the workload by its kind', () => {
    const node = open({
      annotations: { 'deploy-id': 'd-7' },
      statefulset: { name: 'db' },
      replicaset: { name: 'x-1' },
    });
    expect(node?.node).toEqual({ ...unknownWorkload, deployId: 'd-7', workload: 'db' });
  });

  it('reads nothing from values of other types', () => {
    expect(open({ pod: [], container: 'x', namespace: {}, labels: { app: { x: 1 }, version: true } })?.node).toEqual(
      unknownWorkload,
    );
    expect(open({ labels: { version: 2 } })?.node.version).toBe('2');
  });
});
