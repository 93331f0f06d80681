// The lean reader for collect: of a healthy line it takes the few fields that counting needs, straight from the bytes, and
// leaves every unusual line to decodeLine. One strict pass over the JSON, which makes no object and no string.
//
// Chosen by measuring on recorded lines of 0.8 to 1.7 KB (test/bench/decode.bench.ts): 1.1 µs of CPU a KB, where JSON.parse
// alone takes 2.1 and decodeLine 4. JSON.parse spends its time on a string or a number for every value; a search with indexOf
// costs a call for each of some hundred quotes. Here the bytes are read four at a time, each key is compared with the one that
// came there last, and a known identity is found by its bytes. A TEXT line is short, and left to decodeLine.
import { proxyContainers } from './decode-line.ts';
import { toSafeText } from './field-value.ts';
import type { IdentityTableLimits } from './identity-table.ts';
import { defaultIdentityTableLimits, IdentityTable } from './identity-table.ts';
import { IsoClock } from './iso-clock.ts';
import { byte } from './json-bytes.ts';
import { maxDurationMs, maxResponseCode, toTraceId } from './json-record.ts';
import type { EnvelopeName, LineReading } from './line-reading.ts';
import { anyReading } from './line-reading.ts';
import { LineWalk, missing, text } from './line-walk.ts';
import { openEnvelope } from './open-envelope.ts';
import type { DecodeLimits } from './parse-fields.ts';
import { defaultDecodeLimits } from './parse-fields.ts';
import type { AccessLogRecord } from './record.ts';
import { identityFieldIds, scanFieldId, scanFieldKinds } from './scan-fields.ts';
import type { IdentifiedFields } from './scanned-record.ts';
import { toScannedRecord } from './scanned-record.ts';
import { countOf, isEmpty } from './walked-value.ts';

const startTime = scanFieldId('start_time');
const duration = scanFieldId('duration');
const responseCode = scanFieldId('response_code');
const responseFlags = scanFieldId('response_flags');
const responseFlagsLong = scanFieldId('response_flags_long');
const accessLogType = scanFieldId('access_log_type');
const requestId = scanFieldId('request_id');
const traceparent = scanFieldId('traceparent');
const b3TraceId = scanFieldId('x_b3_traceid');
const traceId = scanFieldId('trace_id');
const attempts = scanFieldId('attempts');
const direction = scanFieldId('listener_direction');
const grpcStatus = scanFieldId('grpc_status');
const grpcStatusNumber = scanFieldId('grpc_status_number');
const message = scanFieldId('message');
const responseCodeDetails = scanFieldId('response_code_details');
const kubernetes = scanFieldId('kubernetes');

/** Fields that only have to be counts, as decodeLine wants them. */
const unreadCounts = Int32Array.from(
  [...scanFieldKinds.keys()].filter(
    (field) => scanFieldKinds[field] === 'count' && ![duration, responseCode, attempts].includes(field),
  ),
);

/** Longest text of flags that is read here: no flag in it can be too long for decodeLine. */
const maxFlagsLength = 64;
/** Most texts of flags have at most six bytes (`URX,UF`), so that one number tells them apart. */
const maxCachedFlagsLength = 6;
const maxFlagTexts = 1024;
const plainFlags = /^\w+(?:,\w+)*$/;
/** `UpstreamEnd` ends an attempt, not a request, and is the shortest type with that ending. */
const upstreamEndLength = 11;
/** `End` in the upper bytes of a little-endian word. */
const endingWord = 0x646e_4500;
/** The details of an answer of the upstream: no others of Envoy's are as long and begin with the same letter. */
const viaUpstream = 'via_upstream';
const viaUpstreamByte = viaUpstream.charCodeAt(0);
/** `OK` as a little-endian half word. */
const okWord = 0x4b4f;

/**
 * Reads one line at a time. `scan` returns true only where `decodeLine` gives a record, and then the public fields hold what
 * that record holds; false says nothing about the line. Fields and texts are valid until the next `scan`; the bytes are copied.
 */
