// The OpenTelemetry Collector's envelope: OTLP logs as JSON, one log record in each. The line is the record's body, the
// pod is in the attributes of the resource. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { deploymentOf, objectAt, textAt, toNode } from './envelope-metadata.ts';
import type { JsonObject, Unreadable } from './field-value.ts';
import { isJsonObject, quoteValue, unreadable } from './field-value.ts';

const none: JsonObject = {};

/** Lines as the Collector's exporter kafka writes them with `encoding: otlp_json`. */
export const otlpEnvelope: Envelope = {
  markerKeys: ['resourceLogs'],
  open(object: JsonObject): EnvelopeContent | Unreadable | null {
    if (!Array.isArray(object['resourceLogs'])) return null;
    const records = logRecords(object);
    const [first] = records;
    if (first === undefined) return unreadable('empty', 'resourceLogs: no log record: expected one');
    if (records.length > 1) {
      const found = `resourceLogs: ${records.length} log records or more`;
      return unreadable('several_lines', `${found}: expected one log record in each Kafka record`);
    }
    return toContent(first.record, toObject(first.resource['attributes']));
  },
};

interface FoundRecord {
  readonly resource: JsonObject;
  readonly record: JsonObject;
}

/** The first two log records: enough to know one from several. */
function logRecords(object: JsonObject): FoundRecord[] {
  const found: FoundRecord[] = [];
  for (const resourceLog of objectsAt(object, 'resourceLogs')) {
    for (const scopeLog of objectsAt(resourceLog, 'scopeLogs')) {
      for (const record of objectsAt(scopeLog, 'logRecords')) {
        found.push({ resource: objectAt(resourceLog, 'resource'), record });
        if (found.length === 2) return found;
      }
    }
  }
  return found;
}

function toContent(record: JsonObject, resource: JsonObject): EnvelopeContent | Unreadable {
  const own = toObject(record['attributes']);
  const line = toLine(record['body'], own);
  if (line === null) {
    const body = quoteValue(record['body']);
    return unreadable('wrong_type', `resourceLogs, body: ${body}: expected stringValue or kvlistValue`);
  }
  // The attributes of the resource say more: those of the record stem from the line, or from before enrichment.
  const attribute = (name: string): string | null => textAt(resource, name) ?? textAt(own, name);
  const pod = attribute('k8s.pod.name');
  const node = toNode({
    labels: withoutPrefix({ ...own, ...resource }, ['k8s.pod.labels.', 'k8s.pod.label.']),
    annotations: withoutPrefix({ ...own, ...resource }, ['k8s.pod.annotations.', 'k8s.pod.annotation.']),
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
    node: {
      ...node,
      service: node.service ?? attribute('service.name'),
      version: node.version ?? attribute('service.version'),
      deployId: node.deployId ?? attribute('deployment.id') ?? attribute('deploy-id'),
    },
  };
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
