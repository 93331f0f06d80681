// Kafka keeps the record stream's contract, on one real broker; and what only Kafka can break: codecs, aborted transactions
// side by side, retention, members that come and go.
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metrics } from '#telemetry/metrics.ts';
import { describeRecordStreamContract } from './record-stream-contract.ts';
import { aLoop, aTopic, eventually, fresh, makeTopic, readAll, start } from './record-stream-drive.ts';
import { type KafkaUnderTest, setUpKafka } from './record-stream-kafka.ts';

describeRecordStreamContract('kafka', () => setUpKafka({ brokers: 1 }));

describe('the record stream on Kafka', () => {
  let broker: KafkaUnderTest;
  let kafka: Kafka;
  beforeAll(async () => {
    broker = await setUpKafka({ brokers: 1 });
    kafka = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING });
  });
  afterAll(() => broker.stop());

  const transactional = async (transactionalId: string) => {
    const producer = kafka.producer({
      transactionalId,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  };

  it('never shows what was aborted, also of transactions that were open side by side', async () => {
    const topic = await makeTopic(broker, 'aborted');
    const producers = [
      await transactional(fresh('a')),
      await transactional(fresh('b')),
      await transactional(fresh('c')),
    ];
    const open = [];
    for (const [i, producer] of producers.entries()) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: `aborted ${i}` }, { value: `aborted too ${i}` }] });
      open.push(transaction);
    }
    // Ended in the other order than begun: so the broker lists them.
    for (const transaction of open.reverse()) await transaction.abort();
    const [first] = producers;
    const good = await first!.transaction();
    await good.send({ topic, messages: [{ value: 'committed' }] });
    await good.commit();
    const hanging = await producers[1]!.transaction();
    await hanging.send({ topic, messages: [{ value: 'open' }] });
    await broker.append([{ topic, key: null, value: 'behind the open one' }]);

    const seen: string[] = [];
    const atEnd: boolean[] = [];
    const running = start(
      broker.newStream(),
      aLoop({ loop: fresh('aborted'), topics: [topic] }, (opened) => ({
        process: async ({ records }) => {
          seen.push(...records.map(({ value }) => String(value)));
        },
        tick: async () => {
          atEnd.push(await opened.isAtEnd());
        },
      })),
    );
    await eventually(broker, 'the committed record and five ticks', () => seen.length > 0 && atEnd.length >= 5);
    expect(seen).toEqual(['committed']);
    expect(atEnd).not.toContain(true);
    await hanging.abort();
    await eventually(broker, 'the record behind and the end', () => seen.length > 1 && atEnd.at(-1) === true);
    await running.stop();
    expect(seen).toEqual(['committed', 'behind the open one']);
    await Promise.all(producers.map((producer) => producer.disconnect()));
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads topics that are compressed with %s', async (codec) => {
    const topic = fresh(`codec-${codec}`);
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'compression.type', value: codec }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }] });
    await admin.disconnect();
    const values = Array.from({ length: 200 }, (_, i) => `line ${i} ${'요청 '.repeat(i % 50)}`);
    await broker.append(values.map((value) => ({ topic, key: 'k', value })));
    expect((await readAll(broker, topic)).map(({ value }) => value)).toEqual(values);
  });

  it('goes on behind records that retention deleted, and counts them', async () => {
    const topic = await makeTopic(broker, 'retention');
    await broker.append(Array.from({ length: 100 }, (_, i) => ({ topic, key: null, value: String(i) })));
    const loop = fresh('retention');
    const seen: string[] = [];
    const run = (upTo: number) =>
      start(
        broker.newStream(),
        aLoop({ loop, topics: [topic] }, ({ handOver }) => ({
          process: async (batch) => {
            seen.push(...batch.records.map(({ value }) => String(value)));
            await handOver.commit({ records: [], nextOffset: Math.min(upTo, batch.nextOffset) });
          },
        })),
      );
    const first = run(10);
    await eventually(broker, 'the first batch', () => seen.length === 100);
    await first.stop();
    const admin = kafka.admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '60' }] });
    await admin.disconnect();
    seen.length = 0;
    const second = run(100);
    await eventually(broker, 'the rest', () => seen.length > 0);
    await second.stop();
    expect(seen[0]).toBe('60');
    expect(seen).toHaveLength(40);
    expect(broker.meter.total(metrics.lostRecords, { loop, topic })).toBe(50);
  });

  it('keeps partitions open through a rebalance, and gives up only what another member gets', async () => {
    const topic = await makeTopic(broker, 'rebalance', 4);
    const loop = fresh('rebalance');
    const openings: string[] = [];
    const owned = new Map<string, Set<number>>();
    const member = (name: string) => {
      const mine = new Set<number>();
      owned.set(name, mine);
      return start(
        broker.newStream(),
        aLoop({ loop, topics: [topic] }, ({ origin, signal }) => {
          openings.push(`${name} ${origin.partition}`);
          mine.add(origin.partition);
          signal.addEventListener('abort', () => mine.delete(origin.partition));
          return {};
        }),
      );
    };
    const sizes = () => [...owned.values()].map((partitions) => partitions.size);
    const first = member('first');
    await eventually(broker, 'all with the first', () => sizes()[0] === 4);
    const second = member('second');
    await eventually(broker, 'half each', () => sizes().join() === '2,2');
    expect(openings).toHaveLength(6);
    await second.stop();
    await eventually(broker, 'all with the first again', () => sizes()[0] === 4);
    await first.stop();
    expect(openings).toHaveLength(8);
    expect(broker.meter.total(metrics.partitionFailures, { loop })).toBe(0);
  });

  it('updates what a topic should keep, and leaves what others have set', async () => {
    const spec = aTopic(fresh('settings'));
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'compression.type', value: 'zstd' }];
    await admin.createTopics({ topics: [{ topic: spec.name, numPartitions: 2, replicationFactor: 1, configEntries }] });
    expect(await broker.admin.ensure([spec])).toEqual([{ topic: spec.name, change: 'updated' }]);
    expect(await broker.admin.ensure([spec])).toEqual([{ topic: spec.name, change: 'unchanged' }]);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: spec.name, configNames: ['compression.type', 'retention.ms'] }],
    });
    const values = resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]);
    expect(Object.fromEntries(values ?? [])).toEqual({ 'compression.type': 'zstd', 'retention.ms': '3600000' });
    expect(await broker.admin.partitionCount(spec.name)).toBe(2);
    await admin.disconnect();
  });

  it('splits what is too much for one request, and says so of one record that is too much', async () => {
    const [input, output] = [await makeTopic(broker, 'large-in'), await makeTopic(broker, 'large-out')];
    await broker.append([{ topic: input, key: null, value: 'go' }]);
    const line = 'x'.repeat(400_000);
    const errors: unknown[] = [];
    let isCommitted = false;
    const running = start(
      broker.newStream(),
      aLoop({ loop: fresh('large'), topics: [input] }, ({ handOver }) => ({
        process: async ({ nextOffset }) => {
          const values = errors.length > 0 ? [1, 2, 3, 4, 5].map((i) => `${i}${line}`) : ['x'.repeat(1_100_000)];
          const records = values.map((value) => ({ topic: output, key: null, value }));
          await handOver.commit({ records, nextOffset }).catch((error: unknown) => {
            errors.push(error);
            throw error;
          });
          isCommitted = true;
        },
      })),
    );
    await eventually(broker, 'the commit', () => isCommitted);
    await running.stop();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'KAFKA_REJECTED', retryable: false });
    const values = (await readAll(broker, output)).map(({ value }) => value?.slice(0, 2));
    expect(values).toEqual(['1x', '2x', '3x', '4x', '5x']);
  });
});
