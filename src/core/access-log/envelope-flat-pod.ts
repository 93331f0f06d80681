// The envelopes that hold the pod under `kubernetes` in flat keys, each shipper with names of its own:
// Fluent Bit's (and Fluentd's, whose Kubernetes filter has the same names): https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes
// Vector's, of its source kubernetes_logs: https://vector.dev/docs/reference/configuration/sources/kubernetes_logs/
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { deploymentOf, innerLine, isInjectedSidecar, lineKeys, objectAt, textAt, toNode } from './envelope-metadata.ts';
import type { JsonObject } from './field-value.ts';

/** How a shipper calls what it knows of a pod. */
interface PodKeys {
  readonly container: string;
  readonly pod: string;
  readonly host: string;
  readonly labels: string;
  readonly annotations: string;
  readonly namespace: string;
  /** What owns the pod, `null` where the shipper does not tell. */
  readonly owner: string | null;
  /** The keys of which each envelope of the shipper has one at least. */
  readonly own: readonly string[];
}

/**
 * Lines as Fluent Bit's Kubernetes filter and Kafka output write them: the line in `log`, or its keys merged into the object or under
 * `log_processed` (Merge_Log). Tried after Vector, which has `pod_name` too.
 */
export const fluentBitEnvelope = flatPodEnvelope('fluent-bit', {
  container: 'container_name',
  pod: 'pod_name',
  host: 'host',
  labels: 'labels',
  annotations: 'annotations',
  namespace: 'namespace_name',
  owner: null,
  own: ['pod_name', 'namespace_name', 'container_name'],
});

/**
 * Lines as Vector's sink kafka writes them with `encoding.codec: json`: the line in `message`, or its keys in the object, where a
 * transform parsed it.
 */
export const vectorEnvelope = flatPodEnvelope('vector', {
  container: 'container_name',
  pod: 'pod_name',
  host: 'pod_node_name',
  labels: 'pod_labels',
  annotations: 'pod_annotations',
  namespace: 'pod_namespace',
  owner: 'pod_owner',
  own: ['pod_namespace', 'pod_labels', 'pod_annotations', 'pod_node_name', 'pod_owner'],
});

function flatPodEnvelope(name: Envelope['name'], keys: PodKeys): Envelope {
  return {
    name,
    markerKeys: lineKeys,
    open(object: JsonObject): EnvelopeContent | null {
      const kubernetes = objectAt(object, 'kubernetes');
      const line = keys.own.some((key) => Object.hasOwn(kubernetes, key)) ? innerLine(object) : null;
      if (line === null) return null;
      const pod = textAt(kubernetes, keys.pod);
      const labels = objectAt(kubernetes, keys.labels);
      return {
        line,
        container: textAt(kubernetes, keys.container),
        pod,
        host: textAt(kubernetes, keys.host),
        node: toNode({
          labels,
          annotations: objectAt(kubernetes, keys.annotations),
          pod,
          namespace: textAt(kubernetes, keys.namespace),
          workload: keys.owner === null ? null : ownerName(textAt(kubernetes, keys.owner)),
        }),
        isSidecar: isInjectedSidecar(labels),
      };
    },
  };
}

/** The workload of an owner such as `ReplicaSet/checkout-v1-7d4f9c`. */
function ownerName(owner: string | null): string | null {
  const parts = owner === null ? null : /^(\w+)\/(.+)$/.exec(owner);
  const name = parts?.[2] ?? null;
  return parts?.[1] === 'ReplicaSet' ? deploymentOf(name) : name;
}
