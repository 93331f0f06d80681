// Wire form, version 1, of what collect hands to detect (topic partial-counts):
//   {"v":1,"kind":"counts","source":[cluster,topic,partition],"rows":[[paneStartAtMs,row], …]}   key: destination service
//   {"v":1,"kind":"watermark","source":[…],"partitions":n,"stream_at_ms":t,"watermark_at_ms":t,"idle":false,"written_at_ms":t}   to every partition
import type { Outcome } from '#core/access-log/record.ts';
import type { SourceMark } from '#core/clock/watermark.ts';
import type { PartialCount } from './count-row.ts';
import { isCount, parseWireRow, toWireRow } from './count-row-wire.ts';
import { parseWire, unreadable } from './wire.ts';

/** One partition of an access-log topic: where lines and watermarks come from. */
export type SourceName = readonly [cluster: string, topic: string, partition: number];

/** One record of the topic. */
export type CollectRecord =
  | { readonly kind: 'counts'; readonly source: SourceName; readonly rows: readonly PartialCount[] }
  | { readonly kind: 'watermark'; readonly source: SourceName; readonly mark: SourceMark };

/** JSON text of a record. */
export function encodeCollectRecord(record: CollectRecord): string {
  if (record.kind === 'counts') {
    const rows = record.rows.map((row) => [row.paneStartAtMs, toWireRow(row)]);
    return JSON.stringify({ v: 1, kind: 'counts', source: record.source, rows });
  }
  const { partitionCount, streamAtMs, watermarkAtMs, isIdle, writtenAtMs } = record.mark;
  return JSON.stringify({
    v: 1,
    kind: 'watermark',
    source: record.source,
    partitions: partitionCount,
    stream_at_ms: streamAtMs,
    watermark_at_ms: watermarkAtMs,
    idle: isIdle,
    written_at_ms: writtenAtMs,
  });
}

/** The record, or why it is none. */
export function decodeCollectRecord(value: Uint8Array): Outcome<CollectRecord> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const source = wire.value['source'];
  if (!isSourceName(source)) return unreadable('source is not [cluster, topic, partition]');
  if (wire.value['kind'] === 'counts') return decodeCounts(source, wire.value['rows']);
  if (wire.value['kind'] === 'watermark') return decodeWatermark(source, wire.value);
  return unreadable(`kind ${JSON.stringify(wire.value['kind'])} is not known`);
}

function isSourceName(value: unknown): value is SourceName {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string' && isCount(value[2]);
}

function decodeCounts(source: SourceName, value: unknown): Outcome<CollectRecord> {
  if (!Array.isArray(value)) return unreadable('rows is not a list');
  const rows: PartialCount[] = [];
  for (const entry of value as unknown[]) {
    const row = Array.isArray(entry) && isCount(entry[0]) ? parseWireRow(entry[1]) : null;
    if (row === null) return unreadable('a row is malformed');
    rows.push({ ...row, paneStartAtMs: (entry as [number])[0] });
  }
  return { kind: 'ok', value: { kind: 'counts', source, rows } };
}

function decodeWatermark(source: SourceName, wire: Readonly<Record<string, unknown>>): Outcome<CollectRecord> {
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
