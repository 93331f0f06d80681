// How often the shipped detector and the shipped rules are right: labelled series, simulated incidents, simulated quiet days,
// input that stops.
// npm run bench accuracy -- [--seeds N] [--first-seed N] [--only series,incidents,quiet,stalls] [--json]
import { parseArgs } from 'node:util';
import type { MeshRun } from './mesh-runs.ts';
import { readShippedRules, runIncidents, runQuietDay } from './mesh-runs.ts';
import { renderIncidents, renderQuiet, renderStalls, summariseIncidents } from './mesh-table.ts';
import { renderSeries, runSeries } from './series-table.ts';
import type { StallRun } from './stall-run.ts';
import { runStalls } from './stall-run.ts';

const parts = ['series', 'incidents', 'quiet', 'stalls'] as const;
type Part = (typeof parts)[number];

const usage = `--seeds N (1..100, 3 by default), --first-seed N (1 by default), --only ${parts.join(',')}, --json`;

/** Runs the parts that are asked for; resolves to tables, or to one JSON document. Throws on wrong arguments. */
export async function benchAccuracy(argv: readonly string[] = []): Promise<string> {
  const { seeds, only, isJson } = readArguments(argv);
  const series = only.has('series') ? await runSeries() : null;
  const rules = await readShippedRules();
  const incidents: MeshRun[] = [];
  const quiet: MeshRun[] = [];
  const stalls: StallRun[] = [];
  for (const seed of seeds) {
    if (only.has('incidents')) incidents.push(noted('incidents', await runIncidents(seed, rules)));
    if (only.has('quiet')) quiet.push(noted('quiet day', await runQuietDay(seed, rules)));
    if (only.has('stalls')) stalls.push(noted('stalls', await runStalls(seed, rules)));
  }
  if (isJson) {
    const summary = summariseIncidents(incidents.flatMap((run) => run.incidents));
    return JSON.stringify({ series, incidents: { summary, runs: incidents }, quiet, stalls });
  }
  return [
    series === null ? [] : renderSeries(series),
    incidents.length === 0 ? [] : renderIncidents(incidents),
    quiet.length === 0 ? [] : renderQuiet(quiet),
    stalls.length === 0 ? [] : renderStalls(stalls),
  ]
    .flat()
    .join('\n\n');
}

function noted<Run extends { readonly seed: number; readonly seconds: number }>(what: string, run: Run): Run {
  console.error(`${what}, seed ${run.seed}: ${run.seconds.toFixed(0)} s`);
  return run;
}

function readArguments(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: 'string', default: '3' },
      'first-seed': { type: 'string', default: '1' },
      only: { type: 'string', default: parts.join(',') },
      json: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.seeds);
  const first = Number(values['first-seed']);
  const only = values.only.split(',');
  const isKnown = only.every((part) => (parts as readonly string[]).includes(part));
  if (!Number.isInteger(count) || count < 1 || count > 100 || !Number.isInteger(first) || first < 0 || !isKnown) {
    throw new Error(usage);
  }
  return {
    seeds: Array.from({ length: count }, (_, i) => first + i),
    only: new Set(only as readonly Part[]),
    isJson: values.json,
  };
}
