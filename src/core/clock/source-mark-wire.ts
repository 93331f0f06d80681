// How watermark marks look on the wire, the same in every topic that carries them, to every partition:
//   {"v":1,"kind":"watermark","source":[cluster,topic,partition],"partitions":n,"stream_at_ms":t,"watermark_at_ms":t,"idle":false,"written_at_ms":t}
import type { WireOutcome } from '#core/wire.ts';
import { isCount, unreadable } from '#core/wire.ts';
import type { SourceMark } from './watermark.ts';

/** One partition of a topic: where records and watermarks come from. */
export type SourceName = readonly [cluster: string, topic: string, partition: number];

/** A mark and the partition that it tells of. */
export interface SourceWatermark {
  readonly kind: 'watermark';
  readonly source: SourceName;
  readonly mark: SourceMark;
}

/** JSON text of a mark. */
export function encodeSourceWatermark({ source, mark }: SourceWatermark): string {
  const { partitionCount, streamAtMs, watermarkAtMs, isIdle, writtenAtMs } = mark;
  return JSON.stringify({
    v: 1,
    kind: 'watermark',
    source,
    partitions: partitionCount,
    stream_at_ms: streamAtMs,
    watermark_at_ms: watermarkAtMs,
    idle: isIdle,
    written_at_ms: writtenAtMs,
  });
}

/** Whether a value names a partition. */
export function isSourceName(value: unknown): value is SourceName {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string' && isCount(value[2]);
}

/** The mark of a record whose source has been read. */
export function decodeSourceWatermark(
  source: SourceName,
  wire: Readonly<Record<string, unknown>>,
): WireOutcome<SourceWatermark> {
  const {
    partitions,
    stream_at_ms: streamAtMs,
    watermark_at_ms: watermarkAtMs,
    idle,
    written_at_ms: writtenAtMs,
  } = wire;
  if (!isCount(partitions) || partitions === 0) return unreadable('partitions is not a count');
  if (!isInstant(streamAtMs) || !isInstant(watermarkAtMs)) return unreadable('a time is neither a number nor null');
  if (typeof idle !== 'boolean') return unreadable('idle is not a boolean');
  if (!isCount(writtenAtMs)) return unreadable('written_at_ms is not a time');
  const mark = { partitionCount: partitions, streamAtMs, watermarkAtMs, isIdle: idle, writtenAtMs };
  return { kind: 'ok', value: { kind: 'watermark', source, mark } };
}

function isInstant(value: unknown): value is number | null {
  return value === null || Number.isSafeInteger(value);
}
