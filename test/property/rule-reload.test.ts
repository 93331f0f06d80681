// Rules that are loaded again and again while lines come in: collect and detect on topics in memory, three partitions, two sources. No window
// is lost, no alert is told twice, and a rule that nobody touched says what it says in a run without any reload.
import { describe, expect, it } from 'vitest';
import { createMemoryBroker } from '#adapters/memory/memory-broker.ts';
import { memoryBrokerDefaults } from '#adapters/memory/memory-settings.ts';
import { systemClock } from '#adapters/system/clock.ts';
import type { LoopName } from '#app/loops.ts';
import { createLoop } from '#app/loops.ts';
import type { ReadRuleFile } from '#app/reload/rule-reload.ts';
import { RuleReload } from '#app/reload/rule-reload.ts';
import { toAccessLogTopics } from '#config/access-log-settings.ts';
import { loadSettings } from '#config/load-settings.ts';
import { decodeWindowCounts } from '#core/count/window-count-wire.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { decodeTransition } from '#core/evaluate/transition-wire.ts';
import { topicNames, topicSpecs } from '#pipeline/topics.ts';
import { silentLogger } from '#ports/logger.ts';
import type { ConsumeOptions } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { SummingMeter } from '../support/loop-harness.ts';

const partitions = 3;
const sources = ['logs-a', 'logs-b'];
const services = ['payments', 'orders', 'stock', 'users'];
const windowMs = 10_000;
const requestsPerWindow = 40;
const startAtMs = Date.parse('2026-11-21T00:00:00Z');

const loadedSettings = loadSettings(
  'tick_interval: 10ms\ncollect: { flush_interval: 50ms }\nidle_timeout: 1h\n',
  'flagwatch.yaml',
  {},
);
if (loadedSettings.kind !== 'ok') throw new Error('the settings of the test do not load');
const { settings } = loadedSettings;

const rule = (alert: string, more: string): string => `groups:
  - name: ${alert}
    rules:
      - alert: ${alert}
        select: { flags: [UC] }
        by: [destination_service]
        spike: { baseline: 5m, min_baseline: 100s }
        labels: { severity: ${more} }
`;

