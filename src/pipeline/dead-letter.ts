// The form of dead letters: what could not be read or stored, with its reason and its origin, so that it can be looked at and requeued.
import { createHash } from 'node:crypto';
import type { DeadLetterReason } from '#core/access-log/record.ts';
import type { OutputRecord, PartitionOrigin, StreamRecord } from '#ports/record-stream.ts';

/** What is kept of a value at most: fits every broker, also after Base64. */
export const maxKeptBytes = 262_144;

/** One thing set aside. */
export interface DeadLetter {
  readonly origin: PartitionOrigin;
  readonly offset: number;
  /** Place of the line among several of one value; absent where it is the only one. */
  readonly index?: number | null;
  /** Loop that set it aside. */
  readonly loop: string;
  readonly reason: DeadLetterReason;
  /** What exactly was wrong, for people; at most some hundred characters. */
  readonly detail: string;
  readonly value: Uint8Array;
  /** Size and SHA-256 of the whole value where `value` was already cut by the reader. */
  readonly whole?: { readonly totalBytes: number; readonly sha256: string };
}

/**
 * `cluster/topic/partition/offset`, the offset padded so that text order is offset order; `index` is a line's place among several of one
 * value, `null` where it is the only one.
 */
export function originId(origin: PartitionOrigin, offset: number, index: number | null = null): string {
  const id = `${origin.cluster}/${origin.topic}/${origin.partition}/${String(offset).padStart(16, '0')}`;
  return index === null ? id : `${id}/${String(index).padStart(5, '0')}`;
}

/**
 * The dead-letter record, version 1: key is the origin, so a repeat is recognised. `text` where the kept bytes are UTF-8, else
 * `base64`; a value over `maxKeptBytes` is cut, and `bytes` and `sha256` tell of the whole.
 */
export function encodeDeadLetter(topic: string, letter: DeadLetter): OutputRecord {
  const bytes = Buffer.from(letter.value.buffer, letter.value.byteOffset, letter.value.byteLength);
  const kept = bytes.subarray(0, maxKeptBytes);
  const index = letter.index ?? null;
  const totalBytes = letter.whole?.totalBytes ?? bytes.length;
  const value = JSON.stringify({
    v: 1,
    reason: letter.reason,
    detail: letter.detail.slice(0, 500),
    loop: letter.loop,
    origin: { ...letter.origin, offset: letter.offset, ...(index === null ? {} : { index }) },
    bytes: totalBytes,
    cut: totalBytes > kept.length,
    sha256: letter.whole?.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
    ...readable(kept),
  });
  return { topic, key: originId(letter.origin, letter.offset, index), value };
}

/** What `encodeRecordLetter` sets aside: all of one record of a partition. */
export interface RecordLetter extends Pick<DeadLetter, 'origin' | 'loop' | 'reason' | 'detail'> {
  readonly record: StreamRecord;
}

/** The dead-letter record of a whole record; a tombstone has no bytes. */
export function encodeRecordLetter(topic: string, { record, ...letter }: RecordLetter): OutputRecord {
  return encodeDeadLetter(topic, { ...letter, offset: record.offset, value: record.value ?? new Uint8Array(0) });
}

function readable(kept: Buffer): { text: string } | { base64: string } {
  const text = kept.toString('utf8');
  // JSON escapes control characters to six bytes: such text is smaller, and no less readable, as Base64.
  const isText = Buffer.from(text, 'utf8').equals(kept) && !/[\u0000-\u0008\u000e-\u001f]/.test(text);
  return isText ? { text } : { base64: kept.toString('base64') };
}
