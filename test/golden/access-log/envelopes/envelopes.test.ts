// Every shipper's envelope around recorded lines: the record inside, with the pod that the envelope tells.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { WorkloadIdentity } from '#core/access-log/record.ts';
import type { GoldenFormat } from '../../../support/line-arbitraries.ts';
import { envelopeFiles, envelopeLines, goldenLines, protobufEnvelopes } from '../../../support/line-arbitraries.ts';

interface Expected {
  readonly line?: readonly [GoldenFormat, number];
  readonly pod?: string | null;
  readonly host?: string;
  readonly node?: WorkloadIdentity;
  readonly skip?: string;
  readonly deadLetter?: string;
}

const path = join(import.meta.dirname, 'expected.json');
const expected = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, readonly Expected[]>>;
const decode = (line: string) => decodeLine(new TextEncoder().encode(line));

/** The outcome that a line of a golden file stands for. */
function outcomeOf({ line, pod, host, node, skip, deadLetter }: Expected) {
  if (skip !== undefined) return { kind: 'skip', reason: skip };
  if (deadLetter !== undefined) return { kind: 'dead-letter', reason: deadLetter, detail: expect.any(String) };
  const bare = decode(goldenLines(line?.[0] ?? 'istio-json')[line?.[1] ?? 0] ?? '');
  if (bare.kind !== 'ok') throw new Error('not a recorded line');
  const { value } = bare;
  return { kind: 'ok', value: { ...value, pod: pod ?? value.pod, host: host ?? null, node: node ?? value.node } };
}

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
