// Lines that come through a real Kafka after their window was judged: their documents add up, and what they change is told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka } from '../services/kafka.ts';
import { eventually, FlagwatchProcess, runCommand } from '../support/flagwatch-process.ts';
import { servedLine } from './served-line.ts';

let folder: string;
let kafka: Awaited<ReturnType<typeof startKafka>>;
let flagwatch: FlagwatchProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flagwatch-late-'));
  kafka = await startKafka({ brokers: 1 });
});
afterAll(async () => {
  if (flagwatch?.isRunning) await flagwatch.kill();
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
});

const config = (prefix: string) => `kafka:
  clusters: [{ name: dc1, brokers: [${kafka.brokers.map((broker) => `"${broker}"`).join(', ')}], access_log_topics: [${prefix}-logs] }]
  group_prefix: ${prefix}
topics: { prefix: ${prefix}, partitions: 1 }
rules: ["rules.yaml"]
idle_timeout: 1s
`;
const rule = `groups:
  - name: connections
    rules:
      - alert: ConnectionsCut
        select: { flags: [UC] }
        by: [destination_service]
        threshold: { at_least: 5 }
        labels: { severity: critical }
`;

/** Whole windows before now, and lines of the first of them that come behind all others. */
const startAtMs = Math.floor((Date.now() - 600_000) / 10_000) * 10_000;
const inTime = Array.from({ length: 120 }, (_, i) => servedLine('payments', startAtMs + i * 1000));
const failed = { response_code: 503, response_flags: 'UC', request_id: null };
const late = Array.from({ length: 7 }, (_, i) => servedLine('payments', startAtMs + i * 1000, failed));

interface Found {
  readonly windows: readonly { '@timestamp': string; flagwatch: { request_count: number; is_late?: boolean } }[];
  readonly alerts: readonly { message?: string; flagwatch: { status?: string } }[];
}

function stored(): Found | null {
  try {
    const database = new DatabaseSync(join(folder, 'flagwatch.db'), { readOnly: true });
    const of = (dataset: string) =>
      database
        .prepare('SELECT json FROM documents WHERE dataset = ?')
        .all(dataset)
        .map(({ json }) => JSON.parse(String(json)));
    const found = { windows: of('flagwatch.windows'), alerts: of('flagwatch.alerts') };
    database.close();
    return found;
  } catch {
    // Not made yet, or being written.
    return null;
  }
}

it('are added to their window, and tell what they would have told', async () => {
  const prefix = `late-${Date.now().toString(36)}`;
  const file = join(folder, 'flagwatch.yaml');
  writeFileSync(file, config(prefix));
  writeFileSync(join(folder, 'rules.yaml'), rule);
  const client = new Kafka({ clientId: 'e2e', brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: `${prefix}-logs`, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  expect(await runCommand(['setup', '-c', file])).toMatchObject({ status: 0 });
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const send = (lines: readonly string[]) =>
    producer.send({ topic: `${prefix}-logs`, messages: lines.map((value) => ({ value })) });
  await send(inTime);
  flagwatch = new FlagwatchProcess(['run', '-c', file]);
  flagwatch.start();

  const sum = ({ windows }: Found) => windows.reduce((all, window) => all + window.flagwatch.request_count, 0);
  const reaches = (isReached: (found: Found) => boolean) =>
    eventually(
      () => {
        const now = stored();
        return Promise.resolve(now !== null && isReached(now) ? now : null);
      },
      { timeoutMs: 60_000, describe: () => `${JSON.stringify(stored())}\n${flagwatch?.log.slice(-3000)}` },
    );
  const before = await reaches((now) => sum(now) === inTime.length);
  expect(before.alerts).toEqual([]);
  await send(late);
  await producer.disconnect();
  const found = await reaches((now) => sum(now) === inTime.length + late.length && now.alerts.length > 0);
  const first = found.windows.filter((window) => Date.parse(window['@timestamp']) === startAtMs);
  expect(first.map(({ flagwatch: { request_count, is_late } }) => [request_count, is_late ?? false])).toEqual([
    [10, false],
    [7, true],
  ]);
  expect(JSON.stringify(found.alerts)).toContain('7 of them came after the window was closed');
});
