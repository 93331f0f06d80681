// How long rules take over a day of window counts: 1,000 edges with traffic in every window, from memory, from the embedded store, from the
// records of Kafka's topic of windows, and from a real Elasticsearch where that is asked for (`--elasticsearch`).
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createElasticsearchSearch } from '#adapters/elasticsearch/document-search.ts';
import { createElasticsearchStore } from '#adapters/elasticsearch/document-store.ts';
import { createSqliteSearch } from '#adapters/sqlite/document-search.ts';
import { createSqliteStore } from '#adapters/sqlite/document-store.ts';
import { readKafkaSlots } from '#app/past/kafka-windows.ts';
import type { PastSlot, PastSlots } from '#app/past/past-slot.ts';
import { SlotCollector } from '#app/past/past-slot.ts';
import { playSlots } from '#app/past/play-slots.ts';
import { readStoredSlots } from '#app/past/stored-windows.ts';
import { defaultSettings } from '#config/load-settings.ts';
import { parseRuleSet } from '#config/parse-rules.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import { durationBucket, durationBuckets, toSketch } from '#core/count/duration-sketch.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { WindowBlocks, windowBlockDefaults } from '#pipeline/documents/window-blocks.ts';
import type { DocumentSearch } from '#ports/document-search.ts';
import type { DocumentStore, StoreDocument } from '#ports/document-store.ts';
import { silentLogger } from '#ports/logger.ts';
import { startElasticsearch } from '../services/elasticsearch.ts';
import { anEdge } from '../support/builders.ts';
import { median } from './median.ts';

const edgeCount = 1000;
const serviceCount = 50;
const windowMs = 10_000;
const dayMs = 86_400_000;
const dayWindows = dayMs / windowMs;
const startAtMs = Date.UTC(2026, 2, 2);
const span = { fromMs: startAtMs, toMs: startAtMs + dayMs };
const folder = join(import.meta.dirname, '..', '..', 'rules');
const { signal } = new AbortController();

/** Runs the benchmark; resolves to a table. `--elasticsearch` and a number of runs are its own arguments. */
export async function benchBacktest(args: readonly string[] = []): Promise<string> {
  const runs = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 3);
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
  const texts = files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  const { rules } = parseRuleSet(texts, { windowMs });
  const one = rules.filter(({ alert }) => alert === 'UpstreamConnectionTermination');
  const sets: readonly (readonly AlertRule[])[] = [one, rules];
  const lines = [`${edgeCount} edges of ${serviceCount} services, a day of windows of 10s, ${runs} runs`];
  lines.push('from                       rules  threads    s wall, min / median    s CPU, min / median');
  const measure = async (name: string, open: (set: readonly AlertRule[]) => PastSlots): Promise<void> => {
    for (const set of sets) {
      for (const jobs of [1, 2]) {
        const line = await row(name, { set, jobs, runs }, open);
        // All of it takes minutes.
        process.stderr.write(`${line}\n`);
        lines.push(line);
      }
    }
  };
  await measure('memory', memorySlots());
  await withEmbeddedStore(async (search, bytes) => {
    await measure(`embedded store, ${bytes >> 20} MiB`, (set) => storedSlots(search, set));
  });
  await measure('Kafka records, an hour *', kafkaSlots());
  if (args.includes('--elasticsearch')) {
    await withElasticsearch((search) => measure('Elasticsearch', (set) => storedSlots(search, set)));
  }
  return [...lines, '* the records are held in memory; times of a day are 24 times as long'].join('\n');
}

interface Played {
  readonly set: readonly AlertRule[];
  readonly jobs: number;
  readonly runs: number;
}

async function row(
  name: string,
  { set, jobs, runs }: Played,
  open: (set: readonly AlertRule[]) => PastSlots,
): Promise<string> {
  const settings = { ...defaultSettings(), windowMs };
  const [walls, cpus]: [number[], number[]] = [[], []];
  for (let i = 0; i < runs; i += 1) {
    const before = process.cpuUsage();
    const beganAtMs = performance.now();
    const run = { rules: set, onTransition: () => undefined };
    const { windows } = await playSlots(open(set), [run], { settings, span, jobs });
    walls.push((performance.now() - beganAtMs) / 1000);
    const { user, system } = process.cpuUsage(before);
    cpus.push((user + system) / 1e6);
    if (windows === 0) throw new Error('nothing was played');
  }
  const figures = [walls, cpus].map((all) => `${Math.min(...all).toFixed(2)} / ${median(all).toFixed(2)}`.padStart(22));
  return [name.padEnd(26), String(set.length).padStart(6), String(jobs).padStart(9), ...figures].join('');
}

const edges = Array.from({ length: edgeCount }, (_, i) =>
  anEdge({
    reporter: i % 2 === 0 ? 'source' : 'destination',
    source_service: `caller-${i % 50}`,
    destination_service: `callee-${Math.floor((i * serviceCount) / edgeCount)}`,
  }),
);

