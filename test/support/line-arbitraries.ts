// Lines to test decode and scan with: the recorded ones of test/golden/access-log, damaged ones, and invented ones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/** The four recorded formats; line N of each is the same request on the same proxy. */
export const goldenFormats = ['istio-json', 'istio-text', 'filebeat-istio-json', 'extended-json'] as const;
export type GoldenFormat = (typeof goldenFormats)[number];

/** All recorded lines of a format, in order. */
export function goldenLines(format: GoldenFormat): readonly string[] {
  const path = join(import.meta.dirname, '..', 'golden', 'access-log', `${format}.log`);
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

/** Files of test/golden/access-log/envelopes, each with the envelopes of one shipper. */
export const envelopeFiles = ['fluent-bit.log', 'vector.log', 'opentelemetry.log', 'cri.log', 'docker.log'] as const;

/** All envelopes of a file, in order. */
export function envelopeLines(file: (typeof envelopeFiles)[number]): readonly string[] {
  const path = join(import.meta.dirname, '..', 'golden', 'access-log', 'envelopes', file);
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

/** OTLP logs as protobuf: the envelopes of `opentelemetry.log` but for the last. */
export const protobufEnvelopes: readonly Uint8Array[] = readFileSync(
  join(import.meta.dirname, '..', 'golden', 'access-log', 'envelopes', 'opentelemetry-protobuf.base64'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => new Uint8Array(Buffer.from(line, 'base64')));

const encoder = new TextEncoder();
const allLines = goldenFormats.flatMap((format) => goldenLines(format));
const allEnvelopes = envelopeFiles.flatMap((file) => envelopeLines(file));

/** A recorded line, any format. */
export const realLine: fc.Arbitrary<string> = fc.constantFrom(...allLines);

/** An envelope of any shipper but Filebeat, around a recorded line or something else. */
export const realEnvelope: fc.Arbitrary<string> = fc.constantFrom(...allEnvelopes);

/** Texts of JSON values that readers trip over. */
export const hostileValue: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['null', '"-"', '""', '"0"', '"12"', '0', '7', '200', '503', '999', '1000', '-0', '-1', '1.5', '1e3', '1e999'],
    ...[
      '01',
      '+1',
      '.5',
      '5.',
      '1e',
      'NaN',
      'true',
      'false',
      'nul',
      'nulll',
      'tru',
      '[]',
      '{}',
      '[1,2]',
      '[1,]',
      '{"a":1,}',
    ],
    ...['{"__proto__":{"a":1}}', '{"a":{"b":{"c":[[[[null]]]]}}}', '[[[[[[[[[[[[1]]]]]]]]]]]]', '9007199254740993'],
    ...[
      '99999999999999999999',
      '"99999999999999999999"',
      '"\\ud800"',
      '"\\u0000\\u001b[31m"',
      '"\\x"',
      '"\\u12"',
      '"\\"',
    ],
    ...['"a\tb"', '"é"', '"日本"', '"\u007f"', '"UF,URX"', '"UF, URX"', '",UF"', '"UF,"', '"-,UF"', '"UnknownFlag9"'],
    ...[
      '"UpstreamConnectionFailure"',
      '"TcpPeriodic"',
      '"DownstreamStart"',
      '"UpstreamEnd"',
      '"NotSet"',
      '"downstreamend"',
    ],
    ...[
      '"2026-11-21T05:21:17.136Z"',
      '"2026-11-21T05:21:17.136999Z"',
      '"2026-11-21T05:21:17Z"',
      '"2026-02-30T05:21:17.136Z"',
    ],
    ...[
      '"2026-11-21T25:21:17.136Z"',
      '"1999-12-31T23:59:59.999Z"',
      '"2100-01-01T00:00:00.000Z"',
      '"2024-02-29T23:59:59.999Z"',
    ],
    ...['"2026-11-21T05:21:17.136+02:00"', '1795238477.136', '1795238477136', '"1795238477136"', '"1795238477.136"'],
    ...[
      '"00-69adf73f5fd748e0ab462ae0fdbcd131-69adf73f5fd748e0-01"',
      '"00-00000000000000000000000000000000-0000000000000000-00"',
    ],
    ...[
      '"69ADF73F5fd748e0ab462ae0fdbcd131"',
      '"69adf73f5fd748e0"',
      '"sidecar~10.0.0.7~a.b.shop~x"',
      '"~~~"',
      '"a;b;c;d;e;f;g"',
    ],
    ...[
      '"outbound|8080|v2|payments.shop.svc.cluster.local"',
      '"inbound|8080||"',
      '1',
      '2',
      '3',
      '"1"',
      '"2"',
      '"inbound"',
    ],
  ),
  fc.json(),
  fc.string({ maxLength: 30 }).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => JSON.stringify(text)),
);

