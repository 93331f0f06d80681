// OTLP values with several log records: one outcome for each, in order, as JSON and as protobuf.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeLine, decodeValue } from '#core/access-log/decode-line.ts';
import type { Expected } from './expected-outcome.ts';
import { outcomeOf } from './expected-outcome.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const expected = JSON.parse(read('batches.json')) as readonly (readonly Expected[])[];
const values = {
  JSON: read('opentelemetry-batches.log')
    .trimEnd()
    .split('\n')
    .map((line) => new TextEncoder().encode(line)),
  protobuf: read('opentelemetry-batches-protobuf.base64')
    .trimEnd()
    .split('\n')
    .map((line) => new Uint8Array(Buffer.from(line, 'base64'))),
} as const;

describe.each(['JSON', 'protobuf'] as const)('a batch as %s', (form) => {
  it('is there for each that is expected', () => {
    expect(values[form].length).toBe(expected.length);
  });

  it.each(expected.map((outcomes, index) => ({ index, outcomes })))('reads value $index', ({ index, outcomes }) => {
    const value = values[form][index] ?? new Uint8Array();
    expect(decodeValue(value).map(({ outcome }) => outcome)).toEqual(outcomes.map(outcomeOf));
    expect(decodeLine(value)).toMatchObject({ reason: 'several_lines' });
    const pinned = decodeValue(value, { format: 'auto', envelope: 'otlp', textFormat: null });
    expect(pinned).toEqual(decodeValue(value));
    const elsewhere = decodeValue(value, { format: 'auto', envelope: 'vector', textFormat: null });
    expect(elsewhere).toMatchObject([{ outcome: { reason: 'other_format' } }]);
  });
});
