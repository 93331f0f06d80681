// The record stream while processes and brokers are killed: every input record is in the copy once, in its order.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKafkaRecordStream } from '#adapters/kafka/kafka-record-stream.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { metrics } from '#telemetry/metrics.ts';
import { aCopyingLoop, type CopyJob } from './record-stream-copier.ts';
import { aLoop, aTopic, eventually, fresh, makeTopic, readAll, start } from './record-stream-drive.ts';
import { type KafkaUnderTest, setUpKafka, testSettings } from './record-stream-kafka.ts';

const partitions = 4;
const pause = (durationMs: number): Promise<void> => systemClock.sleep(durationMs, new AbortController().signal);

async function makeJob(broker: KafkaUnderTest): Promise<CopyJob> {
  return {
    brokers: broker.brokers,
    loop: fresh('copy'),
    input: await makeTopic(broker, 'input', partitions),
    output: await makeTopic(broker, 'output', partitions),
    state: await makeTopic(broker, 'state', partitions, 'compact'),
  };
}

/** Writes `count` numbered records, spread over the partitions, a hundred at a time. */
async function write(broker: KafkaUnderTest, { input }: CopyJob, count: number, pauseMs: number): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const numbers = Array.from({ length: Math.min(100, count - from) }, (_, i) => from + i);
    await broker.append(numbers.map((n) => ({ topic: input, key: null, value: String(n), partition: n % partitions })));
    await pause(pauseMs);
  }
}

/** Waits until the copy has as many records as the input, and compares. */
async function expectCopied(broker: KafkaUnderTest, { output }: CopyJob, count: number): Promise<void> {
  let copied = 0;
  const counting = start(
    broker.newStream(),
    aLoop({ loop: fresh('count'), topics: [output] }, () => ({
      process: async ({ records }) => {
        copied += records.length;
      },
    })),
  );
  await eventually(broker, `${count} copies`, () => copied >= count);
  await counting.stop();
  const copies = await readAll(broker, output);
  for (let partition = 0; partition < partitions; partition += 1) {
    const values = copies.filter((copy) => copy.partition === partition).map(({ value }) => Number(value));
    expect(values).toEqual(Array.from({ length: count / partitions }, (_, i) => i * partitions + partition));
  }
}

function spawnCopier(job: CopyJob): ChildProcess {
  const script = join(import.meta.dirname, 'record-stream-copier.ts');
  return spawn(process.execPath, ['--conditions=source', script, JSON.stringify(job)], { stdio: 'inherit' });
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('the record stream under faults', () => {
  it('copies everything once while its members are killed', async () => {
    const broker = await setUpKafka({ brokers: 1 });
    const job = await makeJob(broker);
    const members = [spawnCopier(job), spawnCopier(job)];
    try {
      const writing = write(broker, job, 20_000, 40);
      for (let round = 0; round < 6; round += 1) {
        await pause(1_500 + Math.random() * 1_000);
        const victim = round % members.length;
        await kill(members[victim]!);
        members[victim] = spawnCopier(job);
      }
      await writing;
      await expectCopied(broker, job, 20_000);
      expect(members.map(({ exitCode }) => exitCode)).toEqual([null, null]);
    } finally {
      await Promise.all(members.map(kill));
      await broker.stop();
    }
  });

  it('copies everything once while brokers are killed and come back', async () => {
    const broker = await setUpKafka({ brokers: 3 });
    const job = await makeJob(broker);
    const members = [0, 1].map(() => start(broker.newStream(), aCopyingLoop(job)));
    try {
      const writing = write(broker, job, 10_000, 150);
      for (const node of [0, 1, 2]) {
        await pause(3_000);
        await broker.service.kill(node);
        await pause(4_000);
        await broker.service.restart(node);
      }
      await writing;
      await expectCopied(broker, job, 10_000);
      await Promise.all(members.map((member) => member.stop()));
    } finally {
      await Promise.allSettled(members.map((member) => member.stop()));
      await broker.stop();
    }
  });

  it('waits for a Kafka that is not there, saying so, and goes on when it comes', async () => {
    const broker = await setUpKafka({ brokers: 1 });
    const topic = aTopic(fresh('late'));
    await broker.admin.ensure([topic]);
    await broker.append([{ topic: topic.name, key: null, value: 'x' }]);
    await broker.service.kill(0);
    const loop = fresh('late');
    let seen = 0;
    const deps = { logger: broker.logger, meter: broker.meter, clock: systemClock };
    const stream = createKafkaRecordStream(testSettings(broker.brokers), deps);
    const running = start(
      stream,
      aLoop({ loop, topics: [topic.name] }, () => ({
        process: async ({ records }) => {
          seen += records.length;
        },
      })),
    );
    try {
      await eventually(broker, 'the message', () =>
        broker.logger.lines.some((line) => line.includes('waiting for Kafka')),
      );
      await broker.service.restart(0);
      await eventually(broker, 'the record', () => seen === 1);
      expect(broker.meter.total(metrics.partitionFailures, { loop })).toBe(0);
      await running.stop();
    } finally {
      await broker.stop();
    }
  });
});
