// The fetch request and response of Kafka's protocol, version 11 (brokers from 2.3 on), for one partition: numbers → bytes,
// bytes → numbers. https://kafka.apache.org/protocol#The_Messages_Fetch
import type { AbortedTransaction } from './fetched-records.ts';
import { readInt64 } from './record-batch.ts';

/** What is asked for. Always read_committed. */
export interface FetchRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

/** What the broker said about the partition. */
export interface FetchResponse {
  /** 0 is success. */
  readonly errorCode: number;
  /** End of what is replicated. */
  readonly highWatermark: number;
  /** End of what no open transaction holds back. */
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly bytes: Buffer;
  /** How long the broker wants us to wait, milliseconds. */
  readonly throttleMs: number;
}

/** Key and version of the request. */
export const fetchApi = { key: 1, version: 11, name: 'Fetch' } as const;

const ordinaryReader = -1;
const readCommitted = 1;
const noSession = { id: 0, epoch: -1 } as const;

/** The request's body. */
export function encodeFetchRequest(request: FetchRequest): Buffer {
  const topic = Buffer.from(request.topic);
  const bytes = Buffer.alloc(69 + topic.length);
  let at = bytes.writeInt32BE(ordinaryReader, 0);
  at = bytes.writeInt32BE(request.maxWaitMs, at);
  at = bytes.writeInt32BE(1, at); // fewest bytes: answer as soon as there is a record
  at = bytes.writeInt32BE(request.maxBytes, at);
  at = bytes.writeInt8(readCommitted, at);
  at = bytes.writeInt32BE(noSession.id, at);
  at = bytes.writeInt32BE(noSession.epoch, at);
  at = bytes.writeInt32BE(1, at); // one topic
  at = bytes.writeInt16BE(topic.length, at);
  at += topic.copy(bytes, at);
  at = bytes.writeInt32BE(1, at); // one partition
  at = bytes.writeInt32BE(request.partition, at);
  at = bytes.writeInt32BE(-1, at); // leader epoch: not checked
  at = bytes.writeBigInt64BE(BigInt(request.offset), at);
  at = bytes.writeBigInt64BE(-1n, at); // log start: for followers only
  at = bytes.writeInt32BE(request.maxBytes, at);
  at = bytes.writeInt32BE(0, at); // no topics to forget
  bytes.writeInt16BE(0, at); // no rack
  return bytes;
}

const unknownServerError = -1;

/** The one partition of a response. */
export function decodeFetchResponse(bytes: Buffer): FetchResponse {
  const throttleMs = bytes.readInt32BE(0);
  const sessionError = bytes.readInt16BE(4);
  const topicCount = bytes.readInt32BE(10);
  if (sessionError !== 0 || topicCount < 1) {
    const errorCode = sessionError === 0 ? unknownServerError : sessionError;
    const nothing = { highWatermark: 0, lastStableOffset: 0, aborted: [], bytes: Buffer.alloc(0) };
    return { ...nothing, errorCode, throttleMs };
  }
  // Behind the topic's name: count of partitions int32, partition int32.
  let at = 16 + bytes.readInt16BE(14) + 8;
  const errorCode = bytes.readInt16BE(at);
  const highWatermark = readInt64(bytes, at + 2);
  const lastStableOffset = readInt64(bytes, at + 10);
  at += 26; // the log's start offset is asked for where it matters
  const abortedCount = Math.max(0, bytes.readInt32BE(at));
  at += 4;
  const aborted: AbortedTransaction[] = [];
  for (let index = 0; index < abortedCount; index += 1) {
    aborted.push({ producerId: bytes.readBigInt64BE(at), firstOffset: readInt64(bytes, at + 8) });
    at += 16;
  }
  at += 4; // preferred replica: only for readers that name their rack
  const size = Math.max(0, bytes.readInt32BE(at));
  at += 4;
  return {
    errorCode,
    highWatermark,
    lastStableOffset,
    aborted,
    bytes: bytes.subarray(at, at + size),
    throttleMs,
  };
}
