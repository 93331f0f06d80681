// Vector's envelope, of its source kubernetes_logs: the line in `message` (or its keys in the object, where a transform
// parsed it), the pod under `kubernetes` in flat keys that begin with `pod_`.
// https://vector.dev/docs/reference/configuration/sources/kubernetes_logs/
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { deploymentOf, innerLine, lineKeys, objectAt, textAt, toNode } from './envelope-metadata.ts';
import type { JsonObject } from './field-value.ts';

const ownKeys = ['pod_namespace', 'pod_labels', 'pod_annotations', 'pod_node_name', 'pod_owner'];

/** Lines as Vector's sink kafka writes them with `encoding.codec: json`. */
export const vectorEnvelope: Envelope = {
  name: 'vector',
  markerKeys: lineKeys,
  open(object: JsonObject): EnvelopeContent | null {
    const kubernetes = objectAt(object, 'kubernetes');
    const line = ownKeys.some((key) => Object.hasOwn(kubernetes, key)) ? innerLine(object) : null;
    if (line === null) return null;
    const pod = textAt(kubernetes, 'pod_name');
    return {
      line,
      container: textAt(kubernetes, 'container_name'),
      pod,
      host: textAt(kubernetes, 'pod_node_name'),
      node: toNode({
        labels: objectAt(kubernetes, 'pod_labels'),
        annotations: objectAt(kubernetes, 'pod_annotations'),
        pod,
        namespace: textAt(kubernetes, 'pod_namespace'),
        workload: ownerName(textAt(kubernetes, 'pod_owner')),
      }),
    };
  },
};

/** The workload of an owner such as `ReplicaSet/checkout-v1-7d4f9c`. */
function ownerName(owner: string | null): string | null {
  const parts = owner === null ? null : /^(\w+)\/(.+)$/.exec(owner);
  const name = parts?.[2] ?? null;
  return parts?.[1] === 'ReplicaSet' ? deploymentOf(name) : name;
}
