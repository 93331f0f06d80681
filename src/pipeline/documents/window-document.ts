// One edge in one closed window as a document: what dashboards draw, for every flag and both ends' versions.
import { createHash } from 'node:crypto';
import { isKnownFlag } from '#core/classify/response-flags.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import { sketchQuantile } from '#core/count/duration-sketch.ts';
import { edgeKey } from '#core/count/edge.ts';
import { edgeFields } from './edge-fields.ts';
import type { IsoTimes } from './iso-times.ts';
import { ecsVersion } from './line-document.ts';

/**
 * Id of a window's document: `start/length/hash of the edge`, times in milliseconds. The same window of the same edge has the
 * same id whatever record brought it; the edge holds the data centre. The edge itself would not fit an id (512 bytes). What came late
 * is a document of its own, `…/late/` and the name of the addition: sums over both are right.
 */
export function windowDocumentId(window: WindowCount): string {
  const edge = createHash('sha256').update(edgeKey(window.edge)).digest('hex').slice(0, 32);
  const lengthMs = window.windowEndAtMs - window.windowStartAtMs;
  const id = `${String(window.windowStartAtMs).padStart(15, '0')}/${lengthMs}/${edge}`;
  return window.late === null ? id : `${id}/late/${window.late}`;
}

/**
 * The document of one edge in one window, JSON text. Flags are told three ways: `flags` to filter by, `count.<FLAG>` to draw (the
 * catalogue's flags only, because field names must not come from lines), `flag_counts` with the unknown ones and examples.
 */
export function renderWindowDocument(window: WindowCount, ingestedAtMs: number, times: IsoTimes): string {
  const flags = Object.keys(window.flagCounts);
  const known = flags.filter(isKnownFlag).map((flag) => [flag, window.flagCounts[flag]]);
  const { deployment, labels, flagwatch } = edgeFields(window.edge);
  return JSON.stringify({
    '@timestamp': times.render(window.windowStartAtMs),
    ecs: { version: ecsVersion },
    event: {
      kind: 'metric',
      dataset: 'flagwatch.windows',
      duration: (window.windowEndAtMs - window.windowStartAtMs) * 1_000_000,
      end: times.render(window.windowEndAtMs),
      ingested: times.render(ingestedAtMs),
    },
    deployment,
    labels,
    flagwatch: {
      ...flagwatch,
      request_count: window.requestCount,
      failed_count: window.failedCount,
      is_complete: window.isComplete ? undefined : false,
      is_late: window.late === null ? undefined : true,
      duration_ms: durationsOf(window),
      // Not mapped: only for those who read the counts back.
      duration_sketch: window.durations.length === 0 ? undefined : window.durations,
      flags: flags.length === 0 ? undefined : flags,
      count: known.length === 0 ? undefined : Object.fromEntries(known),
      flag_counts: flags.length === 0 ? undefined : flags.map((flag) => flagCount(window, flag)),
    },
  });
}

/** Quantiles within 5 %, whole milliseconds; nothing where nothing was answered. */
function durationsOf({ durations }: WindowCount): object | undefined {
  if (durations.length === 0) return undefined;
  const quantile = (q: number): number => Math.round(sketchQuantile(durations, q) ?? 0);
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
}

function flagCount(window: WindowCount, flag: string): object {
  // A flag may be named like something that every object has.
  const examples = Object.hasOwn(window.examples, flag) ? window.examples[flag] : undefined;
  const requestIds = examples?.map((example) => example.requestId);
  return { flag, count: window.flagCounts[flag], request_ids: requestIds };
}
