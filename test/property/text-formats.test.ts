// The laws of TEXT formats: whatever the operators, their order and the text between them, a line that Envoy wrote by a format is read
// back as it was or, where it can be read in two ways, not at all; never otherwise. No bytes and no format string throw.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledTextFormat } from '#core/access-log/compile-text-format.ts';
import { compileTextFormat } from '#core/access-log/compile-text-format.ts';
import { decodeLine } from '#core/access-log/decode-line.ts';
import { anyReading } from '#core/access-log/line-reading.ts';
import { anyLineBytes } from '../support/line-arbitraries.ts';

const word = fc.string({ unit: fc.constantFrom(...'ab1,;:|.=[]{}()/_-'), maxLength: 8 });
const digits = fc.oneof(fc.nat(99_999).map(String), fc.constant('-'));
// Header text: a caller may choose what looks like the rest of the line.
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'a1 ",;|-[]'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => !/[\r\n]/.test(value)),
);

/** Operators of distinct keys, with what Envoy may write for them. */
const operators: Readonly<Record<string, readonly [key: string | null, value: fc.Arbitrary<string>]>> = {
  '%RESPONSE_FLAGS%': ['response_flags', fc.constantFrom('-', 'UF', 'UF,URX')],
  '%DURATION%': ['duration', digits],
  '%BYTES_SENT%': ['bytes_sent', digits],
  '%PROTOCOL%': ['protocol', fc.constantFrom('HTTP/1.1', 'HTTP/2', '-')],
  '%REQ(:METHOD)%': ['method', word],
  '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH):100%': ['path', text],
  '%REQ(USER-AGENT)%': ['user_agent', text],
  '%REQ(x-request-id)%': ['request_id', text],
  '%UPSTREAM_CLUSTER%': ['upstream_cluster', word],
  '%RESPONSE_CODE_DETAILS%': ['response_code_details', word],
  '%ENVIRONMENT(POD_NAME)%': ['env_pod_name', word],
  '%ROUTE_NAME%': ['route_name', text],
  '%GRPC_STATUS(SNAKE_STRING)%': ['grpc_status', fc.constantFrom('OK', 'NOT_FOUND', '-')],
  '%REQ(X-OWN)%': [null, text],
  '%NEW_OPERATOR(a:b):3%': [null, text],
};
const fixed = ['%START_TIME%', '%RESPONSE_CODE%'];
const time = '2026-11-21T05:21:17.138Z';

interface Sample {
  readonly format: string;
  readonly line: string;
  readonly values: Readonly<Record<string, string>>;
  /** No value holds a character of the text around it. */
  readonly isPlain: boolean;
}

const separator = fc.constantFrom(' ', '" "', ' "', '" ', ',', '|', ' | ', ';', ' -> ', '][', '=', '%%');

const sample: fc.Arbitrary<Sample> = fc
  .shuffledSubarray([...Object.keys(operators), ...fixed], { minLength: 0 })
  .map((chosen) => [...new Set([...fixed, ...chosen])])
  .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }))
  .chain((chosen) =>
    fc.record({
      chosen: fc.constant(chosen),
      values: fc.tuple(
        ...chosen.map(
          (operator) => operators[operator]?.[1] ?? fc.constant(operator === '%START_TIME%' ? time : '503'),
        ),
      ),
      between: fc.array(separator, { minLength: chosen.length + 1, maxLength: chosen.length + 1 }),
    }),
  )
  .map(({ chosen, values, between }) => {
    const separators = between.map((part) => part.replaceAll('%%', '%'));
    const entries = chosen.flatMap((operator, i): [string, string][] => {
      const key =
        operator === '%START_TIME%'
          ? 'start_time'
          : operator === '%RESPONSE_CODE%'
            ? 'response_code'
            : operators[operator]?.[0];
      const value = values[i] ?? '';
      return key === null || key === undefined || value === '' || value === '-' ? [] : [[key, value]];
    });
    const used = new Set(separators.join(''));
    return {
      format: between.map((part, i) => part + (chosen[i] ?? '')).join(''),
      line: separators.map((part, i) => part + (values[i] ?? '')).join(''),
      values: Object.fromEntries(entries),
      isPlain: values.every((value) => [...value].every((character) => !used.has(character))),
    };
  });

function compile(format: string): CompiledTextFormat {
  const compiled = compileTextFormat(format);
  if (compiled.kind !== 'ok') throw new Error(`${format}: ${compiled.problem.message}`);
  return compiled.format;
}

describe('a line that was written by a format', () => {
  it('is read back as it was, or not at all', () => {
    let read = 0;
    fc.assert(
      fc.property(sample, ({ format, line, values, isPlain }) => {
        const fields = compile(format).read(line);
        if (fields['kind'] === 'dead-letter') {
          expect(fields).toMatchObject({ reason: 'malformed_text' });
          expect(isPlain).toBe(false);
          return;
        }
        read += 1;
        expect(fields).toEqual({ response_flags: null, ...values });
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(1000);
  });

  it('that was damaged is read or has a reason', () => {
    fc.assert(
      fc.property(
        sample,
        fc.nat(),
        fc.string({ maxLength: 3 }),
        fc.nat(3),
        ({ format, line }, at, inserted, removed) => {
          const place = at % (line.length + 1);
          const damaged = line.slice(0, place) + inserted + line.slice(place + removed);
          const outcome = decodeLine(new TextEncoder().encode(damaged), {
            ...anyReading,
            format: 'text',
            textFormat: compile(format),
          });
          expect(['ok', 'skip', 'dead-letter']).toContain(outcome.kind);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is told from any other bytes', () => {
    fc.assert(
      fc.property(
        sample,
        anyLineBytes,
        fc.constantFrom('auto' as const, 'text' as const),
        ({ format }, bytes, pinned) => {
          const outcome = decodeLine(bytes, { ...anyReading, format: pinned, textFormat: compile(format) });
          expect(['ok', 'skip', 'dead-letter']).toContain(outcome.kind);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a format string', () => {
  it('of any text is compiled, or is refused with a column in it and what to do', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '%',
        '%%',
        '%START_TIME%',
        '%START_TIME(',
        '%s',
        '%3f',
        ')%',
        ':9%',
        '%RESPONSE_CODE%',
        '%REQ(',
        ' ',
        '\n',
      ),
      fc.constantFrom(...Object.keys(operators)),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const format = pieces.join('');
        const compiled = compileTextFormat(format);
        if (compiled.kind === 'ok') {
          expect(compiled.format.source).toBe(format);
          return;
        }
        const { column, message, remedy } = compiled.problem;
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual(format.length + 1);
        expect(message).not.toBe('');
        expect(remedy).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });
});
