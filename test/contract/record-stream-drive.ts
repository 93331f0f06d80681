// What the tests of record streams are driven with: brokers under test, consumptions, processors, waiting.
import type {
  ConsumeOptions,
  OpenedPartition,
  OutputRecord,
  PartitionProcessor,
  RecordStream,
  StreamBatch,
} from '#ports/record-stream.ts';
import type { TopicAdmin, TopicSpec } from '#ports/topic-admin.ts';

/** A broker under test. */
export interface StreamUnderTest {
  readonly clusterName: string;
  readonly admin: TopicAdmin;
  /** The stream as a process of its own has it. */
  newStream(): RecordStream;
  /** Writes records outside of any loop. */
  append(records: readonly OutputRecord[]): Promise<void>;
  /** Opens a partition of a loop behind its owner's back, as a process would that the group has given it to. */
  usurp(loop: string, of: { readonly topic: string; readonly partition: number }): Promise<void>;
  /** Lets time pass, some 20 ms. */
  pass(): Promise<void>;
  /** What its streams said lately, for who reads a failed test. */
  story?(): string;
  stop(): Promise<void>;
}

/** A record as a reader sees it. */
export interface SeenRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** Waits until `condition` holds; fails with `what` after a minute of the broker's time. */
export async function eventually(
  broker: Pick<StreamUnderTest, 'pass' | 'story'>,
  what: string,
  condition: () => boolean,
): Promise<void> {
  for (let waited = 0; !condition(); waited += 1) {
    if (waited > 3_000) throw new Error(`never came true: ${what}\n${broker.story?.() ?? ''}`);
    await broker.pass();
  }
}

let serial = 0;

/** A name that no other test has. */
export function fresh(name: string): string {
  serial += 1;
  return `${name}-${process.pid}-${serial}`;
}

/** A topic as tests need it. */
export function aTopic(name: string, partitions = 1, cleanup: TopicSpec['cleanup'] = 'delete'): TopicSpec {
  return { name, partitions, replicationFactor: -1, cleanup, retentionMs: 3_600_000, maxMessageBytes: 1_000_000 };
}

/** Makes a topic and gives its name. */
export async function makeTopic(broker: StreamUnderTest, name: string, ...rest: [number?, TopicSpec['cleanup']?]) {
  const topic = fresh(name);
  await broker.admin.ensure([aTopic(topic, ...rest)]);
  return topic;
}

/** A consumption that runs until `stop`. */
export interface Running {
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Begins to consume. */
export function start(stream: RecordStream, options: ConsumeOptions): Running {
  const controller = new AbortController();
  const ended = stream.consume(options, controller.signal);
  ended.catch(() => undefined);
  return {
    ended,
    stop: () => {
      controller.abort();
      return ended;
    },
  };
}

/** A processor of which only some calls matter. */
export function aProcessor(parts: Partial<PartitionProcessor>): PartitionProcessor {
  const nothing = (): Promise<void> => Promise.resolve();
  return { process: parts.process ?? nothing, tick: parts.tick ?? nothing, drain: parts.drain ?? nothing };
}

/** Options with one processor for each partition, reading on from the committed offset. */
export function aLoop(
  options: Omit<ConsumeOptions, 'open' | 'tickMs'> & { readonly tickMs?: number },
  make: (opened: OpenedPartition) => Partial<PartitionProcessor>,
): ConsumeOptions {
  return {
    tickMs: 50,
    ...options,
    open: (opened) =>
      Promise.resolve({ processor: aProcessor(make(opened)), startOffset: opened.committedOffset ?? 'earliest' }),
  };
}

/** Everything committed that is in a topic. */
export async function readAll(broker: StreamUnderTest, topic: string): Promise<readonly SeenRecord[]> {
  const seen: SeenRecord[] = [];
  const atEnd = new Set<number>();
  const partitions = await broker.admin.partitionCount(topic);
  const running = start(
    broker.newStream(),
    aLoop({ loop: fresh('read-all'), topics: [topic] }, (opened) => ({
      process: async (batch) => {
        seen.push(...toSeen(batch, opened.origin.partition));
      },
      tick: async () => {
        if (await opened.isAtEnd()) atEnd.add(opened.origin.partition);
      },
    })),
  );
  await eventually(broker, `the end of ${topic}`, () => atEnd.size === partitions);
  await running.stop();
  return seen;
}

/** The records of a batch as text. */
export function toSeen(batch: StreamBatch, partition: number): readonly SeenRecord[] {
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());
  return batch.records.map(({ offset, key, value }) => ({ partition, offset, key: text(key), value: text(value) }));
}

/** The promise's result, while the broker's time goes on. */
export async function settleWhilePassing<T>(broker: StreamUnderTest, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.then(
    () => {
      isSettled = true;
    },
    () => {
      isSettled = true;
    },
  );
  await eventually(broker, 'the end', () => isSettled);
  await settled;
  return promise;
}
