// The series of a rule test → the records that detect would read: counts interval by interval, each with its watermark.
import type { InputSeries } from '#config/rule-test.ts';
import type { SeriesValues } from '#config/series-values.ts';
import { unknownName } from '#core/attribute/traffic.ts';
import type { SourceName } from '#core/clock/source-mark-wire.ts';
import type { PartialCount } from '#core/count/count-row.ts';
import { noCounts } from '#core/count/count-row.ts';
import type { DurationSketch } from '#core/count/duration-sketch.ts';
import { durationBucket, durationBuckets, emptySketch, toSketch } from '#core/count/duration-sketch.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeLabels } from '#core/count/edge.ts';
import type { CollectRecord } from '#core/count/partial-count-wire.ts';

/** Where the records of a test are to come from. */
export interface SeriesFeed {
  readonly series: readonly InputSeries[];
  readonly startAtMs: number;
  readonly intervalMs: number;
  readonly intervals: number;
  /** A slice of a window: the counts of an interval lie in its last. */
  readonly paneMs: number;
  readonly lines: SourceName;
  readonly faults: SourceName;
}

/** The value of an interval; 0 behind the end and where nothing came. */
export function valueAt(values: SeriesValues | null, index: number): number {
  if (values === null) return 0;
  return typeof values === 'number' ? values : (values[index] ?? 0);
}

/** Intervals of the longest of them; 0 where all are bare numbers. */
export function lengthOf(all: readonly (SeriesValues | null)[]): number {
  return all.reduce<number>(
    (most, values) => Math.max(most, typeof values === 'object' ? (values?.length ?? 0) : 0),
    0,
  );
}

/** All values of a series. */
export function valuesOf({ requests, failed, flags, faults }: InputSeries): readonly (SeriesValues | null)[] {
  return [requests, failed, ...Object.values(flags), ...Object.values(faults)];
}

/** The records, in order. */
export function* seriesRecords(feed: SeriesFeed): Generator<CollectRecord> {
  const edges = feed.series.map(({ edge }) => toEdge(edge));
  for (let i = 0; i < feed.intervals; i += 1) {
    const endAtMs = feed.startAtMs + (i + 1) * feed.intervalMs;
    const paneStartAtMs = endAtMs - feed.paneMs;
    const lines: PartialCount[] = [];
    const faults: PartialCount[] = [];
    feed.series.forEach((series, n) => {
      const place = { paneStartAtMs, edge: edges[n] as Edge };
      const row = lineRow(series, i);
      if (row.requestCount > 0) lines.push({ ...row, ...place });
      const faultCounts = countsAt(series.faults, i);
      if (Object.keys(faultCounts).length > 0) faults.push({ ...noCounts, ...place, faultCounts });
    });
    if (lines.length > 0) yield { kind: 'counts', source: feed.lines, rows: lines };
    if (faults.length > 0) yield { kind: 'counts', source: feed.faults, rows: faults };
    for (const source of [feed.lines, feed.faults]) yield { kind: 'watermark', source, mark: markAt(endAtMs) };
  }
}

function markAt(atMs: number) {
  return { partitionCount: 1, streamAtMs: atMs, watermarkAtMs: atMs, isIdle: false, writtenAtMs: 0 };
}

function lineRow(series: InputSeries, i: number): Omit<PartialCount, 'edge' | 'paneStartAtMs'> {
  const flagCounts = countsAt(series.flags, i);
  const mostFrequent = Math.max(0, ...Object.values(flagCounts));
  const failedCount = series.failed === null ? mostFrequent : valueAt(series.failed, i);
  const broken = Object.values(countsAt(series.faults, i)).reduce((sum, count) => sum + count, 0);
  const least = Math.max(failedCount, mostFrequent, broken);
  const requestCount = series.requests === null ? least : Math.max(least, valueAt(series.requests, i));
  return { ...noCounts, requestCount, failedCount, flagCounts, durations: durationsAt(series, requestCount, i) };
}

/** Names with a count of 1 or more. */
function countsAt(all: Readonly<Record<string, SeriesValues>>, i: number): Readonly<Record<string, number>> {
  const counts = Object.entries(all).map(([name, values]) => [name, valueAt(values, i)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** A sketch with these quantiles: half of the requests take p50, up to 95 % of them p95, the rest p99. */
function durationsAt({ durations }: InputSeries, requestCount: number, i: number): DurationSketch {
  if (durations === null || requestCount === 0) return emptySketch;
  const counts = new Uint32Array(durationBuckets);
  const [half, most] = [Math.ceil(0.5 * requestCount), Math.ceil(0.95 * requestCount)];
  const parts = [
    [durations.p50, half],
    [durations.p95, most - half],
    [durations.p99, requestCount - most],
  ] as const;
  for (const [values, count] of parts) {
    const bucket = durationBucket(valueAt(values, i));
    counts[bucket] = (counts[bucket] ?? 0) + count;
  }
  return toSketch(counts);
}

function toEdge(labels: InputSeries['edge']): Edge {
  return Object.fromEntries(edgeLabels.map((label) => [label, labels[label] ?? unknownName])) as Edge;
}
