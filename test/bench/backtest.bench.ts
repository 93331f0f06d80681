// CPU time that rules take over a day of window counts: 1,000 edges with traffic in every window, from memory.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PastWindow, playWindows } from '#app/rules/play-windows.ts';
import { defaultSettings } from '#config/load-settings.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import type { CountRow } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { anEdge } from '../support/builders.ts';

const edgeCount = 1000;
const windowMs = 10_000;
/** Windows that are played; a day has `dayWindows`. */
const playedWindows = 1080;
const dayWindows = 8640;
const folder = join(import.meta.dirname, '..', '..', 'rules');

/** Runs the benchmark; resolves to a table. */
export async function benchBacktest(): Promise<string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
  const texts = files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  const { rules } = parseRuleSet(texts, { windowMs });
  const one = rules.filter(({ alert }) => alert === 'UpstreamConnectionTermination');
  const without = await cpuSeconds(async () => {
    for await (const _portion of portions());
  });
  const rows = [];
  for (const set of [one, rules]) rows.push(row(set, (await cpuSeconds(() => play(set))) - without));
  return [`${edgeCount} edges, windows of 10s, one core`, 'rules   ms a window   s a day', ...rows].join('\n');
}

function row(rules: readonly AlertRule[], seconds: number): string {
  const ofWindow = seconds / playedWindows;
  const cells = [String(rules.length).padStart(5), (1000 * ofWindow).toFixed(2).padStart(11)];
  return [...cells, (dayWindows * ofWindow).toFixed(1).padStart(9)].join('   ');
}

async function play(rules: readonly AlertRule[]): Promise<void> {
  const run = { rules, onTransition: () => undefined };
  await playWindows({ portions: portions(), notes: () => [] }, [run], { ...defaultSettings(), windowMs });
}

/** Two reporters of each edge; one in fifty windows of an edge has a failure. */
async function* portions(): AsyncGenerator<readonly PastWindow[]> {
  const edges = Array.from({ length: edgeCount }, (_, i) =>
    anEdge({
      reporter: i % 2 === 0 ? 'source' : 'destination',
      source_service: `caller-${i % 50}`,
      destination_service: `callee-${Math.floor(i / 20)}`,
    }),
  );
  for (let n = 0; n < playedWindows; n += 1) {
    const startAtMs = n * windowMs;
    const rows = edges.map((edge, i): CountRow => {
      const failedCount = (n * 7919 + i * 104_729) % 50 === 0 ? 1 : 0;
      const flagCounts: Record<string, number> = failedCount === 0 ? {} : { UC: 1 };
      const requestCount = 20 + ((n + i) % 7);
      return { ...noCounts, edge, requestCount, failedCount, flagCounts, durations: [10, requestCount] };
    });
    yield await Promise.resolve([{ startAtMs, endAtMs: startAtMs + windowMs, rows, faultRows: [] }]);
  }
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
