// Filebeat's envelope: the line in `message` (or its keys beside it, where Filebeat parsed them), the pod under
// `kubernetes`. Labels with dots come as they are, with underscores, or split into objects, by Filebeat's settings.
import type { Envelope, EnvelopeContent } from './envelope.ts';
import type { JsonObject } from './field-value.ts';
import { isJsonObject } from './field-value.ts';
import type { WorkloadIdentity } from './record.ts';

const none: JsonObject = {};

/** Lines as Filebeat (and Elastic Agent) writes them to Kafka. */
export const filebeatEnvelope: Envelope = {
  markerKeys: ['message', 'kubernetes'],
  open(object: JsonObject): EnvelopeContent | null {
    const line = innerLine(object);
    if (line === null) return null;
    const kubernetes = objectAt(object, 'kubernetes');
    return {
      line,
      container: textAt(objectAt(kubernetes, 'container'), 'name'),
      pod: textAt(objectAt(kubernetes, 'pod'), 'name'),
      node: toNode(kubernetes),
    };
  },
};

function innerLine(object: JsonObject): string | JsonObject | null {
  if (Object.hasOwn(object, 'start_time')) return isJsonObject(object['kubernetes']) ? object : null;
  const message = object['message'];
  return typeof message === 'string' ? message : null;
}

// The order of the labels is Istio's own order for the canonical name and revision of a workload.
function toNode(kubernetes: JsonObject): WorkloadIdentity {
  const labels = objectAt(kubernetes, 'labels');
  return {
    service:
      label(labels, 'service.istio.io/canonical-name') ??
      label(labels, 'app.kubernetes.io/name') ??
      label(labels, 'app'),
    namespace: textAt(kubernetes, 'namespace'),
    version:
      label(labels, 'service.istio.io/canonical-revision') ??
      label(labels, 'app.kubernetes.io/version') ??
      label(labels, 'version'),
    deployId: label(labels, 'deploy-id') ?? label(objectAt(kubernetes, 'annotations'), 'deploy-id'),
    workload: workloadName(kubernetes),
  };
}

function workloadName(kubernetes: JsonObject): string | null {
  for (const kind of ['deployment', 'statefulset', 'daemonset', 'cronjob', 'job']) {
    const name = textAt(objectAt(kubernetes, kind), 'name');
    if (name !== null) return name;
  }
  // A Deployment names its replica sets after itself and a hash of the pod template.
  const replicaSet = textAt(objectAt(kubernetes, 'replicaset'), 'name');
  return replicaSet === null ? null : replicaSet.replace(/-[a-z0-9]{1,10}$/, '');
}

function label(labels: JsonObject, name: string): string | null {
  return textAt(labels, name) ?? textAt(labels, name.replaceAll('.', '_')) ?? nestedText(labels, name.split('.'));
}

function nestedText(labels: JsonObject, path: readonly string[]): string | null {
  let at = labels;
  for (const step of path.slice(0, -1)) at = objectAt(at, step);
  return textAt(at, path.at(-1) ?? '');
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(object, key) ? object[key] : none;
  return isJsonObject(value) ? value : none;
}

function textAt(object: JsonObject, key: string): string | null {
  const value = Object.hasOwn(object, key) ? object[key] : null;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value !== '-' ? value : null;
}
