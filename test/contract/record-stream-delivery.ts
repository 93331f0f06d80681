// The part of the record stream's contract about records: order, keys, offsets, ends, backpressure.
import { beforeAll, describe, expect, it } from 'vitest';
import type { OpenedPartition, OutputRecord } from '#ports/record-stream.ts';
import {
  aLoop,
  aTopic,
  eventually,
  fresh,
  makeTopic,
  readAll,
  type SeenRecord,
  type StreamUnderTest,
  settleWhilePassing,
  start,
  toSeen,
} from './record-stream-drive.ts';

/** The tests, on the broker that `get` gives when they run. */
export function describeDelivery(get: () => StreamUnderTest): void {
  describe('delivery', () => {
    let broker: StreamUnderTest;
    beforeAll(() => {
      broker = get();
    });

    it('makes topics, and tells what is there', async () => {
      const spec = aTopic(fresh('admin'), 3);
      expect(await broker.admin.partitionCount(spec.name)).toBeNull();
      expect(await broker.admin.ensure([spec])).toEqual([{ topic: spec.name, change: 'created' }]);
      expect(await broker.admin.ensure([spec])).toEqual([{ topic: spec.name, change: 'unchanged' }]);
      expect(await broker.admin.partitionCount(spec.name)).toBe(3);
    });

    it('delivers each partition whole and in order, with keys, tombstones and bytes as they are', async () => {
      const topic = await makeTopic(broker, 'order', 2);
      const bytes = Buffer.from([0, 255, 10, 13, 128]);
      const records = Array.from(
        { length: 500 },
        (_, i): OutputRecord => ({
          topic,
          key: i % 7 === 0 ? null : `key ${i}`,
          value: i % 11 === 0 ? null : `value ${i} 요청`,
          partition: i % 2,
        }),
      );
      await broker.append([...records, { topic, key: 'bytes', value: bytes, partition: 0 }]);
      const seen: SeenRecord[] = [];
      let last: Uint8Array | null = null;
      const opened: OpenedPartition[] = [];
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('order'), topics: [topic] }, (partition) => {
          opened.push(partition);
          return {
            process: async (batch) => {
              seen.push(...toSeen(batch, partition.origin.partition));
              if (partition.origin.partition === 0) last = batch.records.at(-1)?.value ?? null;
              const lastOffset = batch.records.at(-1)?.offset ?? -1;
              expect(batch.nextOffset).toBeGreaterThan(lastOffset);
              expect(batch.behind).toBeGreaterThanOrEqual(0);
            },
          };
        }),
      );
      await eventually(broker, 'all records', () => seen.length >= 501);
      await running.stop();
      for (const partition of [0, 1]) {
        const wanted = records.filter((record) => record.partition === partition);
        const got = seen.filter((record) => record.partition === partition).slice(0, wanted.length);
        expect(got.map(({ key, value }) => [key, value])).toEqual(wanted.map(({ key, value }) => [key, value]));
        expect(got.map(({ offset }) => offset)).toEqual(wanted.map((_, i) => i));
      }
      expect(last).toEqual(bytes);
      expect(opened.map(({ origin }) => origin.partition).sort()).toEqual([0, 1]);
      expect(opened[0]).toMatchObject({
        origin: { cluster: broker.clusterName, topic },
        partitionCount: 2,
        committedOffset: null,
        state: new Map(),
      });
    });

    it('puts the same key into the same partition, by whatever way it was written', async () => {
      const [input, output] = [await makeTopic(broker, 'keys-in'), await makeTopic(broker, 'keys-out', 5)];
      const keys = Array.from({ length: 40 }, (_, i) => `service-${i}`);
      await broker.append(keys.map((key) => ({ topic: output, key, value: 'appended' })));
      await broker.append([{ topic: input, key: null, value: 'go' }]);
      let isCommitted = false;
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('keys'), topics: [input] }, ({ handOver }) => ({
          process: async ({ nextOffset }) => {
            const records = keys.map((key) => ({ topic: output, key, value: 'committed' }));
            await handOver.commit({ records, nextOffset });
            isCommitted = true;
          },
        })),
      );
      await eventually(broker, 'the commit', () => isCommitted);
      await running.stop();
      const byKey = Map.groupBy(await readAll(broker, output), ({ key }) => key);
      expect([...byKey.keys()].sort()).toEqual([...keys].sort());
      for (const records of byKey.values()) {
        expect(records.map(({ value }) => value).sort()).toEqual(['appended', 'committed']);
        expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
      }
      expect(new Set([...byKey.values()].flat().map(({ partition }) => partition)).size).toBeGreaterThan(1);
    });

    it('commits outputs and offset together, and goes on from there', async () => {
      const [input, output] = [await makeTopic(broker, 'commit-in'), await makeTopic(broker, 'commit-out', 2)];
      await broker.append(['a', 'b', 'c'].map((value) => ({ topic: input, key: null, value })));
      const loop = fresh('commit');
      const delivered: string[][] = [];
      const committedOffsets: (number | null)[] = [];
      const run = async (until: string): Promise<void> => {
        const values: string[] = [];
        delivered.push(values);
        const running = start(
          broker.newStream(),
          aLoop({ loop, topics: [input] }, ({ handOver, committedOffset }) => {
            committedOffsets.push(committedOffset);
            return {
              process: async (batch) => {
                for (const { offset, value } of batch.records) {
                  const text = String(value);
                  values.push(text);
                  // `b` is committed as the last one: what comes behind it is worked on, and not committed.
                  if (text > 'b' && until === 'b') continue;
                  const records = [0, 1].map((partition) => ({ topic: output, key: 'k', value: text, partition }));
                  await handOver.commit({ records, nextOffset: offset + 1 });
                }
              },
            };
          }),
        );
        await eventually(broker, `delivery of ${until}`, () => values.includes(until === 'b' ? 'c' : until));
        await running.stop();
      };
      await run('b');
      await broker.append([{ topic: input, key: null, value: 'd' }]);
      await run('d');
      expect(delivered).toEqual([
        ['a', 'b', 'c'],
        ['c', 'd'],
      ]);
      expect(committedOffsets).toEqual([null, 2]);
      const outputs = await readAll(broker, output);
      for (const partition of [0, 1]) {
        const values = outputs.filter((record) => record.partition === partition).map(({ value }) => value);
        expect(values).toEqual(['a', 'b', 'c', 'd']);
      }
    });

    it('moves the offset also where nothing is written, many times over', async () => {
      const input = await makeTopic(broker, 'offsets');
      await broker.append(Array.from({ length: 30 }, (_, i) => ({ topic: input, key: null, value: String(i) })));
      const loop = fresh('offsets');
      let reached = 0;
      const running = start(
        broker.newStream(),
        aLoop({ loop, topics: [input] }, ({ handOver }) => ({
          process: async (batch) => {
            for (const { offset } of batch.records) {
              await handOver.commit({ records: [], nextOffset: offset + 1 });
              reached = offset + 1;
            }
          },
        })),
      );
      await eventually(broker, 'all commits', () => reached === 30);
      await running.stop();
      const committed = Promise.withResolvers<number | null>();
      const again = start(
        broker.newStream(),
        aLoop({ loop, topics: [input] }, ({ committedOffset }) => {
          committed.resolve(committedOffset);
          return {};
        }),
      );
      await eventually(broker, 'the second opening', () => again !== undefined);
      expect(await settleWhilePassing(broker, committed.promise)).toBe(30);
      await again.stop();
    });

    it('ticks idle partitions, and knows that they are at their end behind transactions', async () => {
      const [input, output] = [await makeTopic(broker, 'idle-in'), await makeTopic(broker, 'idle', 2)];
      await broker.append([{ topic: input, key: null, value: 'go' }]);
      let isCommitted = false;
      const writer = start(
        broker.newStream(),
        aLoop({ loop: fresh('idle-writer'), topics: [input] }, ({ handOver }) => ({
          process: async ({ nextOffset }) => {
            await handOver.commit({ records: [{ topic: output, key: null, value: 'x', partition: 1 }], nextOffset });
            isCommitted = true;
          },
        })),
      );
      await eventually(broker, 'the commit', () => isCommitted);
      await writer.stop();
      const ticks = [0, 0];
      const atEnd: boolean[] = [];
      const times: number[] = [];
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('idle'), topics: [output] }, ({ origin, isAtEnd }) => ({
          tick: async (nowMs) => {
            times.push(nowMs);
            ticks[origin.partition] = (ticks[origin.partition] ?? 0) + 1;
            atEnd[origin.partition] = await isAtEnd();
          },
        })),
      );
      await eventually(broker, 'five ticks each', () => ticks.every((count) => count >= 5));
      await eventually(broker, 'both ends', () => atEnd[0] === true && atEnd[1] === true);
      await broker.append([{ topic: output, key: null, value: 'y', partition: 0 }]);
      const before = ticks[0] ?? 0;
      await eventually(broker, 'the end again', () => (ticks[0] ?? 0) > before + 2 && atEnd[0] === true);
      await running.stop();
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    it('gives no batch and no tick while the processor is busy', async () => {
      const topic = await makeTopic(broker, 'busy');
      await broker.append([{ topic, key: null, value: 'first' }]);
      const gate = Promise.withResolvers<void>();
      const calls: string[] = [];
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('busy'), topics: [topic], tickMs: 20 }, () => ({
          process: async (batch) => {
            calls.push(`begin ${batch.records.length}`);
            if (calls.length === 1) await gate.promise;
            calls.push('end');
          },
          tick: async () => {
            if (calls.length > 0) calls.push('tick');
          },
        })),
      );
      await eventually(broker, 'the first batch', () => calls.length > 0);
      await broker.append([{ topic, key: null, value: 'second' }]);
      for (let i = 0; i < 20; i += 1) await broker.pass();
      expect(calls).toEqual(['begin 1']);
      gate.resolve();
      await eventually(broker, 'the second batch', () => calls.filter((call) => call === 'end').length === 2);
      await eventually(broker, 'a tick', () => calls.includes('tick'));
      await running.stop();
    });

    it('waits for a topic that is not there yet', async () => {
      const spec = aTopic(fresh('later'));
      const seen: SeenRecord[] = [];
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('later'), topics: [spec.name] }, () => ({
          process: async (batch) => {
            seen.push(...toSeen(batch, 0));
          },
        })),
      );
      for (let i = 0; i < 10; i += 1) await broker.pass();
      await broker.admin.ensure([spec]);
      await broker.append([{ topic: spec.name, key: null, value: 'at last' }]);
      await eventually(broker, 'the record', () => seen.length === 1);
      await running.stop();
    });
  });
}
