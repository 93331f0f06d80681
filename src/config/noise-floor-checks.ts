// Thresholds that ordinary days reach: a rule below its noise floor wakes people for nothing, and then nobody reads it any more.
import { renderDuration } from '#core/duration.ts';
import { quantileOf } from './condition-schema.ts';
import type { LocatedRule } from './located-rule.ts';
import type { PlacedFinding } from './yaml-source.ts';

interface Floor {
  readonly key: string;
  readonly least: number;
  readonly why: string;
}

/** Ordinary windows of a calm series reach 3 scales about once in 700: some 12 times a day and series at 10s. */
const distance: Floor = { key: 'z', least: 3, why: 'a calm series gets there about once in 700 windows' };
/** One or two failures on a quiet edge are no incident, whatever else holds. */
const fewLines = (key: string): Floor => ({
  key,
  least: 3,
  why: 'one or two errors on a quiet edge would be an incident',
});

const floors: Readonly<Record<string, readonly Floor[]>> = {
  spike: [distance, fewLines('min_count')],
  dip: [
    distance,
    { key: 'min_drop', least: 0.1, why: 'traffic varies by a tenth all day long' },
    { key: 'min_usual', least: 10, why: 'of ten requests in a window, half are missing once in fifteen by chance' },
  ],
  absent: [],
  ratio: [fewLines('min_count')],
  sustained: [fewLines('min_count'), { key: 'min_windows', least: 2, why: 'one burst is not sustained' }],
  threshold: [fewLines('at_least')],
  latency: [distance, { key: 'min_rise', least: 0.1, why: 'response times vary by a tenth all day long' }],
  new_version: [
    fewLines('min_count'),
    { key: 'certainty', least: 0.95, why: 'more than one deploy in twenty would be blamed by chance' },
    { key: 'min_factor', least: 1.5, why: 'a version that fails hardly more often would be blamed' },
  ],
};

/** Thresholds below which chance alone fires the rule. */
export function checkNoiseFloor(located: LocatedRule): readonly PlacedFinding[] {
  const { written, placeOf } = located;
  const values: Readonly<Record<string, unknown>> = written.settings;
  const isFixed = written.kind === 'latency' && written.settings.above !== undefined;
  const low = (isFixed ? [] : (floors[written.kind] ?? [])).flatMap(({ key, least, why }): readonly PlacedFinding[] => {
    const value = values[key];
    if (typeof value !== 'number' || value >= least) return [];
    return [
      {
        kind: 'noise-floor',
        severity: 'warning',
        path: placeOf(written.kind, key),
        message: `${key} (${value}) is below the noise floor (${least}): ${why}`,
        remedy: `write at least ${least}`,
      },
    ];
  });
  return [...low, ...checkAbsence(located), ...checkQuantile(located), ...checkDelay(located)];
}

/** How often chance may leave out that many windows in a row: once in ten thousand, which is about once a day at 10s. */
const rareChance = 1e-4;

/** Windows are empty by chance where not all of them have traffic: `(1 - presence)^n` for `n` in a row. */
function checkAbsence({ written, windowMs, placeOf }: LocatedRule): readonly PlacedFinding[] {
  if (written.kind !== 'absent') return [];
  const { after, min_presence: presence } = written.settings;
  const windows = Math.ceil(after.ms / windowMs);
  if ((1 - presence) ** windows <= rareChance) return [];
  const needed = presence === 0 ? null : Math.ceil(Math.log(rareChance) / Math.log(1 - presence));
  return [
    {
      kind: 'noise-floor',
      severity: 'warning',
      path: placeOf('absent', 'after'),
      otherPath: placeOf('absent', 'min_presence'),
      message: `after (${after}) is below the noise floor: with min_presence ${presence}, ${windows} windows in a row are empty by chance more than once a day`,
      remedy:
        needed === null
          ? 'raise min_presence'
          : `write at least ${renderDuration(needed * windowMs)}, or raise min_presence`,
    },
  ];
}

/** A quantile of so few requests is one of the slowest: one slow request decides. */
function checkQuantile({ written, placeOf }: LocatedRule): readonly PlacedFinding[] {
  if (written.kind !== 'latency') return [];
  const { quantile, min_requests: requests } = written.settings;
  const needed = Math.ceil(1 / (1 - quantileOf(quantile)) - 1e-6);
  if (requests >= needed) return [];
  return [
    {
      kind: 'noise-floor',
      severity: 'warning',
      path: placeOf('latency', 'min_requests'),
      otherPath: placeOf('latency', 'quantile'),
      message: `min_requests (${requests}) is below the noise floor (${needed}): the ${quantile} of so few is their slowest`,
      remedy: `write at least ${needed}`,
    },
  ];
}

/** A window has to close and late lines have to come before anything can be told from a stall. */
const leastDelayMs = 10_000;

function checkDelay({ written, windowMs, placeOf }: LocatedRule): readonly PlacedFinding[] {
  if (written.kind !== 'pipeline') return [];
  const { above } = written.settings;
  const least = Math.max(leastDelayMs, windowMs);
  if (above.ms >= least) return [];
  return [
    {
      kind: 'noise-floor',
      severity: 'warning',
      path: placeOf('pipeline', 'above'),
      message: `above (${above}) is below the noise floor (${renderDuration(least)}): the input is that late on ordinary days`,
      remedy: `write at least ${renderDuration(least)}`,
    },
  ];
}
