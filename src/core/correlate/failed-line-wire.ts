// Wire form, version 1, of what collect hands to correlate (topic failed-lines):
//   {"v":1,"kind":"line","source":[cluster,topic,partition],"line":{…the fields of RequestLine…}}   key: correlationKey
//   watermarks as core/clock/source-mark-wire.ts has them   to every partition
import type { Outcome } from '#core/access-log/record.ts';
import { reporters } from '#core/attribute/traffic.ts';
import { confidences, faults } from '#core/classify/classification.ts';
import type { SourceName, SourceWatermark } from '#core/clock/source-mark-wire.ts';
import { decodeSourceWatermark, encodeSourceWatermark, isSourceName } from '#core/clock/source-mark-wire.ts';
import { parseWire, unreadable } from '#core/wire.ts';
import type { Check } from './record-checks.ts';
import {
  hasFields,
  isBoolean,
  isEndpoint,
  isListOf,
  isNumber,
  isObject,
  isOneOf,
  isText,
  isTextOrNull,
  wrongField,
} from './record-checks.ts';
import type { RequestLine } from './request-line.ts';

/** One record of the topic. */
export type FailedLineRecord =
  | { readonly kind: 'line'; readonly source: SourceName; readonly line: RequestLine }
  | SourceWatermark;

/** JSON text of a record. */
export function encodeFailedLineRecord(record: FailedLineRecord): string {
  if (record.kind === 'watermark') return encodeSourceWatermark(record);
  return JSON.stringify({ v: 1, kind: 'line', source: record.source, line: record.line });
}

/** The record, or why it is none. */
export function decodeFailedLineRecord(value: Uint8Array): Outcome<FailedLineRecord> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const { source, kind, line } = wire.value;
  if (!isSourceName(source)) return unreadable('source is not [cluster, topic, partition]');
  if (kind === 'watermark') return decodeSourceWatermark(source, wire.value);
  if (kind !== 'line') return unreadable(`kind ${JSON.stringify(kind)} is not known`);
  if (!isObject(line)) return unreadable('line is not an object');
  const wrong = wrongField(line, lineChecks);
  if (wrong !== null) return unreadable(`${wrong} of the line is missing or of a wrong type`);
  return { kind: 'ok', value: { kind: 'line', source, line: line as unknown as RequestLine } };
}

const lineChecks: Readonly<Record<keyof RequestLine, Check>> = {
  requestId: isTextOrNull,
  traceId: isTextOrNull,
  startAtMs: isNumber,
  durationMs: isNumber,
  traffic: hasFields({ reporter: isOneOf(reporters), source: isEndpoint, destination: isEndpoint }),
  pod: isTextOrNull,
  isHttp: isBoolean,
  flags: isListOf(isText),
  code: isNumber,
  details: isTextOrNull,
  attemptCount: (value) => value === null || isNumber(value),
  called: isTextOrNull,
  upstreamHost: isTextOrNull,
  upstreamLocalAddress: isTextOrNull,
  downstreamLocalAddress: isTextOrNull,
  downstreamRemoteAddress: isTextOrNull,
  fault: isOneOf(faults),
  confidence: isOneOf(confidences),
};
