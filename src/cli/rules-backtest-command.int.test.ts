// `rules backtest --kafka`: the windows and failed requests that are still in Kafka's topics, as detect and correlate wrote them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { noCounts } from '#core/count/count-row.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import { topicNames, topicSpecs } from '#pipeline/topics.ts';
import { type KafkaUnderTest, setUpKafka } from '../../test/contract/record-stream-kafka.ts';
import { anEdge, inTime } from '../../test/support/builders.ts';
import { runCommand } from '../../test/support/flagwatch-process.ts';

const windowMs = 10_000;
const names = topicNames('flagwatch');
const folder = mkdtempSync(join(tmpdir(), 'flagwatch-kafka-past-'));
const config = join(folder, 'flagwatch.yaml');
const rules = join(import.meta.dirname, '..', '..', 'rules');
const startAtMs = Math.floor(Date.now() / windowMs) * windowMs - 120 * windowMs;
let kafka: KafkaUnderTest;

beforeAll(async () => {
  kafka = await setUpKafka({ brokers: 1 });
  await kafka.admin.ensure(topicSpecs(names, { partitions: 2, replicationFactor: 1 }));
  const brokers = JSON.stringify(kafka.brokers);
  writeFileSync(
    config,
    `kafka: { clusters: [{ name: dc1, brokers: ${brokers}, access_log_topics: [logs] }] }\nrules: ["${rules}/*.yaml"]\n`,
  );
  const records = Array.from({ length: 100 }, (_, n) => {
    const count = n >= 80 && n < 86 ? 20 : 0;
    const row = { ...noCounts, edge: anEdge({ reporter: 'source' }), requestCount: 100, failedCount: count };
    const span = {
      ...inTime,
      windowStartAtMs: startAtMs + n * windowMs,
      windowEndAtMs: startAtMs + (n + 1) * windowMs,
    };
    const value = encodeWindowCounts([{ ...row, flagCounts: count === 0 ? {} : { UC: count }, ...span }]);
    return { topic: names.windows, key: 'payments', value };
  });
  await kafka.append(records);
});
afterAll(async () => {
  await kafka?.stop();
  rmSync(folder, { recursive: true });
});

const backtest = (...args: readonly string[]) =>
  runCommand(['rules', 'backtest', join(rules, 'uc.yaml'), '-c', config, ...args]);

it('plays the windows of the only cluster', async () => {
  const { status, stdout, stderr } = await backtest('--kafka', '--from', '1h', '--json');
  expect(status, stderr).toBe(0);
  const { windows, firings } = JSON.parse(stdout) as { windows: number; firings: Record<string, unknown>[] };
  expect(windows).toBe(100);
  expect(firings).toMatchObject([
    {
      alert: 'UpstreamConnectionTermination',
      value: 20,
      fired_at: new Date(startAtMs + 81 * windowMs).toISOString(),
      resolved_at: new Date(startAtMs + 98 * windowMs).toISOString(),
    },
  ]);
});

it('reads failed requests too where rules look at them, and names what is not there', async () => {
  const all = await runCommand(['rules', 'backtest', rules, '-c', config, '--kafka', 'dc1', '--from', '1h']);
  expect([all.status, all.stdout]).toEqual([0, expect.stringContaining('UpstreamConnectionTermination')]);
  const other = await backtest('--kafka', 'dc2', '--from', '1h');
  expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('there is no such cluster, only dc1')]);
  const files = await backtest('--kafka', 'dc1', '--from', config);
  expect([files.status, files.stderr]).toEqual([2, expect.stringContaining('--from has to be a time')]);
});
