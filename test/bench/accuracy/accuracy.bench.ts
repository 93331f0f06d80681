// How often the shipped detector and the shipped rules are right: labelled series, simulated incidents, simulated quiet days,
// input that stops, lines in other orders.
// npm run bench accuracy -- [--seeds N] [--first-seed N] [--only series,incidents,quiet,stalls,orders] [--json]
import { parseArgs } from 'node:util';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { readShippedRules, runIncidents, runQuietDay } from './mesh-runs.ts';
import { renderIncidents, renderOrders, renderQuiet, renderStalls, summariseIncidents } from './mesh-table.ts';
import { runOrders } from './order-run.ts';
import { renderSeries, runSeries } from './series-table.ts';
import { runStalls } from './stall-run.ts';

const parts = ['series', 'incidents', 'quiet', 'stalls', 'orders'] as const;
type Part = (typeof parts)[number];

const usage = `--seeds N (1..100, 3 by default), --first-seed N (1 by default), --only ${parts.join(',')}, --json`;

/** Runs the parts that are asked for; resolves to tables, or to one JSON document; on wrong arguments to what they may be. */
export async function benchAccuracy(argv: readonly string[] = []): Promise<string> {
  const asked = readArguments(argv);
  if (asked === null) {
    process.exitCode = 2;
    return usage;
  }
  const { seeds, only, isJson } = asked;
  const rules = await readShippedRules();
  const runEach = async <Run extends SeedRun>(
    part: Part,
    run: RunSeed<Run>,
    ofSeeds = seeds,
  ): Promise<readonly Run[]> => {
    const runs: Run[] = [];
    for (const seed of only.has(part) ? ofSeeds : []) runs.push(noted(part, await run(seed, rules)));
    return runs;
  };
  const series = only.has('series') ? await runSeries() : null;
  const incidents = await runEach('incidents', runIncidents);
  const quiet = await runEach('quiet', runQuietDay);
  const stalls = await runEach('stalls', runStalls);
  // Three runs for a yes or no: one seed says as much as three.
  const orders = await runEach('orders', runOrders, seeds.slice(0, 1));
  if (isJson) {
    const summary = summariseIncidents(incidents.flatMap((run) => run.incidents));
    return JSON.stringify({ series, incidents: { summary, runs: incidents }, quiet, stalls, orders });
  }
  const tables = [
    series === null ? '' : renderSeries(series),
    incidents.length === 0 ? '' : renderIncidents(incidents),
    quiet.length === 0 ? '' : renderQuiet(quiet),
    stalls.length === 0 ? '' : renderStalls(stalls),
    orders.length === 0 ? '' : renderOrders(orders),
  ];
  return tables.filter((table) => table !== '').join('\n\n');
}

interface SeedRun {
  readonly seed: number;
  readonly seconds: number;
}

type RunSeed<Run> = (seed: number, rules: readonly AlertRule[]) => Promise<Run>;

function noted<Run extends SeedRun>(what: string, run: Run): Run {
  console.error(`${what}, seed ${run.seed}: ${run.seconds.toFixed(0)} s`);
  return run;
}

const options = {
  seeds: { type: 'string', default: '3' },
  'first-seed': { type: 'string', default: '1' },
  only: { type: 'string', default: parts.join(',') },
  json: { type: 'boolean', default: false },
} as const;

function readArguments(argv: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...argv], options });
    const count = Number(values.seeds);
    const first = Number(values['first-seed']);
    const only = values.only.split(',').filter((part): part is Part => (parts as readonly string[]).includes(part));
    const isCount = Number.isInteger(count) && count >= 1 && count <= 100 && Number.isInteger(first) && first >= 0;
    if (!isCount || only.join() !== values.only) return null;
    return { seeds: Array.from({ length: count }, (_, i) => first + i), only: new Set(only), isJson: values.json };
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) return null;
    throw error;
  }
}