export class LineScanner {
  /** As in AccessLogRecord. */
  startAtMs = 0;
  durationMs = 0;
  responseCode = 0;
  /** The record's flags, joined by commas; empty for none. */
  responseFlags = '';
  attemptCount: number | null = null;
  /**
   * Names all that attribution reads, but for the authority (`readsAuthority`): other lines with the same identity have the same Traffic. The converse does not hold, and the
   * text means nothing else.
   */
  identity = '';

  readonly #walk: LineWalk;
  readonly #clock = new IsoClock();
  readonly #identities: IdentityTable;
  readonly #flagTexts = new Map<number, string>();

  /** What `reading` allows: bare lines, and envelopes that say nothing of a pod. */
  readonly #readsBare: boolean;
  readonly #readsPlainEnvelopes: boolean;
  readonly #envelope: EnvelopeName;
  readonly #isText: boolean;

  /** Pinned to TEXT it accepts nothing. */
  constructor(
    reading: LineReading = anyReading,
    limits: DecodeLimits = defaultDecodeLimits,
    identityLimits: IdentityTableLimits = defaultIdentityTableLimits,
  ) {
    const isText = reading.format === 'text';
    this.#envelope = reading.envelope;
    this.#readsBare = !isText && (reading.envelope === 'auto' || reading.envelope === 'none');
    this.#readsPlainEnvelopes = !isText && openEnvelope({ message: '' }, reading.envelope) !== null;
    this.#isText = isText;
    this.#walk = new LineWalk(limits);
    this.#identities = new IdentityTable(identityFieldIds, text, identityLimits);
  }

  /** Whether the line is a usual one, understood in full. */
  scan(value: Uint8Array): boolean {
    const walk = this.#walk;
    return (
      walk.walk(value) &&
      this.#isAllowed(walk) &&
      this.#readNumbers(walk) &&
      this.#readFlags(walk) &&
      this.#identify(walk)
    );
  }

  /** Whether the answer came from the upstream: no proxy between has answered for it. `null` where the line does not say. */
  get isUpstreamAnswer(): boolean | null {
    const walk = this.#walk;
    if (isEmpty(walk, responseCodeDetails)) return null;
    const start = walk.starts[responseCodeDetails] as number;
    const length = (walk.ends[responseCodeDetails] as number) - start;
    return length === viaUpstream.length && walk.bytes.view.getUint8(start) === viaUpstreamByte;
  }

  /** The record's request id. */
  requestId(): string | null {
    return textOf(this.#walk, requestId);
  }

  /** The record's trace id. */
  traceId(): string | null {
    const walk = this.#walk;
    return toTraceId(textOf(walk, traceparent), textOf(walk, b3TraceId), textOf(walk, traceId));
  }

  /** Whether the form of the line is one that may be read. Envelopes with a pod are looked at with their identity. */
  #isAllowed(walk: LineWalk): boolean {
    if (walk.held[message] === missing) return this.#readsBare;
    return walk.held[kubernetes] === missing ? this.#readsPlainEnvelopes : !this.#isText;
  }

