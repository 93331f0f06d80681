// The OpenTelemetry Collector's envelope: OTLP logs as JSON, one log record or a batch of them, of one resource or several.
// The line is the record's body, the pod is in the attributes of the resource. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { deploymentOf, isInjectedSidecar, objectAt, textAt, toNode } from './envelope-metadata.ts';
import type { JsonObject, Unreadable } from './field-value.ts';
import { isJsonObject, quoteValue, unreadable } from './field-value.ts';

const none: JsonObject = {};

/** Lines as the Collector's exporter kafka writes them with `encoding: otlp_json`. */
export const otlpEnvelope: Envelope = {
  name: 'otlp',
  markerKeys: ['resourceLogs'],
  open(object: JsonObject): EnvelopeContent | Unreadable | null {
    const records = findOtlpRecords(object, 1);
    if (records === null) return null;
    const [first] = records.found;
    if (first === undefined) return unreadable('empty', 'resourceLogs: no log record: expected one');
    return records.hasMore ? severalRecords(1) : openOtlpRecord(first);
  },
};

/** What a resource says, once for all of its log records. */
interface Resource {
  /** As it came. */
  readonly source: JsonObject;
  readonly attributes: JsonObject;
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
}

/** One log record, and the resource that it is of. */
export interface OtlpRecord {
  readonly resource: Resource;
  readonly record: JsonObject;
}

/** The first `max` log records of an object, over all resources and scopes, in order; `null` where it is no OTLP logs. */
export function findOtlpRecords(
  object: JsonObject,
  max: number,
): { readonly found: readonly OtlpRecord[]; readonly hasMore: boolean } | null {
  if (!Array.isArray(object['resourceLogs'])) return null;
  const found: OtlpRecord[] = [];
  for (const resourceLog of objectsAt(object, 'resourceLogs')) {
    const resource = toResource(objectAt(resourceLog, 'resource'));
    for (const scopeLog of objectsAt(resourceLog, 'scopeLogs')) {
      for (const record of objectsAt(scopeLog, 'logRecords')) {
        if (found.length === max) return { found, hasMore: true };
        found.push({ resource, record });
      }
    }
  }
  return { found, hasMore: false };
}

/** The dead letter of more log records than are read. */
export function severalRecords(max: number): Unreadable {
  return unreadable('several_lines', `resourceLogs: more than ${max} log records: expected at most ${max}`);
}

/** Attributes of a resource that are read. Pods have some dozens; more would be gone through for each record of a batch. */
const maxResourceAttributes = 512;

function toResource(source: JsonObject): Resource {
  const { attributes: list } = source;
  const attributes = toObject(Array.isArray(list) ? list.slice(0, maxResourceAttributes) : list);
  return { source, attributes, labels: labelsOf(attributes), annotations: annotationsOf(attributes) };
}

const labelsOf = (attributes: JsonObject) => withoutPrefix(attributes, ['k8s.pod.labels.', 'k8s.pod.label.']);
const annotationsOf = (attributes: JsonObject) =>
  withoutPrefix(attributes, ['k8s.pod.annotations.', 'k8s.pod.annotation.']);

/** What is in one log record. */
export function openOtlpRecord({ record, resource }: OtlpRecord): EnvelopeContent | Unreadable {
  const own = toObject(record['attributes']);
  const line = toLine(record['body'], own);
  if (line === null) {
    const body = quoteValue(record['body']);
    return unreadable('wrong_type', `resourceLogs, body: ${body}: expected stringValue or kvlistValue`);
  }
  // The attributes of the resource say more: those of the record stem from the line, or from before enrichment.
  const attribute = (name: string): string | null => textAt(resource.attributes, name) ?? textAt(own, name);
  const pod = attribute('k8s.pod.name');
  const labels = merged(labelsOf(own), resource.labels);
  const node = toNode({
    labels,
    annotations: merged(annotationsOf(own), resource.annotations),
    pod,
    namespace: attribute('k8s.namespace.name'),
    workload:
      attribute('k8s.deployment.name') ??
      attribute('k8s.statefulset.name') ??
      attribute('k8s.daemonset.name') ??
      attribute('k8s.cronjob.name') ??
      attribute('k8s.job.name') ??
      deploymentOf(attribute('k8s.replicaset.name')),
  });
  return {
    line,
    container: attribute('k8s.container.name'),
    pod,
    host: attribute('k8s.node.name'),
    node: {
      ...node,
      service: node.service ?? attribute('service.name'),
      version: node.version ?? attribute('service.version'),
      deployId: node.deployId ?? attribute('deployment.id') ?? attribute('deploy-id'),
    },
    isSidecar: isInjectedSidecar(labels),
  };
}

function merged(own: JsonObject, resource: JsonObject): JsonObject {
  return Object.keys(own).length === 0 ? resource : { ...own, ...resource };
}

/** The body's text, its keys where the Collector parsed it into the body, or the attributes where it moved them there. */
function toLine(body: unknown, attributes: JsonObject): string | JsonObject | null {
  const { stringValue, kvlistValue } = isJsonObject(body) ? body : none;
  if (isJsonObject(kvlistValue)) return toObject(kvlistValue['values']);
  if (typeof stringValue === 'string' && stringValue !== '') return stringValue;
  return Object.hasOwn(attributes, 'start_time') ? attributes : null;
}

function withoutPrefix(attributes: JsonObject, prefixes: readonly string[]): JsonObject {
  const found = Object.entries(attributes).flatMap(([key, value]) => {
    const prefix = prefixes.find((start) => key.startsWith(start));
    return prefix === undefined ? [] : [[key.slice(prefix.length), value] as const];
  });
  return Object.fromEntries(found);
}

/** A list of `{key, value}` as an object. */
function toObject(list: unknown): JsonObject {
  const pairs = Array.isArray(list) ? list.filter(isJsonObject) : [];
  return Object.fromEntries(
    pairs.flatMap(({ key, value }) =>
      typeof key === 'string' && isJsonObject(value) ? [[key, toValue(value)] as const] : [],
    ),
  );
}

// Nothing that a line has is a list or bytes: those stay objects, as which every field refuses them. `null` has no member.
function toValue(value: JsonObject): unknown {
  const { stringValue, intValue, doubleValue, boolValue, kvlistValue } = value;
  if (isJsonObject(kvlistValue)) return toObject(kvlistValue['values']);
  const scalar = stringValue ?? intValue ?? doubleValue ?? boolValue;
  if (scalar !== undefined && scalar !== null) return scalar;
  return Object.keys(value).length === 0 ? null : value;
}

function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
