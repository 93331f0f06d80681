// An Envoy format string, compiled once into a reader of the lines that it writes: for topics whose mesh has a TEXT format of its
// own, and for the older default formats. The values become keys of the JSON format, so that one mapping (json-record.ts) serves all.
import type { JsonObject, Unreadable } from './field-value.ts';
import { quoteValue, unreadable } from './field-value.ts';
import type { FormatOperator, FormatProblem } from './format-string.ts';
import { problem, splitFormat } from './format-string.ts';
import type { OperatorField } from './text-operators.ts';
import { toOperatorField } from './text-operators.ts';
import type { LayoutField } from './text-reader.ts';
import { readLayout } from './text-reader.ts';
import type { TimeFormat } from './time-format.ts';
import { compileTimeFormat } from './time-format.ts';

/** A format string that can be read. */
export interface CompiledTextFormat {
  /** As it was written. */
  readonly source: string;
  /**
   * The keys of one line, without white space around it; unreadable where the line has not this form, or can be read in more
   * than one way. Total; takes time linear in the line for each operator.
   */
  read(line: string): JsonObject | Unreadable;
}

/** A compiled format, or what is wrong with its string. */
export type CompiledOrProblem =
  | { readonly kind: 'ok'; readonly format: CompiledTextFormat }
  | { readonly kind: 'problem'; readonly problem: FormatProblem };

/** One operator as it is read. */
interface Field extends LayoutField {
  readonly operator: FormatOperator;
  readonly key: string | null;
  readonly time: TimeFormat | null;
}

/** Compiles a format string: any operators in any order, with text between them. Names the column of what is wrong. */
export function compileTextFormat(source: string): CompiledOrProblem {
  const parts = splitFormat(source);
  if ('message' in parts) return { kind: 'problem', problem: parts };
  const fields: Field[] = [];
  for (const operator of parts.operators) {
    const field = toField(operator);
    if ('message' in field) return { kind: 'problem', problem: field };
    fields.push(field);
  }
  const lacking = findLacking(fields);
  if (lacking !== null) return { kind: 'problem', problem: lacking };
  return { kind: 'ok', format: { source, read: (line) => readFields(line, parts.head, fields) } };
}

const localTime = 'START_TIME_LOCAL';

function toField(operator: FormatOperator): Field | FormatProblem {
  const { name, argument, after, column } = operator;
  const isTime = name === 'START_TIME' || name === localTime;
  const hasFormat = isTime && argument !== null && argument !== '';
  if (name === localTime && !/%z/.test(argument ?? '')) {
    return problem(
      column,
      `${name} without %z does not tell its zone`,
      'write %START_TIME%, which is UTC, or add %z to its format',
    );
  }
  if (!hasFormat) {
    const { key, shape }: OperatorField = toOperatorField(operator);
    return { operator, key, shape, after, pattern: null, time: null };
  }
  const time = compileTimeFormat(argument);
  if (typeof time === 'string') {
    return problem(
      column,
      `the time of ${operator.text} cannot be read: ${time}`,
      'write %START_TIME%, %START_TIME(%s.%3f)% or a format with date and time',
    );
  }
  return { operator, key: 'start_time', shape: 'text', after, pattern: time.pattern, time };
}

function findLacking(fields: readonly Field[]): FormatProblem | null {
  const keys = new Set(fields.map(({ key }) => key));
  if (!keys.has('start_time')) {
    return problem(
      1,
      'no %START_TIME%: a line has to say when it was',
      'add [%START_TIME%] to the mesh’s format and here',
    );
  }
  if (['response_code', 'response_flags', 'response_flags_long'].some((key) => keys.has(key))) return null;
  return problem(1, 'neither %RESPONSE_FLAGS% nor %RESPONSE_CODE%', 'add both to the mesh’s format and here');
}

function readFields(line: string, head: string, fields: readonly Field[]): JsonObject | Unreadable {
  const reading = readLayout(line, head, fields);
  if (reading.kind !== 'values') {
    const name = fields[reading.field]?.operator.text ?? '';
    const expected =
      reading.kind === 'none'
        ? 'a line of the format, field by field'
        : 'one way to read the line by its format, not several';
    return unreadable('malformed_text', `${name}: ${quoteValue(line)}: expected ${expected}`);
  }
  const values: Record<string, unknown> = {};
  for (const [i, field] of fields.entries()) addValue(values, field, reading.values[i] ?? '');
  return joinParts(values);
}

// A value that is empty (`-`) leaves room for another operator of the same key.
function addValue(values: Record<string, unknown>, { key, time }: Field, written: string): void {
  if (key === null || written === '' || written === '-') return;
  values[key] ??= time === null ? written : time.toText(written);
}

const composed = ['upstream_workload', 'downstream_peer'] as const;
const partCount = 6;

/** Puts `downstream_peer/0` … together, as the JSON format has them. */
function joinParts(values: Record<string, unknown>): JsonObject {
  for (const key of composed) {
    const parts = Array.from({ length: partCount }, (_, i) => values[`${key}/${i}`] ?? '');
    if (values[key] === undefined && parts.some((part) => part !== '')) {
      values[key] = parts.map((part) => String(part).replaceAll(';', ',')).join(';');
    }
  }
  // Keys that tell an access log from other text: a line of a healthy TCP connection has `-` in both.
  values['response_flags'] ??= null;
  return values;
}
