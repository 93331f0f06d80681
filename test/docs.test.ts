// Code and documents say the same, both ways: metrics, error codes, reasons, commands.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deadLetterReasons, skipReasons } from '#core/access-log/record.ts';
import { adapterErrorCodes } from '#ports/adapter-error.ts';
import { metrics } from '#telemetry/metrics.ts';

const root = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

/** The first cells of the table under a heading. */
function firstCells(text: string, heading: string): string[] {
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '');
}

describe('documents', () => {
  const operations = read('docs/operations.md');

  it('list every metric, and no other, with its kind and labels', () => {
    const rows = new Map(
      [...operations.matchAll(/^\| `(flagwatch_\w+)` \| (\w+) \| ([^|]*) \|/gm)].map((row) => [
        row[1],
        [row[2], row[3]?.trim()],
      ]),
    );
    const wanted = Object.values(metrics).map(({ name, kind, labels }) => [
      name,
      [kind, labels.map((label) => `\`${label}\``).join(' ')],
    ]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(wanted));
  });

  it('list every error code and every reason, and no other', () => {
    expect(firstCells(operations, 'Error codes').sort()).toEqual([...adapterErrorCodes].sort());
    expect(firstCells(operations, 'Dead letters').sort()).toEqual([...deadLetterReasons].sort());
    expect(firstCells(operations, 'Skipped lines').sort()).toEqual([...skipReasons].sort());
  });

  it('name every command of the program in the README, and no other', () => {
    const program = read('src/cli/program.ts');
    const all = [...program.matchAll(/(\w+)\s*\.command\('([a-z-]+)'\)/g)].map(([, group, name]) =>
      group === 'program' ? `${name}` : `${group} ${name}`,
    );
    const groups = ['rules', 'silence'];
    const commands = all.filter((name) => !groups.includes(name));
    const named = firstCells(read('README.md'), 'Commands').map((cell) => {
      const [first = '', second = ''] = cell.replace('flagwatch ', '').split(' ');
      return groups.includes(first) ? `${first} ${second}` : first;
    });
    expect(named.sort()).toEqual(commands.sort());
  });
});
