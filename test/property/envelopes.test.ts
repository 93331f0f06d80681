// The laws of envelopes: whichever shipper wraps a line, and however, the record is that of the bare line; what is not whole
// has a reason; and the lean scanner reads the usual ones itself.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { LineScanner } from '#core/access-log/scan-line.ts';
import {
  damagedProtobuf,
  envelopeLines,
  goldenLines,
  protobufEnvelopes,
  realEnvelope,
} from '../support/line-arbitraries.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (text: string) => decodeLine(encode(text));
const bareLine = fc.constantFrom(
  ...goldenLines('istio-json'),
  ...goldenLines('istio-text'),
  ...goldenLines('extended-json'),
);

/** A value of a parsed line as OTLP writes it. */
function toAnyValue(value: unknown): object {
  if (value === null) return {};
  return typeof value === 'number' ? { intValue: String(value) } : { stringValue: String(value) };
}

const attributes = (values: object) =>
  Object.entries(values).map(([key, value]) => ({ key, value: toAnyValue(value) }));
const otlp = (record: object) => ({
  resourceLogs: [
    {
      resource: {
        attributes: attributes({ 'k8s.pod.name': 'p', 'k8s.namespace.name': 'n', 'k8s.pod.labels.app': 'a' }),
      },
      scopeLogs: [{ logRecords: [record] }],
    },
  ],
});
const flat = { pod_name: 'p', namespace_name: 'n', labels: { app: 'a' } };
const vector = { pod_name: 'p', pod_namespace: 'n', pod_labels: { app: 'a' } };
const filebeat = { pod: { name: 'p' }, namespace: 'n', labels: { app: 'a' } };
const cri = '2026-11-21T05:21:17.136Z stdout F ';

/** Each way to wrap a line; those of `parsed` take its keys. */
const texts: readonly ((line: string) => object)[] = [
  (line) => ({ log: line, kubernetes: flat }),
  (line) => ({ kubernetes: flat, log: `${line}\n`, stream: 'stdout' }),
  (line) => ({ log: cri + line, kubernetes: flat }),
  (line) => ({ message: line, kubernetes: flat }),
  (line) => ({ message: line, kubernetes: vector }),
  (line) => ({ message: cri + line, kubernetes: filebeat }),
  (line) => ({ message: line, log: { offset: 1 }, kubernetes: filebeat }),
  (line) => otlp({ body: { stringValue: line } }),
  (line) => otlp({ body: { stringValue: cri + line } }),
];
const parsed: readonly ((fields: object) => object)[] = [
  (fields) => ({ ...fields, kubernetes: flat }),
  (fields) => ({ log: 'x', log_processed: fields, kubernetes: flat }),
  (fields) => ({ ...fields, kubernetes: vector }),
  (fields) => ({ message: fields, kubernetes: vector }),
  (fields) => ({ ...fields, kubernetes: filebeat }),
  (fields) => otlp({ body: { kvlistValue: { values: attributes(fields) } } }),
  (fields) => otlp({ attributes: attributes(fields) }),
];

/** What a bare line's record becomes in the envelopes above. */
function inEnvelope(line: string): AccessLogRecord {
  const bare = decode(line);
  if (bare.kind !== 'ok') throw new Error('not a recorded line');
  const { value } = bare;
  const { service, namespace } = value.node;
  return {
    ...value,
    pod: value.pod ?? 'p',
    node: { ...value.node, service: service ?? 'a', namespace: namespace ?? 'n' },
  };
}

