// Cuts an Envoy format string (`[%START_TIME%] "%REQ(:METHOD)% …`) into its operators and the text between them. First half of
// compiling one; compile-text-format.ts is the second. The grammar is Envoy's `%NAME(ARGUMENT):LENGTH%`; `%%` is a percent sign.
// https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter

/** One operator of a format string. */
export interface FormatOperator {
  readonly name: string;
  /** What stands in its parentheses, `null` without them. */
  readonly argument: string | null;
  /** As it is written, with its percent signs. */
  readonly text: string;
  /** Where it begins in the format string, from 1. */
  readonly column: number;
  /** The text behind it, up to the next operator. */
  readonly after: string;
}

/** A format string in its parts. */
export interface FormatParts {
  /** The text before the first operator. */
  readonly head: string;
  readonly operators: readonly FormatOperator[];
}

/** What is wrong with a format string, and where. */
export interface FormatProblem {
  /** From 1, in characters (UTF-16 units). */
  readonly column: number;
  /** Follows the name of the setting: `column 12: …`. */
  readonly message: string;
  /** What to do about it, in the imperative. */
  readonly remedy: string;
}

/** Longest format string, in characters: this project's own has 2,000. */
export const maxFormatLength = 16_384;
/** Most operators: Envoy knows some 150, and this project's own format has 50. */
const maxOperators = 256;

// The argument ends at the first parenthesis that can end it: an argument of CEL holds parentheses of its own.
const operator = /%([A-Z0-9_]+)(?:\(([^\n]*?)\))?(?::(\d{1,9}))?%/y;

/** The parts of a format string, or the first thing that is wrong with it. */
export function splitFormat(format: string): FormatParts | FormatProblem {
  if (format.length > maxFormatLength) {
    return problem(maxFormatLength + 1, `more than ${maxFormatLength} characters`, 'shorten the format');
  }
  const texts = [''];
  const found: Omit<FormatOperator, 'after'>[] = [];
  let at = 0;
  while (at < format.length) {
    const next = readPart(format, at, found);
    if ('message' in next) return next;
    if (next.literal === null) texts.push('');
    else texts[texts.length - 1] += next.literal;
    at = next.end;
  }
  if (found.length > maxOperators) return problem(1, `more than ${maxOperators} operators`, 'shorten the format');
  // Envoy's own end of a line, which is no part of it.
  const last = texts.length - 1;
  texts[last] = (texts[last] ?? '').replace(/[\r\n]+$/, '');
  const operators = found.map((part, i) => ({ ...part, after: texts[i + 1] ?? '' }));
  return checkTexts(texts[0] ?? '', operators);
}

type Part = { readonly literal: string | null; readonly end: number } | FormatProblem;

function readPart(format: string, at: number, found: Omit<FormatOperator, 'after'>[]): Part {
  const percent = format.indexOf('%', at);
  if (percent === -1) return { literal: format.slice(at), end: format.length };
  if (percent > at) return { literal: format.slice(at, percent), end: percent };
  if (format[at + 1] === '%') return { literal: '%', end: at + 2 };
  operator.lastIndex = at;
  const match = operator.exec(format);
  if (match === null) {
    const shown = JSON.stringify(format.slice(at, at + 20));
    return problem(
      at + 1,
      `${shown} is no operator`,
      'write %NAME%, %NAME(ARGUMENT)% or %NAME(ARGUMENT):LENGTH%; %% is a percent sign',
    );
  }
  const [text, name = '', argument = null] = match;
  found.push({ name, argument, text, column: at + 1 });
  return { literal: null, end: at + text.length };
}

function checkTexts(head: string, operators: readonly FormatOperator[]): FormatParts | FormatProblem {
  for (const [i, { text, after, column }] of operators.entries()) {
    const next = operators[i + 1];
    if (after === '' && next !== undefined) {
      const message = `nothing stands between ${text} and ${next.text}, so nobody can tell where one ends`;
      return problem(next.column, message, 'put a separator between them, in the mesh’s format and here');
    }
    if (after.includes('\n')) {
      return problem(column + text.length, `a line break behind ${text}`, 'take it out: shippers cut lines there');
    }
  }
  return head.includes('\n')
    ? problem(1, 'a line break before the first operator', 'take it out: shippers cut lines there')
    : { head, operators };
}

/** A problem at a column. */
export function problem(column: number, message: string, remedy: string): FormatProblem {
  return { column, message, remedy };
}
