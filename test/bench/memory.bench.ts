// Memory of one series by condition: on the heap with all its seasons known, and in a snapshot.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { SeriesCondition } from '#core/detect/create-detector.ts';
import { createDetector } from '#core/detect/create-detector.ts';
import { NewVersionTracker } from '#core/detect/new-version.ts';

const seriesCount = 3000;
/** Windows of ten minutes for ten days: every hour of the day and of the week is known. */
const windowMs = 600_000;
const windowCount = 1440;
const startAtMs = Date.UTC(2026, 10, 2);
const baseline = { baselineWindows: 360, minBaselineWindows: 60 };
const localTime = localTimeOf('Asia/Seoul');

const conditions: readonly SeriesCondition[] = [
  { kind: 'spike', settings: { z: 5, minCount: 5, minRatio: 0.02, ...baseline } },
  { kind: 'ratio', settings: { above: 0.1, minCount: 10, overWindows: 30 } },
  { kind: 'sustained', settings: { above: 0.5, minCount: 8, minWindows: 3, overWindows: 60 } },
  { kind: 'dip', settings: { z: 5, minDrop: 0.6, minUsual: 10, ...baseline } },
  { kind: 'absent', settings: { afterWindows: 12, minPresence: 0.9, ...baseline } },
  {
    kind: 'latency',
    settings: { quantile: 0.95, z: 5, minRise: 1, minRiseMs: 100, minRequests: 20, aboveMs: null, ...baseline },
  },
];

interface Remembered {
  snapshot(): unknown;
}

/** A series that has seen ten days. */
function aSeries(condition: SeriesCondition): Remembered {
  const detector = createDetector(condition, { pastWindows: 0, requestCount: 0 }, { localTime });
  const isOfTraffic = ['dip', 'absent', 'latency'].includes(condition.kind);
  for (let i = 0; i < windowCount; i += 1) {
    const at = startAtMs + i * windowMs;
    const requestCount = 40 + (i % 7);
    const count = isOfTraffic ? requestCount : Number(i % 50 === 0);
    const durations = [20, 30, 40, 10 + (i % 5)];
    const window = { startAtMs: at, endAtMs: at + windowMs, count, requestCount, durations, isComplete: true };
    if (detector.passOver(window) === null) detector.judge(window, 'failed');
  }
  return detector;
}

/** An edge with a version and one that is new. */
function aVersionedEdge(): Remembered {
  const settings = { newForWindows: 360, overWindows: 60, minCount: 3, certainty: 0.999, minFactor: 3 };
  const tracker = new NewVersionTracker(settings);
  for (let i = 0; i < 120; i += 1) {
    const at = startAtMs + i * windowMs;
    const row = { version: 'v1', deployId: 'd-1', count: i % 40 === 0 ? 1 : 0, requestCount: 100 };
    const rows = i < 60 ? [row] : [row, { ...row, version: 'v2', deployId: 'd-2' }];
    tracker.judge({ startAtMs: at, endAtMs: at + windowMs, isComplete: true, rows }, 'failed');
  }
  return tracker;
}

/** Runs the benchmark; resolves to a table. */
export function benchMemory(): Promise<string> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const measure = (name: string, make: () => Remembered): string => {
    const snapshot = JSON.stringify(make().snapshot()).length;
    const used = () => {
      collectGarbage();
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const kept: Remembered[] = [];
    const before = used();
    for (let i = 0; i < seriesCount; i += 1) kept.push(make());
    const heap = (used() - before) / kept.length;
    return [name.padEnd(12), heap.toFixed(0).padStart(6), String(snapshot).padStart(9)].join(' ');
  };
  return Promise.resolve(
    [
      'bytes a series, with an hour’s baseline and all seasons; new_version: an edge with two versions',
      `${''.padEnd(12)} ${'memory'.padStart(6)} ${'snapshot'.padStart(9)}`,
      ...conditions.map((condition) => measure(condition.kind, () => aSeries(condition))),
      measure('new_version', aVersionedEdge),
    ].join('\n'),
  );
}
