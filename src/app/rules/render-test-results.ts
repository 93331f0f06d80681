// The results of rule tests as people read them: what failed, expected and got side by side, and the numbers behind it.
import { displayWidth, wrapText } from '#adapters/console/display-width.ts';
import { toVisibleText } from '#core/notify/visible-text.ts';
import type { RuleTestResult } from './run-rule-tests.ts';

/** Narrower than this two columns cannot be read; wider no line of text. */
const [minColumns, maxColumns] = [60, 160];

/** A failed test: its place, its differences in two columns, its numbers. Ends with a line end. */
export function renderFailure({ file, line, name, differences, numbers }: RuleTestResult, columns: number): string {
  const width = Math.floor((Math.max(minColumns, Math.min(columns, maxColumns)) - 5) / 2);
  const rows = differences.flatMap(({ expected, got }) => sideBySide(expected, got, width));
  const heads = [sideBySide('expected', 'got', width), `  ${'-'.repeat(2 * width + 3)}`].flat();
  const behind = numbers.flatMap((text) =>
    wrapText(toVisibleText(text), 2 * width - 1).map((line, i) => `${i === 0 ? '    ' : '      '}${line}`),
  );
  const parts = [`FAIL ${toVisibleText(file)}:${line}: ${toVisibleText(name)}`, ...heads, ...rows];
  return `${[...parts, ...(behind.length === 0 ? [] : ['  the numbers:', ...behind])].join('\n')}\n\n`;
}

function sideBySide(left: string, right: string, width: number): readonly string[] {
  const [lefts, rights] = [linesOf(left, width), linesOf(right, width)];
  return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, i) => {
    const own = lefts[i] ?? '';
    const padding = ' '.repeat(Math.max(0, width - displayWidth(own)));
    return `  ${own}${padding} | ${rights[i] ?? ''}`.trimEnd();
  });
}

function linesOf(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapText(toVisibleText(line), width));
}
