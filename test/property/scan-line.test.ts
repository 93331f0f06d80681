// The laws of the lean scanner: what it accepts decodeLine accepts with the same values, the same identity means the same
// traffic, and it accepts nearly every healthy line.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import { anyReading } from '#core/access-log/line-reading.ts';
import { defaultDecodeLimits } from '#core/access-log/parse-fields.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { LineScanner } from '#core/access-log/scan-line.ts';
import { attribute, readsAuthority } from '#core/attribute/attribute.ts';
import {
  anyLineBytes,
  changedLine,
  damagedLine,
  goldenLines,
  hostileValue,
  realLine,
} from '../support/line-arbitraries.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** The part of a record of which an identity speaks. */
function attributed(record: AccessLogRecord) {
  const { listenerDirection, upstreamCluster, node, upstreamPeer, downstreamPeer, pod } = record;
  return { listenerDirection, upstreamCluster, node, upstreamPeer, downstreamPeer, pod };
}

/** A scanner whose every answer is compared with the decoder's; remembers what each identity stood for. */
class CheckedScanner {
  readonly #scanner: LineScanner;
  readonly #meanings = new Map<string, unknown>();
  accepted = 0;
  refused = 0;

  constructor(scanner = new LineScanner()) {
    this.#scanner = scanner;
  }

  scan(bytes: Uint8Array): boolean {
    const scanner = this.#scanner;
    if (!scanner.scan(bytes)) {
      this.refused += 1;
      return false;
    }
    this.accepted += 1;
    const outcome = decodeLine(bytes);
    if (outcome.kind !== 'ok') throw new Error(`accepted, but ${JSON.stringify(outcome)}`);
    const record = outcome.value;
    // Collect takes such a line for one of a call that went well.
    expect([null, 0]).toContain(record.grpcStatus);
    expect({
      startAtMs: scanner.startAtMs,
      durationMs: scanner.durationMs,
      responseCode: scanner.responseCode,
      responseFlags: scanner.responseFlags === '' ? [] : scanner.responseFlags.split(','),
      attemptCount: scanner.attemptCount,
      requestId: scanner.requestId(),
      traceId: scanner.traceId(),
    }).toEqual({
      startAtMs: record.startAtMs,
      durationMs: record.durationMs,
      responseCode: record.responseCode,
      responseFlags: record.responseFlags,
      attemptCount: record.attemptCount,
      requestId: record.requestId,
      traceId: record.traceId,
    });
    const meaning = this.#meanings.get(scanner.identity);
    if (meaning === undefined) this.#meanings.set(scanner.identity, attributed(record));
    else expect(attributed(record)).toEqual(meaning);
    return true;
  }
}

