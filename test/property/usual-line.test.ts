// The law of the usual line's reader: what it reads is what decode and attribute make of the line, in every field.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { LineReading } from '#core/access-log/line-reading.ts';
import { anyReading } from '#core/access-log/line-reading.ts';
import { attribute } from '#core/attribute/attribute.ts';
import { UsualLineReader } from '#core/attribute/usual-line.ts';
import {
  anyLineBytes,
  changedLine,
  damagedLine,
  envelopeLines,
  goldenLines,
  hostileValue,
} from '../support/line-arbitraries.ts';

const encoder = new TextEncoder();

/** A reader whose every answer is compared with the decoder's; one for all lines, so that what it remembers meets the next. */
function checked(reading: LineReading = anyReading) {
  const reader = new UsualLineReader(reading);
  const counts = { read: 0, left: 0 };
  const check = (bytes: Uint8Array) => {
    const line = reader.read(bytes);
    if (line === null) {
      counts.left += 1;
      return;
    }
    counts.read += 1;
    const outcome = decodeLine(bytes, reading);
    expect(outcome).toEqual({ kind: 'ok', value: line.record });
    if (outcome.kind === 'ok') expect(line.traffic).toEqual(attribute(outcome.value));
  };
  return { check, counts };
}

describe('the reader of usual lines', () => {
  it.each(['istio-json', 'extended-json', 'filebeat-istio-json'] as const)(
    'reads every recorded line of %s',
    (format) => {
      const { check, counts } = checked();
      for (const line of [...goldenLines(format), ...goldenLines(format)]) check(encoder.encode(line));
      expect(counts.left).toBe(0);
    },
  );

  it('reads the usual envelopes of other shippers', () => {
    const { check, counts } = checked();
    for (const file of ['fluent-bit.log', 'vector.log'] as const) check(encoder.encode(envelopeLines(file)[0] ?? ''));
    expect(counts.read).toBe(2);
  });

  it('agrees with the decoder on any bytes, on changed lines and on damaged ones', () => {
    const { check, counts } = checked();
    const bytes = fc.oneof(
      anyLineBytes,
      fc.oneof(changedLine, damagedLine).map((line) => encoder.encode(line)),
    );
    fc.assert(fc.property(bytes, check), { numRuns: 4000 });
    expect(counts.read).toBeGreaterThan(200);
  });

  it('agrees with the decoder on every field with every hostile value', () => {
    const { check, counts } = checked();
    const keys = [...Object.keys(JSON.parse(goldenLines('extended-json')[1] ?? '{}') as object), 'grpc_status_number'];
    const value = fc.oneof(
      hostileValue,
      fc.constantFrom('"\\u002d"', '"a\\"b\\\\c"', '"\\ud800\\u0000"', '"a\u007fb"', '"\\/\\n"', '"OK"', '"0"'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...keys), value, fc.boolean(), (key, text, isEnveloped) => {
        const members = {
          start_time: '"2026-11-21T05:21:17.136Z"',
          response_flags: '"-"',
          response_code: '200',
          [key]: text,
        };
        const line = `{${Object.entries(members).map(([name, member]) => `"${name}":${member}`)}}`;
        const metadata =
          '"kubernetes":{"container":{"name":"istio-proxy"},"pod":{"name":"p"},"node":{"name":"n\\u0007"}}';
        check(encoder.encode(isEnveloped ? `{"message":${JSON.stringify(line)},${metadata}}` : line));
      }),
      { numRuns: 5000 },
    );
    expect(counts.read).toBeGreaterThan(1000);
  });

  it('keeps to its pin', () => {
    const { check, counts } = checked({ ...anyReading, envelope: 'filebeat' });
    for (const line of goldenLines('istio-json')) check(encoder.encode(line));
    expect(counts.read).toBe(0);
    for (const line of goldenLines('filebeat-istio-json')) check(encoder.encode(line));
    expect(counts.read).toBe(goldenLines('filebeat-istio-json').length);
  });
});