  /**
   * The whole record of the line; `identified` are the fields of any line with the same identity. Its texts are slices of one
   * text of the line, which they hold.
   */
  record(identified: IdentifiedFields): AccessLogRecord {
    return toScannedRecord(this.#walk, identified, {
      startAtMs: this.startAtMs,
      durationMs: this.durationMs,
      responseCode: this.responseCode,
      responseFlags: this.responseFlags === '' ? [] : this.responseFlags.split(','),
      attemptCount: this.attemptCount,
      traceId: this.traceId(),
    });
  }

  #readNumbers(walk: LineWalk): boolean {
    if (walk.held[startTime] !== text) return false;
    const { view } = walk.bytes;
    this.startAtMs = this.#clock.read(view, walk.starts[startTime] as number, walk.ends[startTime] as number);
    this.durationMs = countOf(walk, duration);
    this.responseCode = countOf(walk, responseCode);
    const attemptCount = countOf(walk, attempts);
    this.attemptCount = isEmpty(walk, attempts) ? null : attemptCount;
    // What cannot be read is -1.
    if (this.startAtMs < 0 || this.durationMs < 0 || this.responseCode < 0 || attemptCount < 0) return false;
    if (this.durationMs > maxDurationMs || this.responseCode > maxResponseCode) return false;
    for (let i = 0; i < unreadCounts.length; i += 1) if (countOf(walk, unreadCounts[i] as number) < 0) return false;
    return isFinal(walk) && isDirection(walk) && isOk(walk, grpcStatus) && isOk(walk, grpcStatusNumber);
  }

  #readFlags(walk: LineWalk): boolean {
    this.responseFlags = '';
    if (isEmpty(walk, responseFlags)) {
      const isAccessLog = walk.held[responseFlags] !== missing || walk.held[responseCode] !== missing;
      return isAccessLog && isEmpty(walk, responseFlagsLong);
    }
    const start = walk.starts[responseFlags] as number;
    const end = walk.ends[responseFlags] as number;
    if (end - start > maxFlagsLength) return false;
    const flags = end - start > maxCachedFlagsLength ? walk.bytes.textOf(start, end) : this.#flagText(walk, start, end);
    this.responseFlags = flags;
    return plainFlags.test(flags);
  }

  #flagText(walk: LineWalk, start: number, end: number): string {
    let key = 0;
    for (let at = start; at < end; at += 1) key = key * 256 + walk.bytes.view.getUint8(at);
    const known = this.#flagTexts.get(key);
    if (known !== undefined) return known;
    const flags = walk.bytes.textOf(start, end);
    if (this.#flagTexts.size === maxFlagTexts) this.#flagTexts.clear();
    this.#flagTexts.set(key, flags);
    return flags;
  }

  #identify(walk: LineWalk): boolean {
    const { view } = walk.bytes;
    const identity =
      this.#identities.find(view, walk) ?? (isProxy(walk, this.#envelope) ? this.#identities.add(view, walk) : null);
    this.identity = identity ?? '';
    return identity !== null;
  }
}

/** Whether it is an envelope that may be read, and its container a proxy's. Asked once for each identity, of which `kubernetes` is a part. */
function isProxy(walk: LineWalk, envelope: EnvelopeName): boolean {
  if (walk.held[kubernetes] === missing) return true;
  const json = walk.bytes.textOf(walk.starts[kubernetes] as number, walk.ends[kubernetes] as number);
  const content = openEnvelope({ message: '', kubernetes: JSON.parse(json) }, envelope);
  if (content === null || 'kind' in content) return false;
  return content.container === null || proxyContainers.has(content.container);
}

/** Whether the entry is of a type that decodeLine surely takes for final: any that ends in `End`, but of an attempt. */
function isFinal(walk: LineWalk): boolean {
  if (isEmpty(walk, accessLogType)) return true;
  const end = walk.ends[accessLogType] as number;
  const length = end - (walk.starts[accessLogType] as number);
  return length > upstreamEndLength && (walk.bytes.view.getInt32(end - 4, true) & ~0xff) === endingWord;
}

function isDirection(walk: LineWalk): boolean {
  const length = (walk.ends[direction] as number) - (walk.starts[direction] as number);
  return isEmpty(walk, direction) || (length === 1 && countOf(walk, direction) >= 0 && countOf(walk, direction) <= 2);
}

/** Whether a field holds no status, or that of a call that went well: every other line is worth a closer look. */
function isOk(walk: LineWalk, field: number): boolean {
  if (isEmpty(walk, field)) return true;
  const start = walk.starts[field] as number;
  const length = (walk.ends[field] as number) - start;
  if (length === 1) return walk.bytes.view.getUint8(start) === byte.zero;
  return length === 2 && walk.bytes.view.getUint16(start, true) === okWord;
}

function textOf(walk: LineWalk, field: number): string | null {
  if (isEmpty(walk, field)) return null;
  return toSafeText(walk.bytes.textOf(walk.starts[field] as number, walk.ends[field] as number));
}
