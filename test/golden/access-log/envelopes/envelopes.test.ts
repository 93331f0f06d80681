// Every shipper's envelope around recorded lines: the record inside, with the pod that the envelope tells.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import { envelopeFiles, envelopeLines, protobufEnvelopes } from '../../../support/line-arbitraries.ts';
import type { Expected } from './expected-outcome.ts';
import { outcomeOf } from './expected-outcome.ts';

const path = join(import.meta.dirname, 'expected.json');
const expected = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, readonly Expected[]>>;
const decode = (line: string) => decodeLine(new TextEncoder().encode(line));

describe('OTLP as protobuf', () => {
  const outcomes = (expected['opentelemetry.log'] ?? []).slice(0, -1);

  it('has as many lines as are expected', () => {
    expect(protobufEnvelopes.length).toBe(outcomes.length);
  });

  it.each(outcomes.map((outcome, index) => ({ index, outcome })))('is read like line $index of the JSON', (line) => {
    expect(decodeLine(protobufEnvelopes[line.index] ?? new Uint8Array())).toEqual(outcomeOf(line.outcome));
  });
});

describe.each([...envelopeFiles])('%s', (file) => {
  const lines = envelopeLines(file);
  const outcomes = expected[file] ?? [];

  it('has as many lines as are expected', () => {
    expect(lines.length).toBe(outcomes.length);
    expect(lines.length).toBeGreaterThan(1);
  });

  it.each(lines.map((line, index) => ({ index, line })))('reads line $index', ({ index, line }) => {
    expect(decode(line)).toEqual(outcomeOf(outcomes[index] ?? {}));
  });
});