describe('scan', () => {
  it.each(['istio-json', 'extended-json', 'filebeat-istio-json'] as const)(
    'accepts every recorded line of %s',
    (format) => {
      const scanner = new CheckedScanner();
      for (const line of goldenLines(format)) scanner.scan(encode(line));
      expect(scanner.refused).toBe(0);
    },
  );

  // One scanner for all lines, so that what it learned from one (keys, days, identities) meets the next.
  it('accepts nothing but what decode accepts, with the same values', () => {
    const scanner = new CheckedScanner();
    fc.assert(
      fc.property(anyLineBytes, (bytes) => {
        scanner.scan(bytes);
      }),
      { numRuns: 4000 },
    );
    expect(scanner.accepted).toBeGreaterThan(100);
  });

  it('holds for lines with changed members, and for damaged lines', () => {
    const scanner = new CheckedScanner();
    fc.assert(
      fc.property(fc.oneof(changedLine, damagedLine), (line) => {
        scanner.scan(encode(line));
      }),
      { numRuns: 6000 },
    );
    expect(scanner.accepted).toBeGreaterThan(500);
    expect(scanner.refused).toBeGreaterThan(500);
  });

  it('holds for every field with every hostile value, bare and in an envelope', () => {
    const scanner = new CheckedScanner();
    const fields = [...Object.keys(JSON.parse(goldenLines('extended-json')[1] ?? '{}') as object), 'trace_id'];
    fc.assert(
      fc.property(fc.constantFrom(...fields), hostileValue, fc.boolean(), (field, value, enveloped) => {
        const members: Record<string, string> = {
          start_time: '"2026-11-21T05:21:17.136Z"',
          response_flags: '"-"',
          response_code: '200',
          [field]: value,
        };
        const line = `{${Object.entries(members).map(([key, text]) => `"${key}":${text}`)}}`;
        const metadata = '"kubernetes":{"container":{"name":"istio-proxy"},"pod":{"name":"p"}}';
        scanner.scan(encode(enveloped ? `{"message":${JSON.stringify(line)},${metadata}}` : line));
      }),
      { numRuns: 6000 },
    );
    expect(scanner.accepted).toBeGreaterThan(1000);
  });

  it('holds for envelopes with any metadata around any line', () => {
    const scanner = new CheckedScanner();
    const name = fc.constantFrom('istio-proxy', 'app', 'shop', 'checkout', 'v1', 'v2', 'a"b', 'é', '');
    const metadata = fc.oneof(
      fc.record(
        {
          container: fc.oneof(
            { weight: 5, arbitrary: fc.constant({ name: 'istio-proxy' }) },
            fc.record({ name }),
            name,
          ),
          pod: fc.oneof({ weight: 5, arbitrary: fc.record({ name }) }, fc.jsonValue()),
          namespace: fc.oneof(name, fc.jsonValue()),
          labels: fc.oneof(fc.dictionary(fc.constantFrom('app', 'version', 'deploy-id'), name), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          container_name: fc.oneof({ weight: 5, arbitrary: fc.constant('istio-proxy') }, name),
          pod_name: name,
          namespace_name: name,
          pod_namespace: name,
          labels: fc.dictionary(fc.constantFrom('app', 'version', 'deploy-id'), name),
          pod_labels: fc.dictionary(fc.constantFrom('app', 'version', 'deploy-id'), name),
          pod_owner: fc.constantFrom('ReplicaSet/a-1', 'StatefulSet/db', ''),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    );
    const inner = fc.constantFrom(...goldenLines('istio-json'), ...goldenLines('extended-json'));
    const extra = fc.dictionary(
      fc.constantFrom('@timestamp', 'log', 'message', 'log_processed', 'path', 'start_time', 'agent', 'stream'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        fc.oneof({ weight: 3, arbitrary: inner }, changedLine),
        metadata,
        extra,
        fc.boolean(),
        fc.constantFrom('message', 'log'),
        (line, kubernetes, more, first, key) => {
          const rest = { ...more, kubernetes };
          const envelope = first ? { [key]: line, ...rest, [key]: line } : { ...rest, [key]: line };
          scanner.scan(encode(JSON.stringify(envelope)));
        },
      ),
      { numRuns: 3000 },
    );
    expect(scanner.accepted).toBeGreaterThan(150);
  });

  it('does not mind the order of keys, nor what else is on the line', () => {
    const scanner = new CheckedScanner();
    fc.assert(
      fc.property(
        fc.constantFrom(...goldenLines('extended-json')),
        fc.infiniteStream(fc.nat()),
        fc.dictionary(fc.stringMatching(/^[a-z_]{0,40}$/), fc.jsonValue()),
        (line, order, more) => {
          const entries = Object.entries({ ...more, ...(JSON.parse(line) as object) });
          const ranked = entries.map((entry) => ({ entry, rank: order.next().value as number }));
          ranked.sort((a, b) => a.rank - b.rank);
          scanner.scan(encode(JSON.stringify(Object.fromEntries(ranked.map(({ entry }) => entry)))));
        },
      ),
      { numRuns: 1000 },
    );
    expect(scanner.refused / (scanner.accepted + scanner.refused)).toBeLessThan(0.5);
  });

  it('keeps to tighter limits than its own', () => {
    const line = encode(goldenLines('extended-json')[1] ?? '');
    expect(new LineScanner(anyReading, { ...defaultDecodeLimits, maxLineBytes: line.length - 1 }).scan(line)).toBe(
      false,
    );
    expect(new LineScanner(anyReading, { ...defaultDecodeLimits, maxDepth: 2 }).scan(line)).toBe(false);
    expect(new LineScanner(anyReading, { ...defaultDecodeLimits, maxDepth: 3 }).scan(line)).toBe(true);
  });
});

describe('identity', () => {
  const identityKeys = [
    'listener_direction',
    'upstream_cluster',
    'node_service',
    'node_namespace',
    'node_version',
    'node_deploy_id',
    'node_workload',
    'pod',
    'env_pod_name',
    'upstream_workload',
    'downstream_peer',
  ];
  // Few letters and many separators, so that one field's end easily looks like the next one's beginning.
  const part = fc.oneof(
    fc.constant(null),
    fc.string({ unit: fc.constantFrom('a', 'b', ';', '~', ',', ' ', '1', '-'), maxLength: 4 }),
  );
  const identity = fc.record(Object.fromEntries(identityKeys.slice(1).map((key) => [key, part])), { requiredKeys: [] });
  const lineOf = (fields: object, more: object = {}) =>
    encode(JSON.stringify({ start_time: '2026-11-21T05:21:17.136Z', response_flags: '-', ...fields, ...more }));

  it('is the same only where every field of it is', () => {
    const scanner = new LineScanner();
    const bySpelling = new Map<string, string>();
    const spellings = new Map<string, string>();
    fc.assert(
      fc.property(
        identity,
        fc.constantFrom({}, { listener_direction: 1 }, { listener_direction: 2 }),
        (fields, side) => {
          if (!scanner.scan(lineOf(fields, side))) return;
          const spelling = JSON.stringify(
            identityKeys.map((key) => [key, ({ ...fields, ...side } as never)[key] ?? 'absent']),
          );
          expect(spellings.get(scanner.identity) ?? spelling).toBe(spelling);
          spellings.set(scanner.identity, spelling);
          const typed = JSON.stringify(Object.entries({ ...fields, ...side }).sort());
          expect(bySpelling.get(typed) ?? scanner.identity).toBe(scanner.identity);
          bySpelling.set(typed, scanner.identity);
        },
      ),
      { numRuns: 3000 },
    );
    expect(spellings.size).toBeGreaterThan(1000);
  });

  it('stays the same when the table forgets, and with another scanner', () => {
    const tight = { maxIdentities: 3, maxIdentityBytes: 8192, maxBytes: 400 };
    const [small, large] = [new LineScanner(anyReading, defaultDecodeLimits, tight), new LineScanner()];
    fc.assert(
      fc.property(identity, (fields) => {
        const line = lineOf(fields);
        expect(small.scan(line)).toBe(large.scan(line));
        expect(small.identity).toBe(large.identity);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves lines with huge identities to the decoder', () => {
    const scanner = new LineScanner();
    expect(scanner.scan(lineOf({ downstream_peer: 'a'.repeat(8193) }))).toBe(false);
    expect(scanner.scan(lineOf({ downstream_peer: 'a'.repeat(8192) }))).toBe(true);
  });

  it('decides all that attribution says, but of lines whose authority it reads', () => {
    const scanner = new LineScanner();
    const traffics = new Map<string, unknown>();
    fc.assert(
      fc.property(fc.oneof(realLine, changedLine), (line) => {
        const bytes = encode(line);
        if (!scanner.scan(bytes)) return;
        const outcome = decodeLine(bytes);
        const traffic = outcome.kind === 'ok' ? attribute(outcome.value) : null;
        if (outcome.kind === 'ok' && readsAuthority(outcome.value)) return;
        expect(traffics.get(scanner.identity) ?? traffic).toEqual(traffic);
        traffics.set(scanner.identity, traffic);
      }),
      { numRuns: 2000 },
    );
  });
});
