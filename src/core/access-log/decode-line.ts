// The first stage: one Kafka value, or one line of a file, becomes an access-log record, is skipped, or is set aside
// with the reason. Strict, complete and total: the lean scanner (scan-line.ts) hands over whatever is unusual.
import type { Envelope, EnvelopeContent } from './envelope.ts';
import { withoutCriPrefix } from './envelope-cri.ts';
import { filebeatEnvelope } from './envelope-filebeat.ts';
import { fluentBitEnvelope } from './envelope-fluent-bit.ts';
import { otlpEnvelope } from './envelope-otlp.ts';
import { vectorEnvelope } from './envelope-vector.ts';
import type { JsonObject, Unreadable } from './field-value.ts';
import { isJsonObject, quoteValue, toSafeText, unreadable } from './field-value.ts';
import { exceedsDepth } from './json-depth.ts';
import type { Writer } from './json-record.ts';
import { toRecord, unknownWriter } from './json-record.ts';
import { decodeOtlpProtobuf } from './otlp-protobuf.ts';
import type { AccessLogRecord, Outcome, WorkloadIdentity } from './record.ts';
import { parseTextLine } from './text-format.ts';

/** Bounds on one line of outside text. */
export interface DecodeLimits {
  /** Longest line that is read, in bytes; longer ones are dead-lettered as `too_long`. */
  readonly maxLineBytes: number;
  /** Deepest nesting of JSON objects and arrays; deeper lines are dead-lettered as `too_deep`. */
  readonly maxDepth: number;
}

/**
 * 1 MiB: a line with the largest headers that Envoy takes (60 KiB each way), escaped twice, is well below it. Depth 32:
 * envelopes nest five or six levels.
 */
export const defaultDecodeLimits: DecodeLimits = { maxLineBytes: 1_048_576, maxDepth: 32 };

/** Every shipper's envelope that is recognised, tried in this order: the most particular first. */
export const envelopes: readonly Envelope[] = [otlpEnvelope, vectorEnvelope, fluentBitEnvelope, filebeatEnvelope];

/** Containers whose lines are access logs: Istio's name of the proxy in sidecars and gateways. */
export const proxyContainers: ReadonlySet<string> = new Set(['istio-proxy']);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one line in Istio's default JSON or TEXT format or the extended JSON format, bare or in a shipper's envelope, with or
 * without the prefix of a container runtime; or OTLP logs as protobuf.
 * Never throws, whatever the bytes.
 */
export function decodeLine(value: Uint8Array, limits: DecodeLimits = defaultDecodeLimits): Outcome<AccessLogRecord> {
  if (value.length > limits.maxLineBytes) {
    return unreadable('too_long', `line: ${value.length} bytes: expected at most ${limits.maxLineBytes}`);
  }
  const protobuf = openProtobuf(value, limits);
  if (protobuf !== null) return decodeContent(protobuf, limits);
  const text = decodeUtf8(value);
  if (text === null) return unreadable('not_utf8_text', `line: ${value.length} bytes: expected valid UTF-8`);
  const fields = parseFields(text, limits);
  if (fields.kind === 'dead-letter') return fields;
  const content = fields.format === 'json' ? openEnvelope(fields.value) : null;
  if (content !== null) return decodeContent(content, limits);
  // The texts of a JSON line can hold unsafe characters only as escapes, or where not every character is one byte.
  const mayBeUnsafe = fields.format === 'text' || text.length !== value.length || /[\\\u007f]/.test(text);
  return toRecord(fields.value, unknownWriter, mayBeUnsafe);
}

/** What is in the first envelope that an object is, or why it cannot be read; `null` where it is none. */
export function openEnvelope(object: JsonObject): EnvelopeContent | Unreadable | null {
  // A bare line, mostly: known without a look into every envelope.
  const { start_time: startTime, kubernetes, resourceLogs } = object;
  if (startTime !== undefined && kubernetes === undefined && resourceLogs === undefined) return null;
  for (const envelope of envelopes) {
    const content = envelope.open(object);
    if (content !== null) return content;
  }
  return null;
}

// Without a log record it is rather a text that begins with a line feed, and looks like protobuf by chance.
function openProtobuf(value: Uint8Array, limits: DecodeLimits): EnvelopeContent | Unreadable | null {
  const otlp = decodeOtlpProtobuf(value, limits.maxDepth);
  const content = otlp === null ? null : otlpEnvelope.open(otlp);
  return content !== null && 'kind' in content && content.reason === 'empty' ? null : content;
}

function decodeContent(content: EnvelopeContent | Unreadable, limits: DecodeLimits): Outcome<AccessLogRecord> {
  if ('kind' in content) return content;
  if (content.container !== null && !proxyContainers.has(content.container)) {
    return { kind: 'skip', reason: 'other_container' };
  }
  const writer: Writer = { pod: safe(content.pod), node: safeNode(content.node) };
  if (typeof content.line !== 'string') return toRecord(content.line, writer, true);
  const fields = parseFields(content.line, limits);
  if (fields.kind === 'dead-letter') return unreadable(fields.reason, `in the envelope: ${fields.detail}`);
  return toRecord(fields.value, writer, true);
}

function safeNode(node: WorkloadIdentity): WorkloadIdentity {
  return {
    service: safe(node.service),
    namespace: safe(node.namespace),
    version: safe(node.version),
    deployId: safe(node.deployId),
    workload: safe(node.workload),
  };
}

function safe(text: string | null): string | null {
  return text === null ? null : toSafeText(text);
}

function decodeUtf8(value: Uint8Array): string | null {
  try {
    return utf8.decode(value);
  } catch {
    return null;
  }
}

type Fields = { readonly kind: 'fields'; readonly format: 'json' | 'text'; readonly value: JsonObject } | Unreadable;

function parseFields(text: string, limits: DecodeLimits, mayHavePrefix = true): Fields {
  const first = /\S/.exec(text)?.[0];
  if (first === undefined) return unreadable('empty', 'line: nothing but white space: expected an access-log line');
  if (first === '{') return parseJson(text, limits);
  if (/^\s*\[\d/.test(text)) {
    const value = parseTextLine(text.trim());
    return isUnreadable(value) ? value : { kind: 'fields', format: 'text', value };
  }
  const line = /\d/.test(first) && mayHavePrefix ? withoutCriPrefix(text) : text;
  if (typeof line !== 'string') return line;
  // One prefix alone: a line of many would end in as many calls.
  if (line !== text) return parseFields(line, limits, false);
  return unreadable('not_an_access_log', `line: ${quoteValue(text)}: expected { or [time]`);
}

function isUnreadable(value: JsonObject | Unreadable): value is Unreadable {
  return value['kind'] === 'dead-letter';
}

function parseJson(text: string, limits: DecodeLimits): Fields {
  if (exceedsDepth(text, limits.maxDepth)) {
    return unreadable('too_deep', `line: ${quoteValue(text)}: expected at most ${limits.maxDepth} levels of nesting`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return { kind: 'fields', format: 'json', value };
  } catch {
    // The detail below says what can be said without quoting the parser.
  }
  return unreadable('malformed_json', `line: ${quoteValue(text)}: expected one whole JSON object`);
}
