// OTLP logs as protobuf, read into the objects that OTLP as JSON has, so that one envelope (envelope-otlp.ts) reads both.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
import type { JsonObject } from './field-value.ts';

type Message = Readonly<Record<number, Field>>;

/** A field by its name in JSON. Bytes are taken for text: as a body they are a line that nobody has decoded. */
interface Field {
  readonly name: string;
  readonly kind: 'text' | 'bool' | 'int' | 'double' | 'message' | 'messages';
  /** The message that the field holds; a function, since values nest. */
  readonly of?: () => Message;
}

const keyValue: Message = {
  1: { name: 'key', kind: 'text' },
  2: { name: 'value', kind: 'message', of: () => anyValue },
};
const keyValueList: Message = { 1: { name: 'values', kind: 'messages', of: () => keyValue } };
const anyValue: Message = {
  1: { name: 'stringValue', kind: 'text' },
  2: { name: 'boolValue', kind: 'bool' },
  3: { name: 'intValue', kind: 'int' },
  4: { name: 'doubleValue', kind: 'double' },
  5: { name: 'arrayValue', kind: 'message', of: () => ({}) },
  6: { name: 'kvlistValue', kind: 'message', of: () => keyValueList },
  7: { name: 'stringValue', kind: 'text' },
};
const logRecord: Message = {
  5: { name: 'body', kind: 'message', of: () => anyValue },
  6: { name: 'attributes', kind: 'messages', of: () => keyValue },
};
const resource: Message = { 1: { name: 'attributes', kind: 'messages', of: () => keyValue } };
const scopeLogs: Message = { 2: { name: 'logRecords', kind: 'messages', of: () => logRecord } };
const resourceLogs: Message = {
  1: { name: 'resource', kind: 'message', of: () => resource },
  2: { name: 'scopeLogs', kind: 'messages', of: () => scopeLogs },
};
const logsData: Message = { 1: { name: 'resourceLogs', kind: 'messages', of: () => resourceLogs } };

const wireTypes = { text: 2, bool: 0, int: 0, double: 1, message: 2, messages: 2 } as const;

/** The first byte of OTLP logs: field 1, with a length. In text it is a line feed, which a line may begin with too. */
const firstByte = 0x0a;

/** OTLP logs, or `null` where the bytes are no such message from the first to the last, or nest too deep. */
export function decodeOtlpProtobuf(bytes: Uint8Array, maxDepth: number): JsonObject | null {
  if (bytes[0] !== firstByte) return null;
  const reader = new WireReader(bytes);
  const message = readMessage(reader, bytes.length, logsData, maxDepth);
  return reader.isBroken ? null : message;
}

function readMessage(reader: WireReader, end: number, message: Message, depth: number): JsonObject {
  const object: Record<string, unknown> = {};
  if (depth === 0) reader.break();
  while (reader.at < end) {
    const key = reader.varint();
    const wireType = key % 8;
    const field = message[(key - wireType) / 8];
    if (field === undefined || wireTypes[field.kind] !== wireType) reader.skip(wireType);
    else readField(reader, object, field, depth);
  }
  if (reader.at > end) reader.break();
  return object;
}

function readField(reader: WireReader, object: Record<string, unknown>, field: Field, depth: number): void {
  const { name, kind } = field;
  if (kind === 'text') object[name] = reader.text();
  else if (kind === 'int') object[name] = reader.int();
  else if (kind === 'bool') object[name] = reader.varint() !== 0;
  else if (kind === 'double') object[name] = reader.double();
  else {
    const length = reader.varint();
    const value = readMessage(reader, reader.at + length, field.of?.() ?? {}, depth - 1);
    const list = object[name];
    if (kind === 'message') object[name] = value;
    else if (Array.isArray(list)) list.push(value);
    else object[name] = [value];
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const maxVarintBytes = 10;

/** Reads protobuf's wire format. What does not fit breaks the reader: it stands at the end from then on. */
class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;
  isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  break(): void {
    this.isBroken = true;
    this.at = Number.POSITIVE_INFINITY;
  }

  /** An unsigned number; above 2^53 not exact. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < maxVarintBytes; i += 1) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) break;
      this.at += 1;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    this.break();
    return 0;
  }

  /** A number of 64 bits with its sign, as text: so OTLP writes it as JSON. */
  int(): string {
    const start = this.at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return String(value);
    const exact = this.#bytes.subarray(start, this.at).reduceRight((sum, byte) => sum * 128n + BigInt(byte & 0x7f), 0n);
    return String(BigInt.asIntN(64, exact));
  }

  double(): number {
    const start = this.#advance(8);
    return this.isBroken ? 0 : this.#view.getFloat64(start, true);
  }

  text(): string {
    const length = this.varint();
    const start = this.#advance(length);
    if (this.isBroken) return '';
    try {
      return utf8.decode(this.#bytes.subarray(start, start + length));
    } catch {
      this.break();
      return '';
    }
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 2) this.#advance(this.varint());
    else if (wireType === 5) this.#advance(4);
    else this.break();
  }

  #advance(length: number): number {
    const start = this.at;
    if (start + length > this.#bytes.length) this.break();
    else this.at = start + length;
    return start;
  }
}
