import { describe, expect, it } from 'vitest';
import { decodeOtlpProtobuf } from './otlp-protobuf.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const decode = (text: string, maxDepth = 32) => decodeOtlpProtobuf(hex(text), maxDepth);

/** A field with a length, in hex. */
function field(number: number, content: string): string {
  const length = content.replaceAll(' ', '').length / 2;
  return Buffer.from([number * 8 + 2, length]).toString('hex') + content;
}

/** Logs of one record whose body is a value, in hex. */
const withBody = (value: string) => field(1, field(2, field(2, field(5, value))));
const bodyOf = (value: string, maxDepth?: number) => {
  const logs = decode(withBody(value), maxDepth) as unknown as Logs | null;
  return logs?.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.body ?? null;
};

interface Logs {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly { body: unknown }[] }[];
  }[];
}

describe('decodeOtlpProtobuf', () => {
  it.each([
    ['0a 03 616263', { stringValue: 'abc' }],
    ['3a 03 616263', { stringValue: 'abc' }],
    ['10 01', { boolValue: true }],
    ['18 c801', { intValue: '200' }],
    ['18 ffffffffffffffffff01', { intValue: '-1' }],
    ['18 ffffffffffffffff7f', { intValue: '9223372036854775807' }],
    ['21 000000000000f83f', { doubleValue: 1.5 }],
    ['2a 00', { arrayValue: {} }],
    ['32 09 0a07 0a0161 1202 1807', { kvlistValue: { values: [{ key: 'a', value: { intValue: '7' } }] } }],
    ['', {}],
    // Fields of no interest, of every type: they are passed over.
    ['40 05 7d 01020304 79 0102030405060708 7a 01 ff 0a 01 61', { stringValue: 'a' }],
    // A known number with another type of value.
    ['08 05', {}],
  ])('reads the value %j', (value, body) => {
    expect(bodyOf(value)).toEqual(body);
  });

  it('reads resources, scopes and records, each as a list', () => {
    const attribute = field(1, field(1, '6b') + field(2, field(1, '76')));
    const scope = field(2, field(2, '') + field(2, ''));
    expect(decode(field(1, field(1, attribute) + scope + scope) + field(1, ''))).toEqual({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'k', value: { stringValue: 'v' } }] },
          scopeLogs: [{ logRecords: [{}, {}] }, { logRecords: [{}, {}] }],
        },
        {},
      ],
    });
  });

  it.each([
    ['', 'nothing'],
    ['7b 22', 'another first byte'],
    ['0a', 'no length'],
    ['0a 05 00', 'cut off'],
    ['0a 00 0a', 'cut off behind a whole one'],
    [withBody('0a 05 61'), 'a text longer than what holds it'],
    [withBody('0a 01 ff'), 'a text that is not UTF-8'],
    [withBody('18 ffffffffffffffffffff01'), 'a number of more than ten bytes'],
    [withBody('21 0000'), 'half a number'],
    [withBody('0b'), 'a type of value that is no longer used'],
    ['0a 02 12 05 12 03 12 01 00', 'a message longer than what holds it'],
  ])('refuses %j: %s', (bytes) => {
    expect(decode(bytes)).toBeNull();
  });

  it('refuses what nests too deep', () => {
    const nested = (depth: number): string => (depth === 0 ? '' : field(6, field(1, field(2, nested(depth - 1)))));
    expect(bodyOf(nested(3), 14)).not.toBeNull();
    expect(bodyOf(nested(3), 13)).toBeNull();
  });
});
