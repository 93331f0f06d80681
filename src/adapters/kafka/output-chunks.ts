// Records to be written → produce requests of bounded size, in order.
import type { Message, TopicMessages } from 'kafkajs';
import type { OutputRecord } from '#ports/record-stream.ts';

/** Bytes that the format adds to a record at most: length, timestamp, offset, key and value lengths, header count. */
const recordOverheadBytes = 40;

/**
 * The records in requests of at most `maxBytes`, each topic's and partition's records in their order. A record that is larger
 * alone has a request of its own: the broker decides.
 */
export function toOutputChunks(records: readonly OutputRecord[], maxBytes: number): readonly TopicMessages[][] {
  const chunks: TopicMessages[][] = [];
  let byTopic = new Map<string, Message[]>();
  let bytes = 0;
  const finishChunk = (): void => {
    if (byTopic.size > 0) chunks.push([...byTopic].map(([topic, messages]) => ({ topic, messages })));
    byTopic = new Map();
    bytes = 0;
  };
  for (const record of records) {
    const message = toMessage(record);
    const size = (message.key?.length ?? 0) + (message.value?.length ?? 0) + recordOverheadBytes;
    if (bytes + size > maxBytes) finishChunk();
    bytes += size;
    const messages = byTopic.get(record.topic);
    if (messages === undefined) byTopic.set(record.topic, [message]);
    else messages.push(message);
  }
  finishChunk();
  return chunks;
}

/** Bytes once, because kafkajs would encode text several times over. */
function toMessage(record: OutputRecord): Message & { readonly key: Buffer | null; readonly value: Buffer | null } {
  const message = { key: record.key === null ? null : Buffer.from(record.key), value: toBuffer(record.value) };
  return record.partition === undefined ? message : { ...message, partition: record.partition };
}

function toBuffer(value: string | Uint8Array | null): Buffer | null {
  if (value === null || value instanceof Buffer) return value;
  if (typeof value === 'string') return Buffer.from(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
