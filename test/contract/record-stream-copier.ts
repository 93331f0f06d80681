// A loop that copies its input and counts it in a state topic: what is lost or doubled by a fault shows in the copy, what
// state and offset disagree on shows as a failure. Run as a process of its own, it is a member that a test can kill:
// record-stream-copier.ts '{"brokers":[…],"input":…,"output":…,"state":…,"loop":…}'
import { createKafkaRecordStream } from '#adapters/kafka/kafka-record-stream.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { silentLogger } from '#ports/logger.ts';
import type { ConsumeOptions, OpenedPartition, OutputRecord, StreamBatch } from '#ports/record-stream.ts';
import { SummingMeter } from '../support/loop-harness.ts';
import { testSettings } from './record-stream-kafka.ts';

/** What is copied to where. */
export interface CopyJob {
  readonly brokers: readonly string[];
  readonly input: string;
  readonly output: string;
  readonly state: string;
  readonly loop: string;
}

/** Records that are handed over together: small, so that a kill finds a hand-over under way. */
const recordsPerHandOver = 20;

/** The copying loop. The copy of input partition N is in output partition N. */
export function aCopyingLoop(job: CopyJob): ConsumeOptions {
  return {
    loop: job.loop,
    topics: [job.input],
    stateTopic: job.state,
    tickMs: 100,
    open: (opened) =>
      Promise.resolve({ processor: aCopier(job, opened), startOffset: opened.committedOffset ?? 'earliest' }),
  };
}

function aCopier(job: CopyJob, { origin, handOver, state, committedOffset }: OpenedPartition) {
  const { partition } = origin;
  const before = JSON.parse(Buffer.from(state.get('state') ?? '{"count":0,"nextOffset":null}').toString());
  if (before.nextOffset !== committedOffset) {
    throw new Error(`state of ${partition} stands at ${before.nextOffset}, the group at ${committedOffset}`);
  }
  let count: number = before.count;
  const copy = async (records: StreamBatch['records']): Promise<void> => {
    const nextOffset = (records.at(-1)?.offset ?? 0) + 1;
    count += records.length;
    const copies = records.map(({ value }): OutputRecord => ({ topic: job.output, key: null, value, partition }));
    const value = JSON.stringify({ count, nextOffset });
    await handOver.commit({ records: [...copies, { topic: job.state, key: 'state', value, partition }], nextOffset });
  };
  return {
    process: async ({ records }: StreamBatch) => {
      for (let i = 0; i < records.length; i += recordsPerHandOver) await copy(records.slice(i, i + recordsPerHandOver));
    },
    tick: () => Promise.resolve(),
    drain: () => Promise.resolve(),
  };
}

const [, script, argument] = process.argv;
if (script === import.meta.filename && argument !== undefined) {
  const job: CopyJob = JSON.parse(argument);
  const deps = { logger: silentLogger, meter: new SummingMeter(), clock: systemClock };
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  await createKafkaRecordStream(testSettings(job.brokers), deps).consume(aCopyingLoop(job), stop.signal);
}
