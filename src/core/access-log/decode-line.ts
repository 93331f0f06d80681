// The first stage: one Kafka value, or one line of a file, becomes access-log records, is skipped, or is set aside with the
// reason. Strict, complete and total: the lean scanner (scan-line.ts) hands over whatever is unusual.
import type { EnvelopeContent } from './envelope.ts';
import type { OtlpRecord } from './envelope-otlp.ts';
import { findOtlpRecords, openOtlpRecord, severalRecords } from './envelope-otlp.ts';
import type { JsonObject, Unreadable } from './field-value.ts';
import { toSafeText, unreadable } from './field-value.ts';
import type { Writer } from './json-record.ts';
import { toRecord, unknownWriter } from './json-record.ts';
import type { LineReading } from './line-reading.ts';
import { anyReading, otherFormat } from './line-reading.ts';
import { openEnvelope } from './open-envelope.ts';
import { decodeOtlpProtobuf } from './otlp-protobuf.ts';
import type { DecodeLimits, LineFields } from './parse-fields.ts';
import { checkJsonLine, defaultDecodeLimits, parseFields, parseLine } from './parse-fields.ts';
import type { AccessLogRecord, Outcome, WorkloadIdentity } from './record.ts';

/**
 * Log records read from one value: the Collector's own default batch. A value of 1 MiB holds some thousand lines; more are
 * hardly lines, and what lies behind the bound becomes one dead letter.
 */
export const maxRecordsPerValue = 8192;

/** Containers whose lines are access logs: Istio's name of the proxy in sidecars and gateways. */
export const proxyContainers: ReadonlySet<string> = new Set(['istio-proxy']);

