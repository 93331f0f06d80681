import { describe, expect, it } from 'vitest';
import { deploymentOf, innerLine, textAt, toNode } from './envelope-metadata.ts';

const nothing = { labels: {}, annotations: {}, pod: null, namespace: null, workload: null };

describe('innerLine', () => {
  const parsed = { start_time: 'x' };

  it.each([
    [{ message: 'line' }, 'line'],
    [{ log: 'line' }, 'line'],
    [{ message: 'line', log: 'other' }, 'line'],
    [{ message: 'line', log: { offset: 0 } }, 'line'],
    [{ message: parsed }, parsed],
    [{ log: 'line', log_processed: parsed }, parsed],
    [{ log: {} }, null],
    [{ message: 5, log: 5, log_processed: 5 }, null],
    [{ start_time: 'x', message: 'm', log: 'l' }, null],
    [{}, null],
  ])('finds in %j: %j', (object, line) => {
    expect(innerLine(object)).toEqual(line);
  });

  it('takes the object itself where the keys of the line stand in it', () => {
    const merged = { start_time: 'x', log: 'l', kubernetes: {} };
    expect(innerLine(merged)).toBe(merged);
  });
});

describe('toNode', () => {
  it.each([
    { 'service.istio.io/canonical-name': 'pay', 'service.istio.io/canonical-revision': 'r7' },
    { 'service_istio_io/canonical-name': 'pay', 'service_istio_io/canonical-revision': 'r7' },
    { 'service_istio_io_canonical-name': 'pay', 'service_istio_io_canonical-revision': 'r7' },
    { service: { istio: { 'io/canonical-name': 'pay', 'io/canonical-revision': 'r7' } } },
    { app_kubernetes_io: 'x', 'app_kubernetes_io/name': 'pay', 'app_kubernetes_io/version': 'r7' },
  ])('prefers Istio’s canonical names, however their dots are written: %j', (labels) => {
    expect(toNode({ ...nothing, labels: { app: 'other', version: 'v9', ...labels } })).toMatchObject({
      service: 'pay',
      version: 'r7',
    });
  });

  it('takes the deploy id of the labels before that of the annotations', () => {
    const annotations = { 'deploy-id': 'd-7' };
    expect(toNode({ ...nothing, annotations }).deployId).toBe('d-7');
    expect(toNode({ ...nothing, annotations, labels: { 'deploy-id': 'd-8' } }).deployId).toBe('d-8');
  });

  it('knows a Deployment by the hash in its pod’s name, unless the shipper tells the workload', () => {
    const pod = { ...nothing, labels: { 'pod-template-hash': '7d4f9c' }, pod: 'checkout-v1-7d4f9c-abcde' };
    expect(toNode(pod).workload).toBe('checkout-v1');
    expect(toNode({ ...pod, workload: 'told' }).workload).toBe('told');
    expect(toNode({ ...pod, pod: 'db-0' }).workload).toBeNull();
    expect(toNode({ ...pod, pod: '-7d4f9c-abcde' }).workload).toBeNull();
  });
});

describe('deploymentOf', () => {
  it.each([
    ['checkout-v1-7d4f9c', 'checkout-v1'],
    ['db', 'db'],
    [null, null],
  ])('%j is %j', (replicaSet, deployment) => {
    expect(deploymentOf(replicaSet)).toBe(deployment);
  });
});

describe('textAt', () => {
  it.each([
    ['x', 'x'],
    [2, '2'],
    ['-', null],
    ['', null],
    [true, null],
    [{}, null],
    [null, null],
  ])('reads %j as %j', (value, text) => {
    expect(textAt({ a: value }, 'a')).toBe(text);
  });

  it('does not look at what objects inherit', () => {
    expect(textAt({}, 'constructor')).toBeNull();
  });
});
