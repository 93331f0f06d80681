// A finding as people read it: place, message, the line of the file with a caret, and the remedy.
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { Finding } from './finding.ts';
import { hiddenValue } from './finding.ts';

const maxLineCharacters = 160;

/** `file:line:column: error: message`, then the source line where `text` (the file’s) is given and the value is no secret. */
export function renderFinding(finding: Finding, text: string | null): string {
  const { file, line, column, severity, message, remedy } = finding;
  const head = `${file}:${line}:${column}: ${severity}: ${message}`;
  const source = text === null || finding.value === hiddenValue ? null : lineOf(text, line);
  const gutter = String(line).length;
  const hint = `${' '.repeat(gutter)} = ${remedy}`;
  if (source === null || source.trim() === '' || column > source.length + 1) return `${head}\n${hint}\n`;
  // A long line is shown from some characters before the place on.
  const from = column > maxLineCharacters / 2 ? column - 1 - maxLineCharacters / 4 : 0;
  const before = source.slice(from, column - 1);
  const shown = toVisibleText(source.slice(from, from + maxLineCharacters).replaceAll('\t', ' '));
  const caret = `${' '.repeat(toVisibleText(before.replaceAll('\t', ' ')).length)}${underline(finding, source)}`;
  return `${head}\n${line} | ${shown}\n${' '.repeat(gutter)} | ${caret}\n${hint}\n`;
}

/** As long as the value where that stands there in one piece. */
function underline({ value, column }: Finding, source: string): string {
  const stands = value !== '' && source.startsWith(value, column - 1);
  return '^'.repeat(stands ? Math.min(value.length, maxLineCharacters / 2) : 1);
}

function lineOf(text: string, line: number): string | null {
  let start = 0;
  for (let i = 1; i < line; i += 1) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) return null;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}