/** One line of a value. */
export interface DecodedLine {
  readonly outcome: Outcome<AccessLogRecord>;
  /**
   * Of several lines in one value, one that cannot be read: it alone, as a value that holds nothing else, for the dead-letter
   * topic. `null`: the whole value.
   */
  readonly value: Uint8Array | null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one line in Istio's or Envoy's default formats, this project's extended JSON format or a configured TEXT format, bare or
 * in a shipper's envelope, with or without the prefix of a container runtime; or OTLP logs of one record, as JSON or protobuf.
 * OTLP logs of several are `several_lines`: `decodeValue` reads those. Never throws, whatever the bytes.
 */
export function decodeLine(
  value: Uint8Array,
  reading: LineReading = anyReading,
  limits: DecodeLimits = defaultDecodeLimits,
): Outcome<AccessLogRecord> {
  const opened = openValue(value, limits, reading, 1);
  if ('kind' in opened) return opened;
  const [first] = opened.records;
  return opened.hasMore || first === undefined ? severalRecords(1) : decodeOtlp(first, limits, reading);
}

/**
 * Reads every line of a value: one for most, several for OTLP batches, none is impossible. A line's place in the list is its
 * index in the value, whatever became of the others; the same bytes and reading give the same list. Never throws.
 */
export function decodeValue(
  value: Uint8Array,
  reading: LineReading = anyReading,
  limits: DecodeLimits = defaultDecodeLimits,
): readonly DecodedLine[] {
  const opened = openValue(value, limits, reading, maxRecordsPerValue);
  if ('kind' in opened) return [{ outcome: opened, value: null }];
  const { records, hasMore } = opened;
  const isBatch = hasMore || records.length > 1;
  const resources = new Map<OtlpRecord['resource'], string>();
  const lines = records.map((record): DecodedLine => {
    const outcome = decodeOtlp(record, limits, reading);
    return { outcome, value: isBatch && outcome.kind === 'dead-letter' ? encodeAlone(record, resources) : null };
  });
  if (hasMore) lines.push({ outcome: severalRecords(maxRecordsPerValue), value: null });
  return lines;
}

/** Longest description of a resource that goes with a dead letter: else a batch of bad records would repeat it without bound. */
const maxResourceCharacters = 8192;

const encoder = new TextEncoder();

function encodeAlone({ record, resource }: OtlpRecord, resources: Map<OtlpRecord['resource'], string>): Uint8Array {
  const source = resources.get(resource) ?? encodeResource(resource);
  resources.set(resource, source);
  return encoder.encode(
    `{"resourceLogs":[{"resource":${source},"scopeLogs":[{"logRecords":[${JSON.stringify(record)}]}]}]}`,
  );
}

function encodeResource({ source }: OtlpRecord['resource']): string {
  const text = JSON.stringify(source);
  return text.length > maxResourceCharacters ? '{}' : text;
}

/** Log records of one value that have not been read yet. */
interface OtlpBatch {
  readonly records: readonly OtlpRecord[];
  readonly hasMore: boolean;
}

function openValue(
  value: Uint8Array,
  limits: DecodeLimits,
  reading: LineReading,
  maxRecords: number,
): Outcome<AccessLogRecord> | OtlpBatch {
  if (value.length > limits.maxLineBytes) {
    return unreadable('too_long', `line: ${value.length} bytes: expected at most ${limits.maxLineBytes}`);
  }
  const protobuf = decodeOtlpProtobuf(value, limits.maxDepth);
  const batch = protobuf === null ? null : openOtlp(protobuf, maxRecords);
  // Without a log record it is rather a text that begins with a line feed, and looks like protobuf by chance.
  if (batch !== null && batch.records.length > 0) {
    return readsOtlp(reading) ? batch : otherFormat('OTLP logs as protobuf', `an envelope of ${reading.envelope}`);
  }
  const text = decodeUtf8(value);
  if (text === null) return unreadable('not_utf8_text', `line: ${value.length} bytes: expected valid UTF-8`);
  return openText(text, value.length, limits, reading, maxRecords);
}

function openText(
  text: string,
  byteLength: number,
  limits: DecodeLimits,
  reading: LineReading,
  maxRecords: number,
): Outcome<AccessLogRecord> | OtlpBatch {
  const fields = parseFields(text, limits, reading);
  if (fields.kind !== 'fields') return fields;
  const envelope = fields.format === 'json' ? openJson(fields.value, reading, maxRecords) : null;
  if (envelope === null) {
    const line = fields.format === 'json' ? checkJsonLine(fields, reading) : fields;
    return line.kind === 'fields' ? readBare(line, text.length !== byteLength, reading) : line;
  }
  return 'records' in envelope ? envelope : decodeContent(envelope, limits, reading);
}

/** What is in the envelope that an object is; `null` where it is none. */
function openJson(
  object: JsonObject,
  reading: LineReading,
  maxRecords: number,
): OtlpBatch | EnvelopeContent | Unreadable | null {
  const batch = readsOtlp(reading) ? openOtlp(object, maxRecords) : null;
  // Without a record the envelope itself says what is wrong.
  return batch === null || batch.records.length === 0 ? openEnvelope(object, reading.envelope) : batch;
}

function readsOtlp({ envelope }: LineReading): boolean {
  return envelope === 'auto' || envelope === 'otlp';
}

function openOtlp(object: JsonObject, maxRecords: number): OtlpBatch | null {
  const records = findOtlpRecords(object, maxRecords);
  return records === null ? null : { records: records.found, hasMore: records.hasMore };
}

function readBare(
  { value, format, line, hasPrefix }: LineFields,
  hasWideCharacters: boolean,
  { envelope }: LineReading,
): Outcome<AccessLogRecord> {
  if (envelope !== 'auto') {
    const isElsewhere =
      envelope !== (hasPrefix ? 'cri' : 'none') || (format === 'json' && openEnvelope(value) !== null);
    if (isElsewhere) return otherFormat(line, pinnedForm(envelope));
  }
  // The texts of a JSON line can hold unsafe characters only as escapes, or where not every character is one byte.
  return toRecord(value, unknownWriter, format === 'text' || hasWideCharacters || /[\\\u007f]/.test(line));
}

function pinnedForm(envelope: LineReading['envelope']): string {
  if (envelope === 'none') return 'a bare line';
  return envelope === 'cri' ? 'a bare line behind a container runtime’s prefix' : `an envelope of ${envelope}`;
}

function decodeOtlp(record: OtlpRecord, limits: DecodeLimits, reading: LineReading): Outcome<AccessLogRecord> {
  return decodeContent(openOtlpRecord(record), limits, reading);
}

function decodeContent(
  content: EnvelopeContent | Unreadable,
  limits: DecodeLimits,
  reading: LineReading,
): Outcome<AccessLogRecord> {
  if ('kind' in content) return content;
  if (content.container !== null && !proxyContainers.has(content.container)) {
    return { kind: 'skip', reason: 'other_container' };
  }
  const { isSidecar } = content;
  const writer: Writer = { pod: safe(content.pod), host: safe(content.host), node: safeNode(content.node), isSidecar };
  if (typeof content.line !== 'string') {
    // A shipper that takes lines apart takes them for JSON.
    return reading.format === 'text' ? otherFormat(content.line, 'TEXT') : toRecord(content.line, writer, true);
  }
  const fields = parseLine(content.line, limits, reading);
  if (fields.kind === 'dead-letter') return unreadable(fields.reason, `in the envelope: ${fields.detail}`);
  return fields.kind === 'skip' ? fields : toRecord(fields.value, writer, true);
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
