// Fluent Bit's envelope (and Fluentd's, whose Kubernetes filter has the same names): the line in `log`, or its keys merged
// into the object or under `log_processed` (Merge_Log); the pod under `kubernetes` in flat keys.
// https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { innerLine, lineKeys, objectAt, textAt, toNode } from './envelope-metadata.ts';
import type { JsonObject } from './field-value.ts';

const ownKeys = ['pod_name', 'namespace_name', 'container_name'];

/** Lines as Fluent Bit's Kubernetes filter and Kafka output write them. Tried after Vector, which has `pod_name` too. */
export const fluentBitEnvelope: Envelope = {
  name: 'fluent-bit',
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
      host: textAt(kubernetes, 'host'),
      node: toNode({
        labels: objectAt(kubernetes, 'labels'),
        annotations: objectAt(kubernetes, 'annotations'),
        pod,
        namespace: textAt(kubernetes, 'namespace_name'),
        workload: null,
      }),
    };
  },
};
