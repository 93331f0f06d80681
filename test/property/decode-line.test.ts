// The laws of decode, over recorded, damaged and invented lines: total, bounded, and safe to show.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '#core/access-log/decode-line.ts';
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { deadLetterReasons, skipReasons } from '#core/access-log/record.ts';
import { anyLineBytes, changedLine, damagedLine, realLine } from '../support/line-arbitraries.ts';

const unsafe = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u;
/** Without these a line is none; an envelope's own keys are no line's. */
const needed = ['start_time', 'response_flags', 'message', 'kubernetes'];
const encode = (text: string) => new TextEncoder().encode(text);

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function expectSound(record: AccessLogRecord): void {
  for (const text of textsOf(record)) {
    expect(text).not.toBe('');
    expect(text).not.toBe('-');
    expect(text).not.toMatch(unsafe);
  }
  const numbers = [
    record.startAtMs,
    record.durationMs,
    record.responseCode,
    record.bytesReceived,
    record.bytesSent,
    record.upstreamServiceTimeMs ?? 0,
    record.attemptCount ?? 0,
  ];
  for (const number of numbers)
    expect(Number.isSafeInteger(number) && number >= 0 && !Object.is(number, -0)).toBe(true);
  expect(record.responseCode).toBeLessThan(1000);
  expect(record.responseFlags.length).toBeLessThanOrEqual(32);
  expect(Number.isNaN(new Date(record.startAtMs + record.durationMs).getTime())).toBe(false);
}

describe('decode', () => {
  it('gives a sound record, a skip or a reason, whatever the bytes', () => {
    fc.assert(
      fc.property(anyLineBytes, (bytes) => {
        const outcome = decodeLine(bytes);
        if (outcome.kind === 'ok') expectSound(outcome.value);
        else if (outcome.kind === 'skip') expect(skipReasons).toContain(outcome.reason);
        else {
          expect(deadLetterReasons).toContain(outcome.reason);
          expect(outcome.detail).toMatch(/^.+: .*: expected .+$/);
          expect(outcome.detail).not.toMatch(unsafe);
          // Escaping makes at most six characters of one.
          expect(outcome.detail.length).toBeLessThan(700);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('depends on the bytes alone', () => {
    fc.assert(
      fc.property(fc.oneof(realLine, changedLine, damagedLine), (line) => {
        const bytes = encode(line);
        const shifted = new Uint8Array(bytes.length + 7).fill(0x22);
        shifted.set(bytes, 5);
        expect(decodeLine(shifted.subarray(5, 5 + bytes.length))).toEqual(decodeLine(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('does not mind white space around a line', () => {
    fc.assert(
      fc.property(realLine, fc.constantFrom(' ', '\n', '\r\n', '\t'), (line, space) => {
        expect(decodeLine(encode(space + line + space))).toEqual(decodeLine(encode(line)));
      }),
    );
  });

  it('does not mind the order of keys', () => {
    fc.assert(
      fc.property(realLine, fc.infiniteStream(fc.nat()), (line, order) => {
        fc.pre(line.startsWith('{'));
        const entries = Object.entries(JSON.parse(line) as Record<string, unknown>);
        const shuffled = entries.map((entry) => ({ entry, rank: order.next().value as number }));
        shuffled.sort((a, b) => a.rank - b.rank);
        const text = JSON.stringify(Object.fromEntries(shuffled.map(({ entry }) => entry)));
        expect(decodeLine(encode(text))).toEqual(decodeLine(encode(line)));
      }),
    );
  });

  it('takes a key that is missing for an empty one, in any order of the others', () => {
    fc.assert(
      fc.property(realLine, fc.infiniteStream(fc.nat(3)), (line, choices) => {
        fc.pre(line.startsWith('{'));
        const entries = Object.entries(JSON.parse(line) as Record<string, unknown>);
        const kept = entries.filter(([key]) => needed.includes(key) || choices.next().value !== 0);
        const emptied = entries.map(
          ([key, value]) => [key, kept.some(([name]) => name === key) ? value : null] as const,
        );
        const fewer = JSON.stringify(Object.fromEntries(kept.reverse()));
        expect(decodeLine(encode(fewer))).toEqual(decodeLine(encode(JSON.stringify(Object.fromEntries(emptied)))));
      }),
      { numRuns: 500 },
    );
  });
});
