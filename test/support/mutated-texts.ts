// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is one of the odd pieces
// Broken and odd versions of a good text, for the property tests of everything that people write as YAML.
import fc from 'fast-check';

/** One change of a text at a place that `at` (0..1) names. */
type Mutation = (text: string, at: number) => string;

/** What people and editors leave behind, and what breaks parsers. */
const oddities = [
  '',
  ' ',
  '\n',
  '\t',
  ':',
  ': ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
  '#',
  '&a ',
  '*a',
  '!x ',
  '|',
  '>',
  '%',
  '?',
  '---\n',
  '...',
  '<<: ',
  '~',
  'null',
  'true',
  '-1',
  '0',
  '1e999',
  '.nan',
  '.inf',
  '99999999999999999999',
  '0x10',
  '1h',
  '10',
  '5q',
  '2026-01-01',
  '\u0000',
  '\u0007',
  '\u2028',
  '\u202e',
  '\ud800',
  '\u{1f600}',
  '\\',
  '"\\u0000"',
  '{{',
  '{{ $labels.x }}',
  '}}',
  '$',
  '${',
  '${X}',
  '$${X}',
  '__proto__',
  'constructor',
  'toString',
  'destination_service',
  'UC',
  'groups',
  'rules',
  'spike',
  'for',
  'by',
  '(a+)+$',
  '=~',
  '[]',
  '{}',
  'a'.repeat(300),
];

function lines(change: (rows: string[], index: number) => void): Mutation {
  return (text, at) => {
    const rows = text.split('\n');
    change(rows, Math.floor(at * rows.length));
    return rows.join('\n');
  };
}

const lineMutations: readonly Mutation[] = [
  lines((rows, i) => rows.splice(i, 1)),
  lines((rows, i) => rows.splice(i, 0, rows[i] ?? '')),
  lines((rows, i) => rows.splice(i, 2, rows[i + 1] ?? '', rows[i] ?? '')),
  lines((rows, i) => rows.splice(i, 1, `  ${rows[i] ?? ''}`)),
  lines((rows, i) => rows.splice(i, 1, (rows[i] ?? '').replace(/^ {2}/, ''))),
  lines((rows, i) => rows.splice(i, 1, (rows[i] ?? '').replace(/:.*/, ':'))),
  lines((rows, i) => rows.splice(i)),
];

function oddityMutations(oddity: string): readonly Mutation[] {
  return [
    (text, at) => insert(text, Math.floor(at * text.length), 0, oddity),
    (text, at) => insert(text, Math.floor(at * text.length), 3, oddity),
    // A whole value, or a whole key.
    lines((rows, i) =>
      rows.splice(
        i,
        1,
        (rows[i] ?? '').replace(/(:\s).*/, (_, colon: string) => `${colon}${oddity}`),
      ),
    ),
    lines((rows, i) =>
      rows.splice(
        i,
        1,
        (rows[i] ?? '').replace(/[a-z_]+(?=:)/, () => oddity),
      ),
    ),
  ];
}

function insert(text: string, index: number, removed: number, piece: string): string {
  return `${text.slice(0, index)}${piece}${text.slice(index + removed)}`;
}

/** `text` after one to four changes: cut, doubled, swapped and shifted lines, odd pieces anywhere, as a value or as a key. */
export function mutateText(text: string): fc.Arbitrary<string> {
  const mutation = fc.oneof(
    fc.constantFrom(...lineMutations),
    fc.constantFrom(...oddities).chain((oddity) => fc.constantFrom(...oddityMutations(oddity))),
  );
  const step = fc.tuple(
    mutation,
    fc.noBias(fc.nat(9999)).map((n) => n / 10_000),
  );
  return fc
    .array(step, { minLength: 1, maxLength: 4 })
    .map((steps) => steps.reduce((changed, [change, at]) => change(changed, at), text));
}