/** Files of rules in memory, and the one who reads them. */
class Files {
  readonly #texts = new Map([
    ['steady.yaml', rule('Steady', 'critical')],
    ['other.yaml', rule('Other', 'warning')],
  ]);
  readonly reload: RuleReload;

  constructor(meter: SummingMeter) {
    const texts = (): ReadRuleFile[] => [...this.#texts].map(([file, text]) => ({ file, text }));
    this.reload = new RuleReload(
      { windowMs, intervalMs: 1000 },
      [...this.#texts].map(([file, text]) => ({ file, text })),
      { signature: () => Promise.resolve(''), read: () => Promise.resolve({ files: texts(), problems: [] }) },
      { logger: silentLogger, meter, clock: systemClock },
    );
  }

  async put(file: string, text: string | null): Promise<void> {
    if (text === null) this.#texts.delete(file);
    else this.#texts.set(file, text);
    this.reload.reload();
    await this.reload.look();
  }
}

/** Changes in turn: a good edit, a bad file, the bad one mended by deleting it, a rule deleted, the rule back. */
async function change(files: Files, round: number): Promise<'good' | 'bad'> {
  switch (round % 5) {
    case 0:
      await files.put('steady.yaml', `${rule('Steady', 'critical')}# ${round}\n`);
      return 'good';
    case 1:
      await files.put('bad.yaml', 'groups: [');
      return 'bad';
    case 2:
      await files.put('bad.yaml', null);
      return 'bad';
    case 3:
      await files.put('other.yaml', null);
      return 'good';
    default:
      await files.put('other.yaml', rule('Other', 'warning'));
      return 'good';
  }
}

function aLine(service: string, window: number, i: number): string {
  const isBroken = window > 30 && window % 40 < 4 && i % 2 === 0 && service !== 'users';
  return JSON.stringify({
    start_time: new Date(startAtMs + window * windowMs + i * 200).toISOString(),
    duration: 5,
    method: 'GET',
    path: '/',
    protocol: 'HTTP/1.1',
    response_code: isBroken ? 503 : 200,
    response_flags: isBroken ? 'UC' : '-',
    response_code_details: 'via_upstream',
    authority: `${service}.shop`,
    request_id: `${service}-${window}-${i}`,
    bytes_received: 1,
    bytes_sent: 1,
    upstream_cluster: `outbound|8080||${service}.shop.svc.cluster.local`,
    upstream_host: '10.0.0.1:8080',
    downstream_remote_address: '10.0.0.2:40000',
  });
}

const names = topicNames(settings.topics.prefix);
const tell = ({ alert, status, atMs, labels }: AlertTransition) =>
  `${labels['destination_service'] ?? ''} ${alert} ${status} ${atMs - startAtMs}`;

/** A running pipeline with all that it has written. */
async function openWorld(stop: AbortSignal) {
  const meter = new SummingMeter();
  const deps = { logger: silentLogger, meter, clock: systemClock };
  const broker = createMemoryBroker({ ...memoryBrokerDefaults, clusterName: 'local' }, deps);
  const specs = topicSpecs(names, { partitions, replicationFactor: 1 });
  const [first] = specs;
  if (first === undefined) throw new Error('there are no topics');
  await broker.ensure([...specs, ...sources.map((name) => ({ ...first, name, partitions: 1 }))]);
  const files = new Files(meter);
  const never = (): never => {
    throw new Error('neither documents nor messages here');
  };
  const parts = {
    settings,
    rules: [],
    ruleSource: files.reload,
    names,
    clusterName: 'local',
    accessLogTopics: toAccessLogTopics(sources),
    outputPartitions: partitions,
    failedLinePartitions: partitions,
    deps,
    store: never,
    storeName: 'sqlite' as const,
    messengers: never,
  };
  const transitions: AlertTransition[] = [];
  const windows = new Map<string, number>();
  const repeated: string[] = [];
  const reader = (loop: string, topic: string, take: (value: Uint8Array) => void): ConsumeOptions => ({
    loop,
    topics: [topic],
    tickMs: 50,
    open: (opened) =>
      Promise.resolve({
        startOffset: 'earliest',
        processor: {
          process: async ({ records, nextOffset }) => {
            for (const { value } of records) if (value !== null) take(value);
            await opened.handOver.commit({ records: [], nextOffset });
          },
          tick: () => Promise.resolve(),
          drain: () => Promise.resolve(),
        },
      }),
  });
  const takeTransition = (value: Uint8Array): void => {
    const outcome = decodeTransition(value);
    if (outcome.kind === 'ok') transitions.push(outcome.value);
  };
  const takeWindows = (value: Uint8Array): void => {
    const outcome = decodeWindowCounts(value);
    for (const row of outcome.kind === 'ok' ? outcome.value : []) {
      const key = `${row.windowStartAtMs - startAtMs} ${row.edge.destination_service}`;
      if (windows.has(key)) repeated.push(key);
      windows.set(key, row.requestCount);
    }
  };
  const loops = (['collect', 'detect'] as const satisfies LoopName[]).map((name) => createLoop(name, parts));
  const readers = [reader('t', names.alerts, takeTransition), reader('w', names.windows, takeWindows)];
  const running = Promise.all([...loops, ...readers].map((loop) => broker.consume(loop, stop)));
  const feed = async (window: number): Promise<void> => {
    const records = services.flatMap((service) =>
      Array.from({ length: requestsPerWindow }, (_, i) => {
        const topic = sources[i % 2] ?? '';
        return { topic, key: null, value: aLine(service, window, i) };
      }),
    );
    await broker.appendBatch(records, stop);
  };
  return { meter, files, transitions, windows, repeated, feed, running };
}
type World = Awaited<ReturnType<typeof openWorld>>;

async function eventually(what: string, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 2000; i += 1) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited in vain: ${what}`);
}

const ownSteps = ({ transitions }: World) => transitions.filter(({ alert }) => alert === 'RulesNotLoaded');
const changesRead = ({ meter }: World) => meter.total(metrics.ruleChanges);

/** Between two windows: 10 s of event time in some 20 ms, which leaves others of this machine some room. */
const pauseMs = 20;

/** Feeds lines until `isDone`, a window at a time, never far ahead of what is judged. */
async function feedUntil(world: World, isDone: (windows: number) => boolean): Promise<number> {
  let fed = 0;
  for (; !isDone(fed); fed += 1) {
    await world.feed(fed);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await eventually('windows close', () => world.windows.size >= (fed - 20) * services.length);
  }
  return fed;
}

describe('rules loaded again under load', () => {
  it('a hundred times, good, bad and deleted files in turn: no window lost, no alert told twice', {
    timeout: 60_000,
  }, async () => {
    const stop = new AbortController();
    const world = await openWorld(stop.signal);
    let isOver = false;
    const feeding = feedUntil(world, (fed) => isOver && fed % 40 === 20);
    let good = 0;
    let bad = 0;
    await eventually('rules have learned', () => world.windows.size >= 12 * services.length);
    for (let round = 0; round < 100; round += 1) {
      if ((await change(world.files, round)) === 'good') good += 1;
      else bad += 1;
      await eventually('the bad file is told, and its end', () => ownSteps(world).length === bad);
      await eventually('all partitions have read the change', () => changesRead(world) >= good * partitions);
    }
    isOver = true;
    const fed = await feeding;
    await eventually('the last windows close', () => world.windows.size >= (fed - 2) * services.length);
    stop.abort();
    await world.running;

    expect(world.meter.total(metrics.rulesReload, { outcome: 'loaded' })).toBe(80);
    expect(world.meter.total(metrics.rulesReload, { outcome: 'rejected' })).toBe(20);
    expect(world.meter.total(metrics.lateLines)).toBe(0);
    expect(world.repeated).toEqual([]);
    for (let window = 0; window < fed - 2; window += 1) {
      const counts = services.map((service) => world.windows.get(`${window * windowMs} ${service}`));
      expect({ window, counts }).toEqual({ window, counts: services.map(() => requestsPerWindow) });
    }
    expectInOrder(world.transitions);
    expect(ownSteps(world)).toHaveLength(40);

    const calm = await runCalm(fed);
    const steady = world.transitions.filter(({ alert }) => alert === 'Steady').map(tell);
    expect(steady.sort()).toEqual(calm.filter((step) => step.includes(' Steady ')));
    expect(steady.length).toBeGreaterThanOrEqual(3);
  });
});

/** No id twice, and every alert goes from one state to the other. */
function expectInOrder(transitions: readonly AlertTransition[]): void {
  const ids = transitions.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, steps] of Map.groupBy(transitions, ({ fingerprint }) => fingerprint)) {
    steps.forEach(({ status }, i) => {
      expect([steps[i]?.alert, i, status]).toEqual([steps[i]?.alert, i, i % 2 === 0 ? 'firing' : 'resolved']);
    });
  }
}

/** The same lines with rules that stay: what is told then. */
async function runCalm(fed: number): Promise<string[]> {
  const stop = new AbortController();
  const world = await openWorld(stop.signal);
  await feedUntil(world, (count) => count === fed);
  await eventually('the last windows close', () => world.windows.size >= (fed - 2) * services.length);
  stop.abort();
  await world.running;
  return world.transitions.map(tell).sort();
}
