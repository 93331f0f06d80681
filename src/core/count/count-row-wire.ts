// How rows of counts look on the wire, inside the records of partial counts and of windows:
//   row := [ [edge label values in the order of edgeLabels], requestCount, {flag: count}, {name: [[atMs, requestId], …]},
//            failedCount, {fault: count}, [bucket, count, …] of durations ]
// The last three may be missing (zero): rows of before they were counted.
import { isCount } from '#core/wire.ts';
import type { CountExample, CountRow } from './count-row.ts';
import type { DurationSketch } from './duration-sketch.ts';
import { emptySketch, isSketch } from './duration-sketch.ts';
import type { Edge } from './edge.ts';
import { edgeLabels } from './edge.ts';

/** A row as JSON holds it. */
export type WireRow = readonly [
  readonly string[],
  number,
  Readonly<Record<string, number>>,
  Readonly<Record<string, readonly (readonly [number, string])[]>>,
  number,
  Readonly<Record<string, number>>,
  DurationSketch,
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
  const labels = edgeLabels.map((label) => row.edge[label]);
  return [labels, row.requestCount, row.flagCounts, examples, row.failedCount, row.faultCounts, row.durations];
}

/** The row of its JSON form, or `null` where that is not one. */
export function parseWireRow(value: unknown): CountRow | null {
  if (!Array.isArray(value) || value.length < 4) return null;
  const [labels, requestCount, flagCounts, examples, failedCount = 0, faultCounts = {}, durations = emptySketch] =
    value as unknown[];
  const edge = parseEdge(labels);
  const flags = parseCounts(flagCounts);
  const faults = parseCounts(faultCounts);
  const parsedExamples = parseExamples(examples);
  if (edge === null || flags === null || faults === null || parsedExamples === null) return null;
  if (!isCount(requestCount) || !isCount(failedCount) || !isSketch(durations)) return null;
  return {
    edge,
    requestCount,
    failedCount,
    flagCounts: flags,
    faultCounts: faults,
    durations,
    examples: parsedExamples,
  };
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

function parseCounts(value: unknown): Record<string, number> | null {
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
