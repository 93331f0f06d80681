// Kafka record batches made by kafkajs' own encoder: what our decoder is checked against. Control batches, which no client
// writes, are made by hand.
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
// Not typed and not public: an oracle for tests alone.
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0');
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0');

/** A record as a producer gives it. */
export interface PlainRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What batches differ in. Offsets of the records count from `baseOffset`. */
export interface BatchShape {
  readonly baseOffset: number;
  readonly records: readonly PlainRecord[];
  readonly producerId?: number;
  readonly transactional?: boolean;
  /** 0 none, 1 gzip. */
  readonly codec?: number;
}

/** A data batch. */
export async function aRecordBatch(shape: BatchShape): Promise<Buffer> {
  const firstTimestamp = 1_790_000_000_000;
  const batch = await RecordBatch({
    compression: shape.codec ?? 0,
    firstOffset: shape.baseOffset,
    firstTimestamp,
    maxTimestamp: firstTimestamp + shape.records.length * 1_000,
    lastOffsetDelta: Math.max(0, shape.records.length - 1),
    producerId: shape.producerId ?? -1,
    transactional: shape.transactional ?? false,
    records: shape.records.map((record, index) =>
      encodeRecord({ ...record, offsetDelta: index, timestampDelta: index * 1_000 }),
    ),
  });
  return batch.buffer;
}

/** A batch whose records were all compacted away: Kafka keeps its header for the producer's sequence. */
export async function anEmptiedBatch(baseOffset: number, lastOffset: number): Promise<Buffer> {
  const bytes = await aRecordBatch({ baseOffset, records: [] });
  bytes.writeInt32BE(lastOffset - baseOffset, 23);
  return bytes;
}

/** The end of a producer's transaction. */
export async function aMarker(shape: {
  readonly offset: number;
  readonly producerId: number;
  readonly kind: 'abort' | 'commit';
}): Promise<Buffer> {
  const key = Buffer.from([0, 0, 0, shape.kind === 'abort' ? 0 : 1]);
  const records = [{ key, value: Buffer.from([0, 0, 0, 0, 0, 1]) }];
  const bytes = await aRecordBatch({ ...shape, baseOffset: shape.offset, records, transactional: true });
  bytes.writeInt16BE(bytes.readInt16BE(21) | 0x20, 21);
  return bytes;
}
