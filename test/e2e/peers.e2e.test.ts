// Three processes on a real Kafka, of which two judge: any of them answers for all partitions, and one that is killed is missing until the
// other has taken its partitions over.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RulesAnswer } from '#config/api-schema.ts';
import { startKafka } from '../services/kafka.ts';
import { eventually, FlagwatchProcess, runCommand } from '../support/flagwatch-process.ts';
import { servedLine } from './served-line.ts';

const partitions = 4;
const token = { FLAGWATCH_TOKEN: 's3cret' };
const services = ['payments', 'orders', 'stock', 'users', 'mail', 'search', 'cart', 'login'];
const rule = `groups:
  - name: deploys
    rules:
      - alert: NewVersion
        select: { flags: [UC] }
        by: [destination_service]
        new_version: {}
        labels: { severity: critical }
`;
let folder: string;
let kafka: Awaited<ReturnType<typeof startKafka>>;
let feeding: NodeJS.Timeout | undefined;
const processes: FlagwatchProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flagwatch-peers-'));
  kafka = await startKafka({ brokers: 1 });
});
afterAll(async () => {
  clearInterval(feeding);
  for (const process of processes) if (process.isRunning) await process.kill();
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const config = (prefix: string, port: number, urls: readonly string[]) => `kafka:
  clusters: [{ name: dc1, brokers: [${kafka.brokers.map((broker) => `"${broker}"`).join(', ')}], access_log_topics: [${prefix}-logs] }]
  group_prefix: ${prefix}
  session_timeout: 2s
  heartbeat_interval: 300ms
topics: { prefix: ${prefix}, partitions: ${partitions} }
rules: ["new-version.yaml"]
http: { listen: "127.0.0.1:${port}", token: "\${FLAGWATCH_TOKEN}", peers: { urls: [${urls.map((url) => `"${url}"`).join(', ')}], timeout: 1s } }
window: 2s
allowed_lateness: 1s
`;

async function ask<Data>(url: string, path: string): Promise<{ status: number; data: Data }> {
  const headers = { authorization: `Bearer ${token.FLAGWATCH_TOKEN}` };
  const response = await fetch(`${url}/api/v1${path}`, { headers });
  const { data } = (await response.json()) as { data: Data };
  return { status: response.status, data };
}

it('answer for each other, and say what is missing', async () => {
  const prefix = `peers-${Date.now().toString(36)}`;
  const ports = await Promise.all(['collect', 'detect', 'detect'].map(() => freePort()));
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  writeFileSync(join(folder, 'new-version.yaml'), rule);
  const files = ports.map((port, i) => {
    const file = join(folder, `flagwatch-${i}.yaml`);
    writeFileSync(file, config(prefix, port, urls));
    return file;
  });
  const client = new Kafka({ clientId: 'e2e', brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: `${prefix}-logs`, numPartitions: 2 }], waitForLeaders: true });
  await admin.disconnect();
  expect(await runCommand(['setup', '-c', files[0] ?? ''], token)).toMatchObject({ status: 0 });
  files.forEach((file, i) => {
    processes.push(new FlagwatchProcess(['run', '--loops', i === 0 ? 'collect' : 'detect', '-c', file], token));
  });
  for (const process of processes) process.start();
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  let sent = 0;
  feeding = setInterval(() => {
    const messages = services.map((service) => ({ value: servedLine(service, Date.now()), partition: sent++ % 2 }));
    void producer.send({ topic: `${prefix}-logs`, messages }).catch(() => undefined);
  }, 100);

  const reached = (of: readonly string[]) =>
    Promise.all(of.map((url) => ask<RulesAnswer>(url, '/rules').catch(() => null)));
  const describe = async () =>
    `${JSON.stringify(await reached(urls))}\n${processes.map(({ log }) => log.slice(-3000)).join('\n---\n')}`;
  const complete = (of: readonly string[]) => async () => {
    const answers = await reached(of);
    return answers.every((answer) => answer?.data?.complete === true) ? answers : null;
  };
  const held = async (url: string) =>
    (await ask<{ partitions: unknown[] }>(url, '/partitions?show=rules')).data.partitions.length;

  const answers = await eventually(complete(urls), { timeoutMs: 90_000, describe });
  for (const answer of answers) expect(answer?.data.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
  expect(await Promise.all(urls.map(held))).toEqual([0, 2, 2]);
  for (const url of urls) {
    for (const service of services) {
      expect(await ask(url, `/verdict?service=${service}`)).toMatchObject({ status: 200, data: { complete: true } });
    }
  }

  await processes[2]?.kill();
  const left = urls.slice(0, 2);
  const missing = (await reached(left)).map((answer) => answer?.data.missing.length);
  expect(missing).toEqual([2, 2]);
  const statuses = await Promise.all(
    services.map(async (service) => (await ask(left[0] ?? '', `/verdict?service=${service}`)).status),
  );
  expect([...new Set(statuses)].sort()).toEqual([200, 503]);
  await eventually(complete(left), { timeoutMs: 60_000, describe });
  expect(await Promise.all(left.map(held))).toEqual([0, 4]);
  const metrics = await (await fetch(`${left[0]}/metrics`)).text();
  for (const outcome of ['answered', 'itself', 'unreachable']) {
    expect(metrics).toMatch(new RegExp(`flagwatch_peer_requests_total\\{outcome="${outcome}"\\} [1-9]`));
  }
  clearInterval(feeding);
  await producer.disconnect();
  for (const process of processes.slice(0, 2)) expect(await process.terminate()).toBe(0);
});
