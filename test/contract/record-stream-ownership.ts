// The part of the record stream's contract about owners: fences, state, failures, stopping.
import { beforeAll, describe, expect, it } from 'vitest';
import { AdapterError } from '#ports/adapter-error.ts';
import type { OpenedPartition, PartitionProcessor } from '#ports/record-stream.ts';
import {
  aLoop,
  aProcessor,
  eventually,
  fresh,
  makeTopic,
  readAll,
  type StreamUnderTest,
  settleWhilePassing,
  start,
} from './record-stream-drive.ts';

/** The tests, on the broker that `get` gives when they run. */
export function describeOwnership(get: () => StreamUnderTest): void {
  describe('ownership', () => {
    let broker: StreamUnderTest;
    beforeAll(() => {
      broker = get();
    });

    it('fences an owner whose partition was opened by a newer one: its commit is refused and leaves no trace', async () => {
      const [input, output] = [await makeTopic(broker, 'fence-in'), await makeTopic(broker, 'fence-out')];
      await broker.append([{ topic: input, key: null, value: 'x' }]);
      const loop = fresh('fence');
      const refusals: unknown[] = [];
      const running = start(
        broker.newStream(),
        aLoop({ loop, topics: [input] }, ({ handOver }) => ({
          process: async ({ nextOffset }) => {
            if (refusals.length > 0) return;
            await broker.usurp(loop, { topic: input, partition: 0 });
            const records = [{ topic: output, key: null, value: 'of the old owner' }];
            try {
              await handOver.commit({ records, nextOffset });
            } catch (error) {
              refusals.push(error);
              throw error;
            }
          },
        })),
      );
      await eventually(broker, 'the refusal', () => refusals.length > 0);
      await running.stop();
      expect(refusals[0]).toBeInstanceOf(AdapterError);
      expect(refusals[0]).toMatchObject({ code: 'KAFKA_FENCED' });
      expect(await readAll(broker, output)).toEqual([]);
    });

    it('refuses commits of a partition that is closed', async () => {
      const topic = await makeTopic(broker, 'closed');
      const opened: OpenedPartition[] = [];
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('closed'), topics: [topic] }, (partition) => {
          opened.push(partition);
          return {};
        }),
      );
      await eventually(broker, 'the opening', () => opened.length === 1);
      await running.stop();
      expect(opened[0]?.signal.aborted).toBe(true);
      await expect(opened[0]?.handOver.commit({ records: [], nextOffset: 1 })).rejects.toMatchObject({
        code: 'KAFKA_FENCED',
      });
    });

    it('gives the state of a partition back: the latest value by key, without what was deleted', async () => {
      const [input, state] = [await makeTopic(broker, 'state-in', 2), await makeTopic(broker, 'state', 2, 'compact')];
      const loop = fresh('state');
      const writes: readonly (readonly [key: string, value: string | null])[] = [
        ['a', '1'],
        ['b', '1'],
        ['a', '2'],
        ['c', '1'],
        ['b', null],
        ['c', null],
        ['c', '3'],
      ];
      await broker.append([{ topic: input, key: null, value: 'go', partition: 1 }]);
      let isCommitted = false;
      const states = new Map<number, Record<string, string>>();
      const options = aLoop({ loop, topics: [input], stateTopic: state }, ({ origin, handOver, state: given }) => {
        const { partition } = origin;
        states.set(
          partition,
          Object.fromEntries([...given].map(([key, value]) => [key, Buffer.from(value).toString()])),
        );
        return {
          process: async ({ nextOffset }) => {
            for (const [key, value] of writes) {
              await handOver.commit({ records: [{ topic: state, key, value, partition }], nextOffset });
            }
            isCommitted = true;
          },
        };
      });
      const first = start(broker.newStream(), options);
      await eventually(broker, 'the commits', () => isCommitted && states.size === 2);
      await first.stop();
      expect([...states.values()]).toEqual([{}, {}]);
      states.clear();
      const second = start(broker.newStream(), options);
      await eventually(broker, 'both partitions', () => states.size === 2);
      await second.stop();
      expect(states.get(1)).toEqual({ a: '2', c: '3' });
      expect(states.get(0)).toEqual({});
    });

    it('opens a partition anew after a failure, and loses and repeats nothing that was committed', async () => {
      const [input, output] = [await makeTopic(broker, 'fail-in'), await makeTopic(broker, 'fail-out')];
      const values = Array.from({ length: 20 }, (_, i) => String(i));
      await broker.append(values.map((value) => ({ topic: input, key: null, value })));
      let failures = 0;
      let openings = 0;
      let reached = 0;
      const fail = (): never => {
        failures += 1;
        throw new AdapterError('ES_UNAVAILABLE', 'told to fail', { retryable: true });
      };
      const running = start(broker.newStream(), {
        loop: fresh('fail'),
        topics: [input],
        tickMs: 20,
        open: async ({ handOver, committedOffset }) => {
          openings += 1;
          if (openings === 2) fail();
          const process: PartitionProcessor['process'] = async (batch) => {
            for (const { offset, value } of batch.records) {
              if (offset === 7 && failures < 3) fail();
              const records = [{ topic: output, key: null, value }];
              await handOver.commit({ records, nextOffset: offset + 1 });
              reached = offset + 1;
            }
          };
          const tick: PartitionProcessor['tick'] = async () => {
            if (reached === 20 && failures < 4) fail();
          };
          return { processor: aProcessor({ process, tick }), startOffset: committedOffset ?? 'earliest' };
        },
      });
      await eventually(
        broker,
        'all failures and all records',
        () => failures === 4 && openings === 5 && reached === 20,
      );
      await running.stop();
      expect((await readAll(broker, output)).map(({ value }) => value)).toEqual(values);
    });

    it('drains once when it is stopped, after the batch in work, and lets that commit', async () => {
      const [input, output] = [await makeTopic(broker, 'drain-in', 2), await makeTopic(broker, 'drain-out')];
      await broker.append([0, 1].map((partition) => ({ topic: input, key: null, value: 'x', partition })));
      const calls: string[] = [];
      const signals: boolean[] = [];
      const gate = Promise.withResolvers<void>();
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('drain'), topics: [input] }, ({ origin, handOver, signal }) => {
          let nextOffset = 0;
          return {
            process: async (batch) => {
              calls.push(`begin ${origin.partition}`);
              if (origin.partition === 0) await gate.promise;
              calls.push(`end ${origin.partition}`);
              nextOffset = batch.nextOffset;
            },
            drain: async () => {
              calls.push(`drain ${origin.partition}`);
              signals.push(signal.aborted);
              const value = `drained ${origin.partition}`;
              await handOver.commit({ records: [{ topic: output, key: null, value }], nextOffset });
            },
          };
        }),
      );
      await eventually(broker, 'both batches', () => calls.includes('begin 0') && calls.includes('end 1'));
      const stopped = running.stop();
      for (let i = 0; i < 5; i += 1) await broker.pass();
      expect(calls).not.toContain('drain 0');
      gate.resolve();
      await settleWhilePassing(broker, stopped);
      const ofPartition = (partition: number): string[] => calls.filter((call) => call.endsWith(String(partition)));
      expect(ofPartition(0)).toEqual(['begin 0', 'end 0', 'drain 0']);
      expect(ofPartition(1)).toEqual(['begin 1', 'end 1', 'drain 1']);
      expect(signals).toEqual([false, false]);
      const values = (await readAll(broker, output)).map(({ value }) => value);
      expect(values.sort()).toEqual(['drained 0', 'drained 1']);
    });

    it('ends with a bug', async () => {
      const topic = await makeTopic(broker, 'bug', 2);
      await broker.append([{ topic, key: null, value: 'x', partition: 1 }]);
      let drained = 0;
      const running = start(
        broker.newStream(),
        aLoop({ loop: fresh('bug'), topics: [topic] }, () => ({
          process: () => Promise.reject(new TypeError('a bug')),
          drain: async () => {
            drained += 1;
          },
        })),
      );
      await expect(settleWhilePassing(broker, running.ended)).rejects.toThrow(new TypeError('a bug'));
      expect(drained).toBe(0);
    });

    it('stops at once when it has not begun', async () => {
      const topic = await makeTopic(broker, 'never');
      await broker.newStream().consume(
        aLoop({ loop: fresh('never'), topics: [topic] }, () => ({})),
        AbortSignal.abort(),
      );
    });
  });
}
