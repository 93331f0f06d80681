// Smoke test of the real Kafka for tests: one broker does what flagwatch needs, and three survive the loss of one.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaService, startKafka } from './kafka.ts';

// These tests are about starting brokers, so they start their own also where a cluster is given.
const env = { ...process.env, KAFKA_BROKERS: '' };

// Silent: a coordinator that is still loading is logged as an error while the client tries again.
const connect = (brokers: string[]): Kafka => new Kafka({ brokers, clientId: 'smoke', logLevel: logLevel.NOTHING });
const partitioner = { createPartitioner: Partitioners.DefaultPartitioner };

async function createTopic(kafka: Kafka, topic: string, replicas: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic, numPartitions: 1, replicationFactor: replicas }],
    waitForLeaders: true,
  });
  await admin.disconnect();
}

/** Values of a topic from its start, until `last` came. */
async function readUntil(kafka: Kafka, topic: string, last: string): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: randomUUID(), sessionTimeout: 6000, heartbeatInterval: 500 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(message.value?.toString() ?? '');
          if (values.at(-1) === last) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

/** Whether nothing listens at host:port any more, within ten seconds. */
async function isGone(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = createConnection(Number(port), host);
    const isRefused = await once(socket, 'connect').then(
      () => false,
      () => true,
    );
    socket.destroy();
    if (isRefused) return true;
    await sleep(100);
  }
  return false;
}

describe('one broker', () => {
  let service: KafkaService;
  beforeAll(async () => {
    service = await startKafka({ env });
  });
  afterAll(() => service.stop());

  it('shows what a transaction committed and hides what one aborted', async () => {
    const kafka = connect(service.brokers);
    await createTopic(kafka, 'smoke', 1);
    const settings = { transactionalId: 'smoke-0', idempotent: true, maxInFlightRequests: 1, ...partitioner };
    const producer = kafka.producer(settings);
    await producer.connect();
    for (const [value, verb] of [
      ['a', 'commit'],
      ['b', 'abort'],
      ['c', 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'smoke', messages: [{ value }] });
      await transaction[verb]();
    }
    await producer.disconnect();
    expect(await readUntil(kafka, 'smoke', 'c')).toEqual(['a', 'c']);
  });

  it('does not create topics by itself', async () => {
    const producer = connect(service.brokers).producer({ ...partitioner, retry: { retries: 1 } });
    await producer.connect();
    await expect(producer.send({ topic: 'never-made', messages: [{ value: 'x' }] })).rejects.toThrow();
    await producer.disconnect();
  });

  it('keeps its data over a kill and a restart on the same port', async () => {
    await service.kill(0);
    await service.restart(0);
    expect(await readUntil(connect(service.brokers), 'smoke', 'c')).toEqual(['a', 'c']);
  });

  it('shares a machine with another cluster', async () => {
    const other = await startKafka({ env });
    expect(other.brokers).not.toEqual(service.brokers);
    await other.stop();
    await other.stop(); // a second time is no error
  });
});

it('three brokers take writes by all replicas after the loss of one', async () => {
  const service = await startKafka({ brokers: 3, env });
  try {
    const kafka = connect(service.brokers);
    await createTopic(kafka, 'replicated', 3);
    const producer = kafka.producer({ ...partitioner, idempotent: true });
    await producer.connect();
    await producer.send({ topic: 'replicated', acks: -1, messages: [{ value: 'before' }] });
    await service.kill(0);
    await producer.send({ topic: 'replicated', acks: -1, messages: [{ value: 'without' }] });
    await service.restart(0);
    await producer.send({ topic: 'replicated', acks: -1, messages: [{ value: 'after' }] });
    await producer.disconnect();
    expect(await readUntil(kafka, 'replicated', 'after')).toEqual(['before', 'without', 'after']);
  } finally {
    await service.stop();
  }
});

it('a broker does not outlive a test run that was killed', async () => {
  const program = `
    import { startKafka } from ${JSON.stringify(join(import.meta.dirname, 'kafka.ts'))};
    const { brokers, dataDir } = await startKafka({ env: { ...process.env, KAFKA_BROKERS: '' } });
    process.stdout.write(brokers[0] + ' ' + dataDir);
    setInterval(() => {}, 1000);`;
  const args = ['--input-type=module-typescript', '--eval', program];
  const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = (await once(run.stdout, 'data')) as [Buffer];
  run.kill('SIGKILL');
  const [address = '', dataDir = ''] = output.toString().split(' ');
  expect(await isGone(address)).toBe(true);
  rmSync(dataDir, { recursive: true }); // a run that was killed cannot do it
});

it('KAFKA_BROKERS names a cluster to use, whose brokers are left alone', async () => {
  const service = await startKafka({ env: { KAFKA_BROKERS: 'one:9092, two:9092' } });
  expect(service.brokers).toEqual(['one:9092', 'two:9092']);
  expect(service.dataDir).toBeUndefined();
  await expect(service.kill(0)).rejects.toThrow('cannot kill a broker of KAFKA_BROKERS=');
  await service.stop();
});
