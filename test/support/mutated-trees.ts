// Broken and odd versions of a good YAML file that stay good YAML: keys that are gone, renamed or moved, values of another kind.
import fc from 'fast-check';
import { parse, stringify } from 'yaml';

type Holder = Record<string, unknown> | unknown[];
/** One place of a tree: the map or list that holds it, and its key there. */
type Place = readonly [holder: Holder, key: string];

/** What people write where something else belongs. */
const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  -1,
  0,
  1,
  0.5,
  1.5,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2n ** 70n,
  '',
  ' ',
  '10s',
  '0',
  '1w',
  '-1s',
  '5%',
  'p95',
  'p0',
  'UC',
  'tls',
  'none',
  'mesh',
  'lag',
  'flag = UC',
  'party =~ "m.*"',
  'source_service =~ "(a+)+$"',
  'destination_version',
  '{{ $old_version }} {{ $z }}',
  '{{ $labels.flag }}',
  'x'.repeat(300),
  '\u0000\u202e',
  [],
  {},
  [[]],
  [null],
  { '': '' },
  { toString: 1 },
];

const oddKeys = [
  '',
  'select',
  'by',
  'spike',
  'dip',
  'pipeline',
  'above',
  'over',
  'z',
  'flags',
  'faults',
  'failed',
  '1',
  'constructor',
];

type Change = (place: Place, other: Place, odd: unknown, oddKey: string) => void;

const changes: readonly Change[] = [
  ([holder, key]) => remove(holder, key),
  ([holder, key], _, odd) => put(holder, key, odd),
  ([holder, key], _, odd) => put(holder, key, [at(holder, key), odd]),
  ([holder, key], [from, name]) => put(holder, key, structuredClone(at(from, name))),
  ([holder, key], [from, name]) => {
    const [one, two] = [at(holder, key), at(from, name)];
    // A part must not come to hold itself.
    if (typeof one === 'object' || typeof two === 'object') return;
    put(holder, key, two);
    put(from, name, one);
  },
  ([holder, key], [, name]) => rename(holder, key, name),
  ([holder, key], _, __, oddKey) => rename(holder, key, oddKey),
  ([holder, key], [from, name]) => {
    if (!Array.isArray(holder)) put(holder, name, structuredClone(at(from, name)));
    else holder.push(structuredClone(at(holder, key)));
  },
];

function at(holder: Holder, key: string): unknown {
  return (holder as Record<string, unknown>)[key];
}

function put(holder: Holder, key: string, value: unknown): void {
  (holder as Record<string, unknown>)[key] = value;
}

function remove(holder: Holder, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function rename(holder: Holder, key: string, name: string): void {
  if (Array.isArray(holder)) return;
  const value = holder[key];
  delete holder[key];
  put(holder, name, value);
}

function placesOf(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...placesOf(at(holder, key))]);
}

/** `text` after one to four changes of its tree, written anew. */
export function mutateTree(text: string): fc.Arbitrary<string> {
  const good: unknown = parse(text);
  const share = fc.noBias(fc.nat(9999)).map((n) => n / 10_000);
  const step = fc.tuple(
    fc.constantFrom(...changes),
    share,
    share,
    fc.constantFrom(...oddValues),
    fc.constantFrom(...oddKeys),
  );
  return fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => {
    const tree = structuredClone(good);
    for (const [change, here, there, odd, oddKey] of steps) {
      const places = placesOf(tree);
      const [place, other] = [places[Math.floor(here * places.length)], places[Math.floor(there * places.length)]];
      if (place !== undefined && other !== undefined) change(place, other, structuredClone(odd), oddKey);
    }
    return stringify(tree, { aliasDuplicateObjects: false });
  });
}
