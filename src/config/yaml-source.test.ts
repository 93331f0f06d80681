import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxYamlCharacters, parseYaml } from './yaml-source.ts';

function findingsOf(text: string) {
  return parseYaml(text, 'f.yaml').findings.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

function parsedValue(text: string): unknown {
  const parsed = parseYaml(text, 'f.yaml');
  return 'source' in parsed ? parsed.source.value : parsed.findings;
}

describe('parseYaml', () => {
  it('gives plain values', () => {
    expect(parsedValue('a: [1, x, true, null]\nb: { c: "2" }')).toEqual({ a: [1, 'x', true, null], b: { c: '2' } });
    expect(parsedValue('')).toBeNull();
    expect(parsedValue('\ufeffa: 1')).toEqual({ a: 1 });
  });

  it('places values and keys, through aliases too', () => {
    const parsed = parseYaml('x: &x\n  y: 5q\nlist:\n  - *x\n', 'f.yaml');
    if (!('source' in parsed)) throw new Error('good YAML was refused');
    const { source } = parsed;
    const place = { message: 'm', remedy: 'r' };
    expect(source.finding({ ...place, path: ['x', 'y'] })).toMatchObject({
      line: 2,
      column: 6,
      value: '5q',
      path: 'x.y',
    });
    expect(source.finding({ ...place, path: ['x', 'y'], atKey: true })).toMatchObject({
      line: 2,
      column: 3,
      value: 'y',
    });
    expect(source.finding({ ...place, path: ['list', 0, 'y'] })).toMatchObject({
      line: 2,
      column: 6,
      path: 'list[0].y',
    });
    expect(source.finding({ ...place, path: ['list', 0, 'z'] })).toMatchObject({ value: '', path: 'list[0].z' });
    expect(source.finding({ ...place, path: ['x', 'y'], secret: true }).value).toBe('(hidden)');
    expect(source.finding({ ...place, path: ['no'], otherPath: ['list'] })).toMatchObject({ line: 4, column: 3 });
  });

  it.each([
    ['a: [\n', '2:1 not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['a:\n\t- b', '2:1 not valid YAML: tabs are not allowed as indentation'],
    ['a: 1\n---\nb: 2', '2:1 not valid YAML: the file holds several documents'],
    ['a: !foo b', '1:4 not valid YAML: unresolved tag: !foo'],
    ['a: 1\nb: 2\na: 3', '3:1 a stands twice in one map'],
    ['__proto__: { x: 1 }', '1:1 unknown key __proto__'],
    ['? [a]\n: b', '1:3 a key must be a name'],
    ['a: *b', '1:4 no anchor &b stands before this alias'],
    ['a: &a [*a]', '1:8 nested deeper than 32'],
    ['a: "\\u0007\\u202e"\na: "', '2:5 not valid YAML: missing closing "quote'],
  ])('finds what is wrong with %j', (text, finding) => {
    expect(findingsOf(text)).toContain(finding);
  });

  it('stops bombs and absurd files early', () => {
    const names = [...'abcdefghij'];
    const bomb = names.map((name, i) => `${name}: &${name} [${Array(9).fill(i === 0 ? 'x' : `*${names[i - 1]}`)}]`);
    expect(findingsOf(bomb.join('\n')).join()).toContain('more than 200000 values');
    expect(findingsOf('a: &a [*a, *a]').join()).toContain('more than 200000 values');
    expect(findingsOf('['.repeat(100_000)).join()).toContain('nested too deeply');
    expect(findingsOf('x'.repeat(maxYamlCharacters + 1)).join()).toContain('more than 1048576');
    expect(findingsOf(Array.from({ length: 20_000 }, (_, i) => `k${i % 10_000}: 1`).join('\n'))).toHaveLength(1000);
  });

  it('never throws, and every finding has its place', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '>',
      '&x',
      '*x',
      '!t',
      '%',
      '#',
      '?',
      '\t',
      '\0',
      '---',
      '<<: ',
      '\u{1f600}',
      '\ud800',
      'null',
      '1e999',
      '.nan',
      '~',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const lineCount = text.split('\n').length;
        for (const finding of parseYaml(text, 'f.yaml').findings) {
          expect(finding.line).toBeGreaterThanOrEqual(1);
          expect(finding.line).toBeLessThanOrEqual(lineCount);
          expect(finding.column).toBeGreaterThanOrEqual(1);
          expect(finding.message).not.toBe('');
          expect(finding.remedy).not.toBe('');
        }
      }),
      { numRuns: 3000 },
    );
  });
});
