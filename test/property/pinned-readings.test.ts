// The laws of readings: under every pin any bytes are read, skipped or set aside; a pin only takes away; the lean scanner keeps to the
// same pin; and the values of a batch are those of its lines one by one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTextFormat } from '#core/access-log/compile-text-format.ts';
import { decodeLine, decodeValue } from '#core/access-log/decode-line.ts';
import type { LineReading } from '#core/access-log/line-reading.ts';
import { anyReading, envelopeNames, lineFormats } from '#core/access-log/line-reading.ts';
import { deadLetterReasons, skipReasons } from '#core/access-log/record.ts';
import { LineScanner } from '#core/access-log/scan-line.ts';
import { istioTextFormat } from '#core/access-log/text-defaults.ts';
import { anyLineBytes, envelopeFiles, envelopeLines, goldenFormats, goldenLines } from '../support/line-arbitraries.ts';

const encoder = new TextEncoder();
const compiled = compileTextFormat(istioTextFormat);
if (compiled.kind !== 'ok') throw new Error(compiled.problem.message);

const readings: readonly LineReading[] = lineFormats.flatMap((format) =>
  envelopeNames.flatMap((envelope) => [null, compiled.format].map((textFormat) => ({ format, envelope, textFormat }))),
);
const reading = fc.constantFrom(...readings);
const realLines = [
  ...goldenFormats.flatMap((format) => goldenLines(format)),
  ...envelopeFiles.flatMap((file) => envelopeLines(file)),
];

describe('any pin', () => {
  it('reads, skips or sets aside whatever the bytes', () => {
    fc.assert(
      fc.property(anyLineBytes, reading, (bytes, pin) => {
        const lines = decodeValue(bytes, pin);
        expect(lines.length).toBeGreaterThan(0);
        for (const { outcome } of lines) {
          if (outcome.kind === 'skip') expect(skipReasons).toContain(outcome.reason);
          if (outcome.kind !== 'dead-letter') continue;
          expect(deadLetterReasons).toContain(outcome.reason);
          expect(outcome.detail).toMatch(/^.+: .*: expected .+$/);
        }
        if (lines.length === 1) expect(lines).toEqual([{ outcome: decodeLine(bytes, pin), value: null }]);
      }),
      { numRuns: 1500 },
    );
  });

  it('only takes away: what it reads is what is read without it', () => {
    for (const line of realLines) {
      const bytes = encoder.encode(line);
      const free = decodeLine(bytes);
      for (const pin of readings.filter(({ textFormat }) => textFormat === null)) {
        const pinned = decodeLine(bytes, pin);
        const isTaken = pinned.kind === 'dead-letter' && pinned.reason === 'other_format';
        if (!isTaken) expect(pinned).toEqual(free);
      }
    }
  });

  it('is read by some pin to a format and an envelope, and by one only', () => {
    const pins = readings.filter(
      ({ format, envelope, textFormat }) => format !== 'auto' && envelope !== 'auto' && textFormat === null,
    );
    for (const line of realLines) {
      const bytes = encoder.encode(line);
      if (decodeLine(bytes).kind !== 'ok') continue;
      expect(pins.filter((pin) => decodeLine(bytes, pin).kind === 'ok').length).toBe(1);
    }
  });
});

describe('the lean scanner', () => {
  it('accepts under a pin nothing but what decode accepts under it', () => {
    const scanners = readings.map((pin) => new LineScanner(pin));
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          anyLineBytes,
          fc.constantFrom(...realLines).map((line) => encoder.encode(line)),
        ),
        fc.nat(readings.length - 1),
        (bytes, i) => {
          if (scanners[i]?.scan(bytes) !== true) return;
          accepted += 1;
          expect(decodeLine(bytes, readings[i])).toMatchObject({
            kind: 'ok',
            value: { startAtMs: scanners[i]?.startAtMs },
          });
        },
      ),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('accepts under the pin that fits what it accepts without', () => {
    for (const [lines, envelope] of [
      [goldenLines('istio-json'), 'none'],
      [goldenLines('extended-json'), 'none'],
      [goldenLines('filebeat-istio-json'), 'filebeat'],
      [envelopeLines('vector.log').slice(0, 1), 'vector'],
      [envelopeLines('fluent-bit.log').slice(0, 1), 'fluent-bit'],
    ] as const) {
      const scanner = new LineScanner({ ...anyReading, format: 'json', envelope });
      for (const line of lines) expect(scanner.scan(encoder.encode(line))).toBe(true);
    }
  });

  it('leaves calls with a gRPC status that is not OK to the decoder', () => {
    const line = (status: string, key = 'grpc_status') =>
      encoder.encode(
        `{"start_time":"2026-11-21T05:21:17.136Z","response_flags":"-","response_code":200,"${key}":${status}}`,
      );
    const scanner = new LineScanner();
    for (const status of ['null', '"-"', '""', '0', '"0"', '"OK"']) {
      expect(scanner.scan(line(status))).toBe(true);
      expect(scanner.scan(line(status, 'grpc_status_number'))).toBe(true);
    }
    for (const status of ['14', '"14"', '"Unavailable"', '"KO"', '2', '{}', 'true', '"O\\u004b"', '00']) {
      expect(scanner.scan(line(status))).toBe(false);
      expect(scanner.scan(line(status, 'grpc_status_number'))).toBe(false);
    }
  });
});

describe('a batch', () => {
  it('is its lines, one by one', () => {
    const records = fc.array(
      fc.oneof(
        fc.constantFrom(...realLines).map((line) => ({ body: { stringValue: line } })),
        fc.constantFrom({}, { body: {} }, { body: { stringValue: 'x' } }, { body: { intValue: '1' } }),
      ),
      { maxLength: 5 },
    );
    const pod = (name: string) => ({ attributes: [{ key: 'k8s.pod.name', value: { stringValue: name } }] });
    const resourceLogs = fc.array(
      fc.record({
        resource: fc.constantFrom(pod('p1'), pod('p2'), {}),
        scopeLogs: fc.array(fc.record({ logRecords: records }), { maxLength: 3 }),
      }),
      { maxLength: 4 },
    );
    const encode = (value: unknown) => encoder.encode(JSON.stringify({ resourceLogs: value }));
    fc.assert(
      fc.property(resourceLogs, (resources) => {
        const alone = resources.flatMap(({ resource, scopeLogs }) =>
          scopeLogs.flatMap(({ logRecords }) =>
            logRecords.map((record) => decodeLine(encode([{ resource, scopeLogs: [{ logRecords: [record] }] }]))),
          ),
        );
        if (alone.length === 0) return;
        expect(decodeValue(encode(resources)).map(({ outcome }) => outcome)).toEqual(alone);
      }),
      { numRuns: 300 },
    );
  });
});