describe('an envelope', () => {
  it('changes nothing of the line in it', () => {
    fc.assert(
      fc.property(bareLine, fc.constantFrom(...texts), (line, wrap) => {
        expect(decode(JSON.stringify(wrap(line)))).toEqual({ kind: 'ok', value: inEnvelope(line) });
      }),
      { numRuns: 1000 },
    );
  });

  it('changes nothing of a line whose keys it takes', () => {
    fc.assert(
      fc.property(bareLine, fc.constantFrom(...parsed), (line, wrap) => {
        fc.pre(line.startsWith('{'));
        const text = JSON.stringify(wrap(JSON.parse(line) as object));
        expect(decode(text)).toEqual({ kind: 'ok', value: inEnvelope(line) });
      }),
      { numRuns: 1000 },
    );
  });

  it('that is cut is set aside, wherever it is cut', () => {
    fc.assert(
      fc.property(realEnvelope, fc.double({ min: 0, max: 0.999, noNaN: true }), (line, share) => {
        fc.pre(line.startsWith('{'));
        expect(decode(line.slice(0, Math.floor(share * line.length)))).toMatchObject({ kind: 'dead-letter' });
      }),
      { numRuns: 500 },
    );
  });

  it('of one container runtime is taken off, not of many', () => {
    const line = goldenLines('istio-json')[1] ?? '';
    expect(decode(cri + line)).toEqual(decode(line));
    expect(decode(cri + cri + line)).toMatchObject({ reason: 'not_an_access_log' });
    expect(decode(cri.repeat(20_000) + line)).toMatchObject({ reason: 'not_an_access_log' });
  });

  it('of any shape around any line is read or has a reason', () => {
    const anyPart = fc.oneof(fc.constantFrom<unknown>(flat, vector, filebeat), bareLine, fc.jsonValue());
    const anyEnvelope = fc.record(
      { message: anyPart, log: anyPart, log_processed: anyPart, kubernetes: anyPart, resourceLogs: fc.array(anyPart) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyEnvelope, (envelope) => {
        expect(['ok', 'skip', 'dead-letter']).toContain(decode(JSON.stringify(envelope)).kind);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an OTLP envelope', () => {
  it('of any shape is read or has a reason', () => {
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.record(
          {
            stringValue: fc.oneof(bareLine, fc.string()),
            intValue: fc.oneof(fc.string(), fc.integer()),
            kvlistValue: fc.record({
              values: fc.array(
                fc.record({ key: fc.oneof(fc.string(), fc.constant('__proto__')), value: tie('value') }),
              ),
            }),
          },
          { requiredKeys: [] },
        ),
      ),
    }));
    const list = fc.oneof(
      fc.array(fc.record({ key: fc.constantFrom('k8s.pod.name', 'start_time'), value })),
      fc.jsonValue(),
    );
    const record = fc.oneof(fc.record({ body: value, attributes: list }, { requiredKeys: [] }), fc.jsonValue());
    fc.assert(
      fc.property(record, list, (logRecord, resource) => {
        const envelope = {
          resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ logRecords: [logRecord] }] }],
        };
        expect(['ok', 'skip', 'dead-letter']).toContain(decode(JSON.stringify(envelope)).kind);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('OTLP as protobuf', () => {
  it('that is damaged is read or has a reason', () => {
    const reasons = new Set<string>();
    fc.assert(
      fc.property(damagedProtobuf, (bytes) => {
        const outcome = decodeLine(bytes);
        reasons.add(outcome.kind === 'dead-letter' ? outcome.reason : outcome.kind);
      }),
      { numRuns: 5000 },
    );
    expect([...reasons]).toEqual(expect.arrayContaining(['ok', 'not_utf8_text']));
  });

  it('that is cut is never read', () => {
    for (const bytes of protobufEnvelopes) {
      for (let length = 0; length < bytes.length; length += 1) {
        expect(decodeLine(bytes.subarray(0, length)).kind).toBe('dead-letter');
      }
    }
  });

  it('does not take lines that begin with a line feed', () => {
    fc.assert(
      fc.property(bareLine, fc.nat(300), (line, padding) => {
        const text = `\n${line}${' '.repeat(padding)}`;
        expect(decode(text)).toEqual(decode(line));
      }),
    );
  });
});

describe('scan', () => {
  it.each(['fluent-bit.log', 'vector.log'] as const)('reads the usual envelope of %s itself', (file) => {
    const usual = envelopeLines(file)[0] ?? '';
    const scanner = new LineScanner();
    expect(scanner.scan(encode(usual))).toBe(true);
    const skipped = envelopeLines(file).filter((line) => decode(line).kind === 'skip');
    expect(skipped.map((line) => scanner.scan(encode(line)))).toEqual([false]);
  });

  it('leaves what stands in both `log` and `message` to the decoder', () => {
    const line = goldenLines('istio-json')[1] ?? '';
    const scanner = new LineScanner();
    expect(scanner.scan(encode(JSON.stringify({ log: line, kubernetes: flat })))).toBe(true);
    expect(scanner.scan(encode(JSON.stringify({ log: line, message: line })))).toBe(false);
    expect(scanner.scan(encode(JSON.stringify({ message: line, log: line })))).toBe(false);
    const text = JSON.stringify(line);
    expect(scanner.scan(encode(`{"log":${text},"log":{}}`))).toBe(false);
  });
});