const spoiledCharacter = fc.constantFrom(
  ...[
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\u001f',
    '\u007f',
    '\u0080',
    'é',
    '-',
    '0',
    '9',
  ],
  ...['e', '.', 'n', 't', 'u', 'Z', '~', ';', '|'],
);

/** An edit of a line's text at a place given as a share of its length. */
const edit: fc.Arbitrary<(line: string) => string> = fc.oneof(
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), spoiledCharacter).map(([at, character]) => (line: string) => {
    const place = Math.floor(at * line.length);
    return line.slice(0, place) + character + line.slice(place + 1);
  }),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), spoiledCharacter).map(([at, character]) => (line: string) => {
    const place = Math.floor(at * line.length);
    return line.slice(0, place) + character + line.slice(place);
  }),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40)).map(([at, length]) => (line: string) => {
    const place = Math.floor(at * line.length);
    return line.slice(0, place) + line.slice(place + length);
  }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((at) => (line: string) => line.slice(0, Math.floor(at * line.length))),
);

/** Replaces, removes, repeats, adds or moves whole members of a flat JSON line. */
const memberEdit: fc.Arbitrary<(members: string[]) => string[]> = fc.oneof(
  fc.tuple(fc.nat(60), hostileValue).map(([index, value]) => (members: string[]) => {
    const at = index % Math.max(1, members.length);
    return members.map((member, i) => (i === at ? member.replace(/:.*$/s, `:${value}`) : member));
  }),
  fc.nat(60).map((index) => (members: string[]) => members.filter((_, i) => i !== index % Math.max(1, members.length))),
  fc.tuple(fc.nat(60), fc.nat(60)).map(([from, to]) => (members: string[]) => {
    const moved = [...members];
    moved.splice(to % (members.length + 1), 0, members[from % Math.max(1, members.length)] ?? '"x":1');
    return moved;
  }),
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom(
          '"message"',
          '"log"',
          '"log_processed"',
          '"resourceLogs"',
          '"kubernetes"',
          '"__proto__"',
          '"constructor"',
          '"trace_id"',
          '"grpc_status"',
          '"grpc_status_number"',
          '"start\\u005ftime"',
          '""',
        ),
        fc.string({ maxLength: 12 }).map((key) => JSON.stringify(key)),
      ),
      fc.nat(60),
      hostileValue,
    )
    .map(([key, at, value]) => (members: string[]) => {
      const grown = [...members];
      grown.splice(at % (members.length + 1), 0, `${key}:${value}`);
      return grown;
    }),
  fc.constant((members: string[]) => [...members].reverse()),
);

function membersOf(line: string): string[] {
  const object = JSON.parse(line) as Record<string, unknown>;
  return Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
}

const jsonLine = fc.constantFrom(...[...allLines, ...allEnvelopes].filter((line) => line.startsWith('{')));

/** A recorded JSON line whose members were changed; mostly still JSON, often no longer a sound line. */
export const changedLine: fc.Arbitrary<string> = fc
  .tuple(jsonLine, fc.array(memberEdit, { minLength: 1, maxLength: 4 }))
  .map(([line, edits]) => `{${edits.reduce((members, change) => change(members), membersOf(line)).join(',')}}`);

/** A recorded line, any format, or an envelope, with some of its characters changed, inserted or cut. */
export const damagedLine: fc.Arbitrary<string> = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: realLine }, realEnvelope), fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([line, edits]) => edits.reduce((text, change) => change(text), line));

/** OTLP logs as protobuf with some bytes changed, or cut off. */
export const damagedProtobuf: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...protobufEnvelopes),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.option(fc.nat()),
  )
  .map(([bytes, changes, end]) => {
    const damaged = bytes.slice();
    for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
    return end === null ? damaged : damaged.slice(0, end % damaged.length);
  });

/** Any bytes at all: random ones, real lines with invalid UTF-8, deep nesting, and every kind of line above. */
export const anyLineBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(...protobufEnvelopes),
  damagedProtobuf,
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => encoder.encode(text)),
  fc.tuple(realLine, fc.nat(), fc.nat(255)).map(([line, at, byte]) => {
    const bytes = encoder.encode(line);
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
  fc
    .tuple(fc.nat(5000), fc.constantFrom('{"a":', '[', '{"message":'))
    .map(([depth, open]) => encoder.encode(open.repeat(depth))),
  fc.oneof(realLine, realEnvelope, changedLine, damagedLine).map((line) => encoder.encode(line)),
);
