// What the envelopes share: where the line stands in them, and how a pod's labels name its service, version and deploy.
// Labels with dots come as they are, with underscores, or split into objects, by the shipper's settings.
import type { JsonObject } from './field-value.ts';
import { isJsonObject } from './field-value.ts';
import type { WorkloadIdentity } from './record.ts';

/** Keys of which every object that `innerLine` finds a line in has at least one. */
export const lineKeys: readonly string[] = ['message', 'log', 'log_processed', 'kubernetes'];

const none: JsonObject = {};

/** A label's name in every form in which shippers write it. */
interface Label {
  readonly spellings: readonly string[];
  readonly path: readonly string[];
}

const canonicalName = toLabel('service.istio.io/canonical-name');
const canonicalRevision = toLabel('service.istio.io/canonical-revision');
const appName = toLabel('app.kubernetes.io/name');
const appVersion = toLabel('app.kubernetes.io/version');
const app = toLabel('app');
const version = toLabel('version');
const deployId = toLabel('deploy-id');
const templateHash = toLabel('pod-template-hash');
const tlsMode = toLabel('security.istio.io/tlsMode');

function toLabel(name: string): Label {
  const spellings = new Set([name, name.replaceAll('.', '_'), name.replaceAll(/[./]/g, '_')]);
  return { spellings: [...spellings], path: name.split('.') };
}

/**
 * The line in a shipper's object, the same for every shipper: its keys beside `kubernetes`, or under `log_processed`,
 * where the shipper parsed it; else in `message`, else in `log`. `null` where there is none.
 */
export function innerLine(object: JsonObject): string | JsonObject | null {
  if (Object.hasOwn(object, 'start_time')) return isJsonObject(object['kubernetes']) ? object : null;
  const { message, log, log_processed: processed } = object;
  if (isJsonObject(processed)) return processed;
  if (typeof message === 'string' || isJsonObject(message)) return message;
  // Filebeat has an object there, which is about the file.
  return typeof log === 'string' ? log : null;
}

/** What a shipper knows of a pod: label and annotation sets, and the rest by the shipper's own names. */
export interface PodMetadata {
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
  readonly pod: string | null;
  readonly namespace: string | null;
  /** Name of what owns the pod, where the shipper tells it. */
  readonly workload: string | null;
}

/** Who a pod belongs to. The order of the labels is Istio's own for the canonical name and revision of a workload. */
export function toNode({ labels, annotations, pod, namespace, workload }: PodMetadata): WorkloadIdentity {
  return {
    service: label(labels, canonicalName) ?? label(labels, appName) ?? label(labels, app),
    namespace,
    version: label(labels, canonicalRevision) ?? label(labels, appVersion) ?? label(labels, version),
    deployId: label(labels, deployId) ?? label(annotations, deployId),
    workload: workload ?? workloadOfPod(labels, pod),
  };
}

/** Whether a pod has the label that Istio's template for sidecars gives, and that for gateways does not. */
export function isInjectedSidecar(labels: JsonObject): boolean {
  return label(labels, tlsMode) !== null;
}

// A Deployment's pod is named after it, the hash of the pod template (also a label) and a suffix.
function workloadOfPod(labels: JsonObject, pod: string | null): string | null {
  const hash = label(labels, templateHash);
  const at = pod === null || hash === null ? -1 : pod.lastIndexOf(`-${hash}-`);
  return pod === null || at <= 0 ? null : pod.slice(0, at);
}

/** The Deployment of a replica set, which is named after it and the hash of its pod template. */
export function deploymentOf(replicaSet: string | null): string | null {
  return replicaSet === null ? null : replicaSet.replace(/-[a-z0-9]{1,10}$/, '');
}

function label(labels: JsonObject, { spellings, path }: Label): string | null {
  for (const spelling of spellings) {
    const text = textAt(labels, spelling);
    if (text !== null) return text;
  }
  return path.length === 1 ? null : nestedText(labels, path);
}

function nestedText(labels: JsonObject, path: readonly string[]): string | null {
  let at = labels;
  for (const step of path.slice(0, -1)) at = objectAt(at, step);
  return textAt(at, path.at(-1) ?? '');
}

/** The object under a key; empty where there is none. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(object, key) ? object[key] : none;
  return isJsonObject(value) ? value : none;
}

/** The text under a key; a number as text; `null` for none, the empty text, `-` and any other type. */
export function textAt(object: JsonObject, key: string): string | null {
  const value = Object.hasOwn(object, key) ? object[key] : null;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value !== '-' ? value : null;
}
