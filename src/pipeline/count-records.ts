// How partial counts and watermarks become records of their topics: the same for collect and correlate, which both write them.
import type { SourceName, SourceWatermark } from '#core/clock/source-mark-wire.ts';
import { encodeSourceWatermark } from '#core/clock/source-mark-wire.ts';
import type { PartialCount } from '#core/count/count-row.ts';
import { encodeCollectRecord } from '#core/count/partial-count-wire.ts';
import type { OutputRecord } from '#ports/record-stream.ts';

/** Rows in one record: some 300 bytes each, far below a broker's limit. */
const rowsPerRecord = 1000;

/** The records of some rows, each of one destination service, which is its key. */
export function* countRecords(
  topic: string,
  source: SourceName,
  rows: readonly PartialCount[],
): Generator<OutputRecord> {
  const byService = Map.groupBy(rows, (row) => row.edge.destination_service);
  for (const [service, list] of byService) {
    for (let i = 0; i < list.length; i += rowsPerRecord) {
      const value = encodeCollectRecord({ kind: 'counts', source, rows: list.slice(i, i + rowsPerRecord) });
      yield { topic, key: service, value };
    }
  }
}

/** The records of a mark: one to every partition, because each reader takes the minimum for itself. */
export function* watermarkRecords(
  topic: string,
  partitions: number,
  watermark: SourceWatermark,
): Generator<OutputRecord> {
  const value = encodeSourceWatermark(watermark);
  const key = watermark.source.join('/');
  for (let partition = 0; partition < partitions; partition += 1) yield { topic, partition, key, value };
}