/** The rows of a service in a window; one in fifty windows of an edge has a failure, and requests take some ten milliseconds. */
function rowsOf(service: number, n: number): readonly WindowCount[] {
  const perService = edgeCount / serviceCount;
  const windowStartAtMs = startAtMs + n * windowMs;
  return edges.slice(service * perService, (service + 1) * perService).map((edge, own) => {
    const i = service * perService + own;
    const failedCount = (n * 7919 + i * 104_729) % 50 === 0 ? 1 : 0;
    const requestCount = 20 + ((n + i) % 7);
    return {
      ...noCounts,
      edge,
      requestCount,
      failedCount,
      flagCounts: failedCount === 0 ? {} : { UC: 1 },
      examples: failedCount === 0 ? {} : { UC: [{ atMs: windowStartAtMs + 4321, requestId: `request-${n}-${i}` }] },
      durations: sketches[(n * 31 + i * 17) % sketches.length] ?? [],
      windowStartAtMs,
      windowEndAtMs: windowStartAtMs + windowMs,
      isComplete: true,
      late: null,
    };
  });
}

/** Sketches of some twenty requests each, in about ten buckets. */
const sketches = Array.from({ length: 997 }, (_, i) => {
  const counts = new Uint32Array(durationBuckets);
  for (let k = 0; k < 20 + (i % 7); k += 1) {
    const bucket = durationBucket(5 + ((i * 7919 + k * 104_729) % 23));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return toSketch(counts);
});

const services = Array.from({ length: serviceCount }, (_, service) => service);

function memorySlots(): (set: readonly AlertRule[]) => PastSlots {
  const collector = new SlotCollector('memory');
  for (let n = 0; n < dayWindows; n += 1) for (const service of services) collector.add(rowsOf(service, n));
  const slots = collector.takeUntil(Number.POSITIVE_INFINITY);
  // As a store gives them: durations only to who looks at them.
  const lean = slots.map((slot) => ({ ...slot, blocks: slot.blocks.map((block) => ({ ...block, durations: null })) }));
  return (set) => ({ slots: asIterable(looksAtDurations(set) ? slots : lean), notes: () => [] });
}

async function* asIterable(slots: readonly PastSlot[]): AsyncGenerator<PastSlot> {
  for (const slot of slots) yield await Promise.resolve(slot);
}

/** The day's blocks as index writes them. */
function* blockDocuments(): Generator<readonly StoreDocument[]> {
  const blocks = new WindowBlocks(windowBlockDefaults, { indexPrefix: 'bench', cluster: 'dc1' });
  const due = () => [...blocks.takeDue(startAtMs)].map(({ document }) => document);
  let offset = 0;
  for (let n = 0; n < dayWindows; n += 1) {
    for (const service of services) {
      const windows = rowsOf(service, n).map((window) => ({ raw: window, masked: window }));
      const value = Buffer.from(`${service} ${n}`);
      blocks.take({ offset, key: null, value }, windows);
      offset += 1;
    }
    // In the middle of no slot: each is written once, and some twice.
    if (n % 60 === 59) yield due();
  }
  yield due();
}

async function fill(store: DocumentStore): Promise<number> {
  let bytes = 0;
  await store.setup();
  for (const documents of blockDocuments()) {
    await store.write(documents, signal);
    for (const { json } of documents) bytes += json.length;
  }
  return bytes;
}

function storedSlots(search: DocumentSearch, set: readonly AlertRule[]): PastSlots {
  const wanted = { ...span, windowMs, withFaults: true, withDurations: looksAtDurations(set) };
  return readStoredSlots(search, wanted);
}

function looksAtDurations(set: readonly AlertRule[]): boolean {
  return set.some(({ condition }) => condition.kind === 'latency');
}

async function withEmbeddedStore(work: (search: DocumentSearch, bytes: number) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'flagwatch-bench-'));
  const path = join(home, 'flagwatch.db');
  const store = createSqliteStore({ path });
  try {
    const bytes = await fill(store);
    const search = createSqliteSearch({ path });
    await work(search, bytes);
    await search.close();
  } finally {
    await store.close();
    rmSync(home, { recursive: true });
  }
}

async function withElasticsearch(work: (search: DocumentSearch) => Promise<void>): Promise<void> {
  const service = await startElasticsearch({});
  const connection = { client: { node: service.url }, requestTimeoutMs: 60_000, compression: false };
  const index = {
    indexPrefix: 'bench',
    shards: 1,
    replicas: 0,
    refreshIntervalMs: 1000,
    codec: 'best_compression' as const,
  };
  const store = createElasticsearchStore({ ...connection, ...index }, { logger: silentLogger });
  try {
    await fill(store);
    await fetch(`${service.url}/bench-*/_refresh`, { method: 'POST' });
    const search = createElasticsearchSearch({ ...connection, indexPrefix: 'bench' });
    await work(search);
    await search.close();
  } finally {
    await fetch(`${service.url}/_index_template/bench-*`, { method: 'DELETE' });
    await fetch(`${service.url}/bench-*`, { method: 'DELETE' });
    await store.close();
    await service.stop();
  }
}

/** Records of an hour as detect writes them, in one partition. */
function kafkaSlots(): (set: readonly AlertRule[]) => PastSlots {
  const batches: Uint8Array[][] = [];
  for (let n = 0; n < 360; n += 1) {
    batches.push(services.map((service) => Buffer.from(encodeWindowCounts(rowsOf(service, n)))));
  }
  return (set) => {
    const values = (async function* () {
      for (const batch of batches) yield await Promise.resolve(batch);
    })();
    return readKafkaSlots({
      windows: [values],
      faults: [],
      ...span,
      windowMs,
      withDurations: looksAtDurations(set),
      dataCenter: 'dc1',
    });
  };
}
