// The keys of one line, out of its text: JSON or TEXT, with or without a container runtime's prefix. What decode does with a bare
// line and with the line in an envelope alike.
import { withoutCriPrefix } from './envelope-cri.ts';
import type { JsonObject, Unreadable } from './field-value.ts';
import { isJsonObject, isUnreadable, quoteValue, unreadable } from './field-value.ts';
import { exceedsDepth } from './json-depth.ts';
import type { LineReading } from './line-reading.ts';
import { otherFormat } from './line-reading.ts';
import { isProxyLogObject, isProxyLogText } from './proxy-log.ts';
import type { SkipReason } from './record.ts';
import { readDefaultText } from './text-defaults.ts';

/** Bounds on one value of outside text. */
export interface DecodeLimits {
  /** Longest value that is read, in bytes; longer ones are dead-lettered as `too_long`. */
  readonly maxLineBytes: number;
  /** Deepest nesting of JSON objects and arrays; deeper lines are dead-lettered as `too_deep`. */
  readonly maxDepth: number;
}

/**
 * 1 MiB: a line with the largest headers that Envoy takes (60 KiB each way), escaped twice, is well below it. Depth 32:
 * envelopes nest five or six levels.
 */
export const defaultDecodeLimits: DecodeLimits = { maxLineBytes: 1_048_576, maxDepth: 32 };

/** The keys of a line and how it was written, or why there are none. */
export type ParsedFields = LineFields | { readonly kind: 'skip'; readonly reason: SkipReason } | Unreadable;

/** The keys of one line. */
export interface LineFields {
  readonly kind: 'fields';
  readonly format: 'json' | 'text';
  /** The line without the prefix of a container runtime, if it had one. */
  readonly line: string;
  readonly hasPrefix: boolean;
  readonly value: JsonObject;
}

/** Reads a line, bare or out of its envelope, within what `reading` allows. */
export function parseLine(text: string, limits: DecodeLimits, reading: LineReading): ParsedFields {
  const fields = parseFields(text, limits, reading);
  return fields.kind === 'fields' && fields.format === 'json' ? checkJsonLine(fields, reading) : fields;
}

/** Reads a value by its looks: JSON may still be an envelope. */
export function parseFields(text: string, limits: DecodeLimits, reading: LineReading, hasPrefix = false): ParsedFields {
  const first = /\S/.exec(text)?.[0];
  if (first === undefined) return unreadable('empty', 'line: nothing but white space: expected an access-log line');
  if (first === '{') {
    const fields = parseJson(text, limits, hasPrefix);
    return fields.kind === 'dead-letter' && isConfiguredText(reading) ? parseText(text, reading, hasPrefix) : fields;
  }
  if (/\d/.test(first) && !hasPrefix) {
    // One prefix alone: a line of many would end in as many calls.
    const line = withoutCriPrefix(text);
    if (typeof line !== 'string') return line;
    if (line !== text) return parseFields(line, limits, reading, true);
  }
  return parseText(text, reading, hasPrefix);
}

/** JSON that is no envelope, as a line: refused where the topic is pinned to TEXT, unless it is text that looks like JSON. */
export function checkJsonLine(fields: LineFields, reading: LineReading): ParsedFields {
  if (reading.format !== 'text') return fields;
  if (isProxyLogObject(fields.value)) return { kind: 'skip', reason: 'proxy_log' };
  if (isConfiguredText(reading)) return parseText(fields.line, reading, fields.hasPrefix);
  return otherFormat(fields.line, 'TEXT');
}

function isConfiguredText({ format, textFormat }: LineReading): boolean {
  return format === 'text' && textFormat !== null;
}

function parseText(text: string, { textFormat, format }: LineReading, hasPrefix: boolean): ParsedFields {
  const line = text.trim();
  if (isProxyLogText(line)) return { kind: 'skip', reason: 'proxy_log' };
  if (format === 'json') return otherFormat(line, 'JSON');
  const value = textFormat === null ? parseDefault(line) : textFormat.read(line);
  return isUnreadable(value) ? value : { kind: 'fields', format: 'text', line, hasPrefix, value };
}

function parseDefault(line: string): JsonObject | Unreadable {
  if (/^\[\d/.test(line)) return readDefaultText(line);
  return unreadable('not_an_access_log', `line: ${quoteValue(line)}: expected { or [time]`);
}

function parseJson(line: string, limits: DecodeLimits, hasPrefix: boolean): ParsedFields {
  if (exceedsDepth(line, limits.maxDepth)) {
    return unreadable('too_deep', `line: ${quoteValue(line)}: expected at most ${limits.maxDepth} levels of nesting`);
  }
  try {
    const value: unknown = JSON.parse(line);
    if (isJsonObject(value)) return { kind: 'fields', format: 'json', line, hasPrefix, value };
  } catch {
    // The detail below says what can be said without quoting the parser.
  }
  return unreadable('malformed_json', `line: ${quoteValue(line)}: expected one whole JSON object`);
}
