// Wire form, version 1, of what collect and correlate hand to detect (topic partial-counts):
//   {"v":1,"kind":"counts","source":[cluster,topic,partition],"rows":[[paneStartAtMs,row], …]}   key: destination service
//   watermarks as core/clock/source-mark-wire.ts has them   to every partition
import type { Outcome } from '#core/access-log/record.ts';
import type { SourceName, SourceWatermark } from '#core/clock/source-mark-wire.ts';
import { decodeSourceWatermark, encodeSourceWatermark, isSourceName } from '#core/clock/source-mark-wire.ts';
import { isCount, parseWire, unreadable } from '#core/wire.ts';
import type { PartialCount } from './count-row.ts';
import { parseWireRow, toWireRow } from './count-row-wire.ts';

/** One record of the topic. */
export type CollectRecord =
  | { readonly kind: 'counts'; readonly source: SourceName; readonly rows: readonly PartialCount[] }
  | SourceWatermark;

/** JSON text of a record. */
export function encodeCollectRecord(record: CollectRecord): string {
  if (record.kind === 'watermark') return encodeSourceWatermark(record);
  const rows = record.rows.map((row) => [row.paneStartAtMs, toWireRow(row)]);
  return JSON.stringify({ v: 1, kind: 'counts', source: record.source, rows });
}

/** The record, or why it is none. */
export function decodeCollectRecord(value: Uint8Array): Outcome<CollectRecord> {
  const wire = parseWire(value, 1);
  if (wire.kind !== 'ok') return wire;
  const source = wire.value['source'];
  if (!isSourceName(source)) return unreadable('source is not [cluster, topic, partition]');
  if (wire.value['kind'] === 'counts') return decodeCounts(source, wire.value['rows']);
  if (wire.value['kind'] === 'watermark') return decodeSourceWatermark(source, wire.value);
  return unreadable(`kind ${JSON.stringify(wire.value['kind'])} is not known`);
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
