// Rules that change while several processes run on a real Kafka, each with files of its own, as pods have their own mounts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertsAnswer, RulesAnswer } from '#config/api-schema.ts';
import { startKafka } from '../services/kafka.ts';
import { eventually, FlagwatchProcess, runCommand } from '../support/flagwatch-process.ts';
import { servedLine } from './served-line.ts';

const rule = (alert: string) => `groups:
  - name: ${alert}
    rules:
      - alert: ${alert}
        select: { flags: [UC] }
        by: [destination_service]
        spike: {}
        labels: { severity: critical }
`;
const partitions = 4;
const token = 's3cret';
let folder: string;
let kafka: Awaited<ReturnType<typeof startKafka>>;
let feeding: NodeJS.Timeout | undefined;
const processes: FlagwatchProcess[] = [];

/** A detect with its own files and its own API. */
class Detect {
  readonly #root: string;
  readonly process: FlagwatchProcess;

  constructor(name: string, prefix: string) {
    this.#root = join(folder, name);
    mkdirSync(join(this.#root, 'rules'), { recursive: true });
    this.write('a.yaml', rule('A'));
    writeFileSync(join(this.#root, 'flagwatch.yaml'), config(prefix));
    this.process = new FlagwatchProcess(['run', '--loops', 'detect', '-c', join(this.#root, 'flagwatch.yaml')], {
      FLAGWATCH_TOKEN: token,
    });
    processes.push(this.process);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.#root, 'rules', file), text);
  }

  remove(file: string): void {
    rmSync(join(this.#root, 'rules', file));
  }

  async ask<Data>(path: string): Promise<Data | null> {
    const url = /"url":"(http:[^"]+)"/.exec(this.process.log)?.[1];
    if (url === undefined) return null;
    const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    return ((await response.json()) as { data: Data }).data;
  }
}

const config = (prefix: string) => `kafka:
  clusters: [{ name: dc1, brokers: [${kafka.brokers.map((broker) => `"${broker}"`).join(', ')}], access_log_topics: [${prefix}-logs] }]
  group_prefix: ${prefix}
topics: { prefix: ${prefix}, partitions: ${partitions} }
rules: ["rules/*.yaml"]
rules_reload: { interval: 200ms }
http: { listen: "127.0.0.1:0", token: "\${FLAGWATCH_TOKEN}" }
window: 2s
allowed_lateness: 1s
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flagwatch-reload-'));
  kafka = await startKafka({ brokers: 1 });
});
afterAll(async () => {
  clearInterval(feeding);
  for (const process of processes) if (process.isRunning) await process.kill();
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('change over at one time in all partitions of all processes, and keep a bad file out', async () => {
  const prefix = `rr-${Date.now().toString(36)}`;
  const detects = [new Detect('one', prefix), new Detect('two', prefix)];
  const file = join(folder, 'one', 'flagwatch.yaml');
  const client = new Kafka({ clientId: 'e2e', brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: `${prefix}-logs`, numPartitions: 2 }], waitForLeaders: true });
  await admin.disconnect();
  expect(await runCommand(['setup', '-c', file], { FLAGWATCH_TOKEN: token })).toMatchObject({ status: 0 });
  const collect = new FlagwatchProcess(['run', '--loops', 'collect', '-c', file], { FLAGWATCH_TOKEN: token });
  processes.push(collect);
  for (const process of processes) process.start();
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  let sent = 0;
  feeding = setInterval(() => {
    const services = ['payments', 'orders', 'stock', 'users', 'mail', 'search'];
    const messages = services.map((service) => ({ value: servedLine(service, Date.now()), partition: sent++ % 2 }));
    void producer.send({ topic: `${prefix}-logs`, messages }).catch(() => undefined);
  }, 100);

  const inForce = async (): Promise<readonly (string | null)[]> => {
    const answers = await Promise.all(detects.map((detect) => detect.ask<RulesAnswer>('/rules')));
    return answers.flatMap((answer) => answer?.partitions.map(({ ruleSet }) => ruleSet) ?? []);
  };
  const describe = async () =>
    `${JSON.stringify(await inForce())}\n${processes.map(({ log }) => log.slice(-3000)).join('\n---\n')}`;
  const all = async (isSo: (hash: string | null) => boolean) => {
    const hashes = await inForce();
    const same = new Set(hashes).size === 1 && hashes.length === partitions;
    return same && isSo(hashes[0] ?? null) ? (hashes[0] ?? null) : null;
  };
  const first = await eventually(() => all(() => true), { timeoutMs: 90_000, describe });

  for (const detect of detects) detect.write('b.yaml', rule('B'));
  const second = await eventually(() => all((hash) => hash !== first), { timeoutMs: 60_000, describe });
  const changes = detects.flatMap(({ process }) => [
    ...process.log.matchAll(/"partition":"(\d)","set":"(\w+)","effectiveAt":"([^"]+)"/g),
  ]);
  expect(changes.map(([, partition]) => partition).sort()).toEqual(['0', '1', '2', '3']);
  expect(new Set(changes.map(([, , hash, at]) => `${hash} ${at}`)).size).toBe(1);

  for (const detect of detects) detect.write('c.yaml', 'groups: [');
  const told = async () => {
    const answers = await Promise.all(detects.map((detect) => detect.ask<AlertsAnswer>('/alerts')));
    return answers.flatMap((answer) => answer?.alerts.map(({ labels }) => labels['alertname']) ?? []);
  };
  await eventually(async () => ((await told()).join() === 'RulesNotLoaded' ? true : null), {
    timeoutMs: 30_000,
    describe,
  });
  expect(await inForce()).toEqual(Array.from({ length: partitions }, () => second));

  for (const detect of detects) {
    detect.remove('b.yaml');
    detect.remove('c.yaml');
    detect.process.signal('SIGHUP');
  }
  await eventually(() => all((hash) => hash === first), { timeoutMs: 60_000, describe });
  await eventually(async () => ((await told()).length === 0 ? true : null), { timeoutMs: 30_000, describe });
  clearInterval(feeding);
  await producer.disconnect();
  for (const process of processes) expect(await process.terminate()).toBe(0);
});
