// The memory broker keeps the record stream's contract, on a clock that is driven by hand.
import { describe, expect, it } from 'vitest';
import { createMemoryBroker, type MemoryBroker } from '#adapters/memory/memory-broker.ts';
import { type MemoryBrokerSettings, memoryBrokerDefaults } from '#adapters/memory/memory-settings.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';
import { SummingMeter } from '../support/loop-harness.ts';
import { RecordingLogger } from '../support/recording.ts';
import { describeRecordStreamContract } from './record-stream-contract.ts';
import { aLoop, aTopic, eventually, fresh, readAll, type StreamUnderTest, start } from './record-stream-drive.ts';

/** A clock that moves when it is told to, and wakes who sleeps. */
class ManualClock implements Clock {
  #nowMs = 1_790_000_000_000;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { untilMs: this.#nowMs + durationMs, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  advance(durationMs: number): void {
    this.#nowMs += durationMs;
    for (const { untilMs, wake } of [...this.#sleepers]) if (untilMs <= this.#nowMs) wake();
  }
}

interface MemoryUnderTest extends StreamUnderTest {
  readonly broker: MemoryBroker;
  readonly meter: SummingMeter;
}

function setUp(changes: Partial<MemoryBrokerSettings> = {}): MemoryUnderTest {
  const clock = new ManualClock();
  const meter = new SummingMeter();
  const broker = createMemoryBroker(
    { ...memoryBrokerDefaults, retryFirstMs: 20, ...changes },
    { clock, meter, logger: new RecordingLogger() },
  );
  const usurpers: Promise<void>[] = [];
  const stopUsurpers = new AbortController();
  return {
    broker,
    meter,
    clusterName: memoryBrokerDefaults.clusterName,
    admin: broker,
    newStream: () => broker,
    append: (records) => broker.appendBatch(records),
    usurp: async (loop, of) => {
      usurpers.push(
        broker.consume(
          aLoop({ loop, topics: [of.topic] }, () => ({})),
          stopUsurpers.signal,
        ),
      );
      await Promise.resolve();
    },
    pass: async () => {
      clock.advance(20);
      await new Promise((resolve) => setImmediate(resolve));
    },
    stop: async () => {
      stopUsurpers.abort();
      await Promise.all(usurpers);
    },
  };
}

describeRecordStreamContract('memory', () => Promise.resolve(setUp()));

describe('the memory broker', () => {
  const value = 'v'.repeat(1_000);

  it('lets sources wait while a loop is behind, and loses nothing by it', async () => {
    const { broker, ...under } = setUp({ maxHeldBytes: 20_000, keepBehindBytes: 0, batchMaxRecords: 3 });
    const topic = fresh('pressure');
    await broker.ensure([aTopic(topic, 2)]);
    const gate = Promise.withResolvers<void>();
    const seen = [0, 0];
    const running = start(
      broker,
      aLoop({ loop: 'slow', topics: [topic] }, ({ origin, handOver }) => ({
        process: async ({ records, nextOffset }) => {
          await gate.promise;
          seen[origin.partition] = (seen[origin.partition] ?? 0) + records.length;
          await handOver.commit({ records: [], nextOffset });
        },
      })),
    );
    let appended = 0;
    const source = (async () => {
      for (let i = 0; i < 200; i += 1) {
        await broker.append(topic, `key ${i}`, value);
        appended += 1;
      }
    })();
    for (let i = 0; i < 50; i += 1) await under.pass();
    expect(appended).toBeGreaterThan(15);
    expect(appended).toBeLessThan(25);
    gate.resolve();
    await eventually(under, 'all records', () => (seen[0] ?? 0) + (seen[1] ?? 0) === 200);
    await source;
    await running.stop();
  });

  it('wakes a source that is stopped while it waits', async () => {
    const { broker, ...under } = setUp({ maxHeldBytes: 500 });
    const topic = fresh('stopped');
    await broker.ensure([aTopic(topic)]);
    const running = start(
      broker,
      aLoop({ loop: 'idle', topics: [topic] }, () => ({})),
    );
    await under.pass();
    await broker.append(topic, null, value);
    const controller = new AbortController();
    const waiting = broker.append(topic, null, value, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    await running.stop();
  });

  it('keeps little of a topic that nobody reads, and does not hold up who writes it', async () => {
    const under = setUp({ maxHeldBytes: 5_000, maxUnreadBytes: 20_000 });
    const { broker } = under;
    const topic = fresh('unread');
    await broker.ensure([aTopic(topic)]);
    for (let i = 0; i < 5_000; i += 1) await broker.append(topic, null, `${i} ${value}`);
    const kept = await readAll(under, topic);
    expect(kept.at(-1)?.offset).toBe(4_999);
    expect(kept.length).toBeGreaterThan(15);
    expect(kept.length).toBeLessThan(2_100);
  });

  it('counts as lost what a loop wants and is no longer there', async () => {
    const under = setUp({ keepBehindBytes: 0 });
    const { broker, meter } = under;
    const topic = fresh('lost');
    await broker.ensure([aTopic(topic)]);
    for (let i = 0; i < 3_000; i += 1) await broker.append(topic, null, 'x');
    let reached = 0;
    let startOffset: number | null = null;
    const run = () =>
      start(broker, {
        loop: 'snapshots',
        topics: [topic],
        tickMs: 20,
        open: async ({ handOver, committedOffset }) => ({
          startOffset: startOffset ?? committedOffset ?? 'earliest',
          processor: {
            process: async ({ nextOffset }) => {
              await handOver.commit({ records: [], nextOffset });
              reached = nextOffset;
            },
            tick: () => Promise.resolve(),
            drain: () => Promise.resolve(),
          },
        }),
      });
    const first = run();
    await eventually(under, 'the end', () => reached === 3_000);
    await first.stop();
    startOffset = 10;
    const second = run();
    await broker.append(topic, null, 'y');
    await eventually(under, 'the record behind the gap', () => reached === 3_001);
    await second.stop();
    expect(meter.total(metrics.lostRecords)).toBe(2_990);
  });

  it('gives the partitions back to the member before when the newest leaves', async () => {
    const { broker, ...under } = setUp();
    const topic = fresh('members');
    await broker.ensure([aTopic(topic)]);
    const seen: string[] = [];
    const member = (name: string) =>
      start(
        broker,
        aLoop({ loop: 'shared', topics: [topic] }, ({ handOver }) => ({
          process: async ({ records, nextOffset }) => {
            await handOver.commit({ records: [], nextOffset });
            seen.push(...records.map((record) => `${name} ${record.value}`));
          },
        })),
      );
    const first = member('first');
    await broker.append(topic, null, '1');
    await eventually(under, 'the first record', () => seen.length === 1);
    const second = member('second');
    await under.pass();
    await broker.append(topic, null, '2');
    await eventually(under, 'the second record', () => seen.length === 2);
    await second.stop();
    await broker.append(topic, null, '3');
    await eventually(under, 'the third record', () => seen.length === 3);
    await first.stop();
    expect(seen).toEqual(['first 1', 'second 2', 'first 3']);
  });
});
