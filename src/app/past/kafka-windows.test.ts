// Windows from several partitions come out in order, each once, whatever the partitions' pace and however many writers they had.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noCounts } from '#core/count/count-row.ts';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import { anEdge, inTime } from '../../../test/support/builders.ts';
import { type ReadWindow, rowsOfSlots } from '../../../test/support/past-rows.ts';
import { readKafkaSlots } from './kafka-windows.ts';

const windowMs = 10_000;

function record(n: number, service: string, late: string | null = null): Buffer {
  const edge = anEdge({ destination_service: service });
  const span = { ...inTime, late, windowStartAtMs: n * windowMs, windowEndAtMs: (n + 1) * windowMs };
  return Buffer.from(encodeWindowCounts([{ ...noCounts, edge, requestCount: n + 1, durations: [4, n + 1], ...span }]));
}

async function* batches(values: readonly Buffer[], size: number): AsyncGenerator<readonly Buffer[]> {
  for (let i = 0; i < values.length; i += size) yield await Promise.resolve(values.slice(i, i + size));
}

async function read(windows: readonly AsyncGenerator<readonly Uint8Array[]>[], span = { fromMs: 0, toMs: 1e9 }) {
  const past = readKafkaSlots({ windows, faults: [], windowMs, dataCenter: 'dc1', withDurations: true, ...span });
  const found: ReadWindow[] = await rowsOfSlots(past.slots);
  return { found, notes: past.notes() };
}

describe('readKafkaWindows', () => {
  it('gives every row in the window of its time, in order', async () => {
    const partition = fc.record({
      present: fc.array(fc.boolean(), { maxLength: 60 }),
      size: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(partition, { minLength: 1, maxLength: 4 }), async (partitions) => {
        const sources = partitions.map(({ present, size }, p) =>
          batches(
            present.flatMap((isThere, n) => (isThere ? [record(n, `s${p}`)] : [])),
            size,
          ),
        );
        const { found, notes } = await read(sources);
        const starts = found.map(({ startAtMs }) => startAtMs);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
        const rows = found.flatMap(({ startAtMs, rows: own }) =>
          own.map(({ edge, requestCount }) => `${startAtMs / windowMs} ${edge.destination_service} ${requestCount}`),
        );
        const wanted = partitions.flatMap(({ present }, p) =>
          present.flatMap((isThere, n) => (isThere ? [`${n} s${p} ${n + 1}`] : [])),
        );
        expect(rows.sort()).toEqual(wanted.sort());
        expect(notes).toHaveLength(1);
      }),
    );
  });

  it('takes what lies in the span, and says what it left out', async () => {
    const [early, later] = [record(1, 'a'), record(200, 'a')];
    const values = [early, Buffer.from('{"v":9}'), record(5, 'a'), later, record(2, 'a')];
    const { found, notes } = await read([batches(values, 1)], { fromMs: 2 * windowMs, toMs: 300 * windowMs });
    expect(found.map(({ startAtMs }) => startAtMs / windowMs)).toEqual([5, 200]);
    expect(notes.slice(1)).toEqual(['1 records could not be read', '1 rows came too late for their window']);
  });

  it('adds what came late to its window', async () => {
    const late = record(1, 'a', '0/4711');
    const { found } = await read([batches([record(1, 'a'), record(2, 'a'), late, late], 1)]);
    expect(found.map(({ rows }) => rows.map(({ requestCount }) => requestCount))).toEqual([[2, 2], [3]]);
  });
});
