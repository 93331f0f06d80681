// Record and traffic of a usual line in one go, at half of what decoding and attributing it costs: the lean scanner reads it, and what
// its writer, cluster and peers mean is remembered. For loops that need the whole record of every line.
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { LineReading } from '#core/access-log/line-reading.ts';
import { anyReading } from '#core/access-log/line-reading.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { LineScanner } from '#core/access-log/scan-line.ts';
import { attribute, readsAuthority } from './attribute.ts';
import type { Traffic } from './traffic.ts';

/** A line, and who called whom in it. */
export interface AttributedLine {
  readonly record: AccessLogRecord;
  readonly traffic: Traffic;
}

/** Identities remembered, as many as the scanner's own table does. */
const maxIdentities = 16_384;

/** Reads the lines of one topic, one at a time. */
export class UsualLineReader {
  readonly #reading: LineReading;
  readonly #scanner: LineScanner;
  readonly #known = new Map<string, AttributedLine>();

  constructor(reading: LineReading = anyReading) {
    this.#reading = reading;
    this.#scanner = new LineScanner(reading);
  }

  /**
   * The record that decodeLine gives, and its traffic as `attribute` has it; `null` says nothing but that only `decodeValue` can
   * tell what the value is. The texts of a record hold the line: keep no record.
   */
  read(value: Uint8Array): AttributedLine | null {
    const scanner = this.#scanner;
    if (!scanner.scan(value)) return null;
    const known = this.#known.get(scanner.identity) ?? this.#learn(value);
    const record = scanner.record(known.record);
    return { record, traffic: readsAuthority(record) ? attribute(record) : known.traffic };
  }

  #learn(value: Uint8Array): AttributedLine {
    const outcome = decodeLine(value, this.#reading);
    if (outcome.kind !== 'ok') throw new Error('the scanner accepted a line that the decoder does not');
    // What is remembered holds for all lines of the identity; the authority is no part of it.
    const line = { record: outcome.value, traffic: attribute({ ...outcome.value, authority: null }) };
    if (this.#known.size >= maxIdentities) this.#known.clear();
    this.#known.set(this.#scanner.identity, line);
    return line;
  }
}
