// Filebeat's envelope: the pod under `kubernetes`, in objects of their own (`pod.name`, `container.name`). Also what comes
// without any Kubernetes metadata, such as the log files of Docker.
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { deploymentOf, innerLine, isInjectedSidecar, lineKeys, objectAt, textAt, toNode } from './envelope-metadata.ts';
import type { JsonObject } from './field-value.ts';

/** Lines as Filebeat (and Elastic Agent) writes them to Kafka. */
export const filebeatEnvelope: Envelope = {
  name: 'filebeat',
  markerKeys: lineKeys,
  open(object: JsonObject): EnvelopeContent | null {
    const line = innerLine(object);
    if (line === null) return null;
    const kubernetes = objectAt(object, 'kubernetes');
    const pod = textAt(objectAt(kubernetes, 'pod'), 'name');
    const labels = objectAt(kubernetes, 'labels');
    return {
      line,
      container: textAt(objectAt(kubernetes, 'container'), 'name'),
      pod,
      host: textAt(objectAt(kubernetes, 'node'), 'name'),
      node: toNode({
        labels,
        annotations: objectAt(kubernetes, 'annotations'),
        pod,
        namespace: textAt(kubernetes, 'namespace'),
        workload: workloadName(kubernetes),
      }),
      isSidecar: isInjectedSidecar(labels),
    };
  },
};

function workloadName(kubernetes: JsonObject): string | null {
  for (const kind of ['deployment', 'statefulset', 'daemonset', 'cronjob', 'job']) {
    const name = textAt(objectAt(kubernetes, kind), 'name');
    if (name !== null) return name;
  }
  return deploymentOf(textAt(objectAt(kubernetes, 'replicaset'), 'name'));
}
