// How rows of counts look on the wire, inside the records of partial counts and of windows:
//   row := [ [edge label values in the order of edgeLabels], requestCount, {flag: count}, {flag: [[atMs, requestId], …]} ]
import type { CountExample, CountRow } from './count-row.ts';
import type { Edge } from './edge.ts';
import { edgeLabels } from './edge.ts';

/** A row as JSON holds it. */
export type WireRow = readonly [
  readonly string[],
  number,
  Readonly<Record<string, number>>,
  Readonly<Record<string, readonly (readonly [number, string])[]>>,
];

/** The JSON form of a row. */
export function toWireRow(row: CountRow): WireRow {
  // fromEntries defines its own properties: a flag named like something of Object.prototype stays data.
  const examples = Object.fromEntries(
    Object.entries(row.examples).map(([flag, list]) => [
      flag,
      list.map(({ atMs, requestId }): readonly [number, string] => [atMs, requestId]),
    ]),
  );
  return [edgeLabels.map((label) => row.edge[label]), row.requestCount, row.flagCounts, examples];
}

/** The row of its JSON form, or `null` where that is not one. */
export function parseWireRow(value: unknown): CountRow | null {
  if (!Array.isArray(value) || value.length < 4) return null;
  const [labels, requestCount, flagCounts, examples] = value as unknown[];
  const edge = parseEdge(labels);
  const flags = parseFlagCounts(flagCounts);
  const parsedExamples = parseExamples(examples);
  if (edge === null || flags === null || parsedExamples === null || !isCount(requestCount)) return null;
  return { edge, requestCount, flagCounts: flags, examples: parsedExamples };
}

/** Whether a value is a whole number of 0 or more. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Labels that an older writer did not know are `unknown`; labels that a newer one appended are ignored. */
function parseEdge(value: unknown): Edge | null {
  if (!Array.isArray(value) || value.some((label) => typeof label !== 'string')) return null;
  const edge: Record<string, string> = {};
  edgeLabels.forEach((label, i) => {
    edge[label] = (value[i] as string | undefined) ?? 'unknown';
  });
  return edge as Edge;
}

function parseFlagCounts(value: unknown): Record<string, number> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.values(value).every(isCount) ? (value as Record<string, number>) : null;
}

function parseExamples(value: unknown): Record<string, readonly CountExample[]> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const examples: Record<string, readonly CountExample[]> = Object.create(null) as Record<
    string,
    readonly CountExample[]
  >;
  for (const [flag, list] of Object.entries(value)) {
    if (!Array.isArray(list)) return null;
    const parsed: CountExample[] = [];
    for (const entry of list as unknown[]) {
      if (!Array.isArray(entry) || typeof entry[0] !== 'number' || typeof entry[1] !== 'string') return null;
      parsed.push({ atMs: entry[0], requestId: entry[1] });
    }
    examples[flag] = parsed;
  }
  return examples;
}
