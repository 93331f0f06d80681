// Checks of a rule's condition and of its times: what never leaves learning, what is below the noise floor, what the window
// makes of `for`.
import { renderDuration } from '#core/duration.ts';
import type { LocatedRule } from './located-rule.ts';
import type { PlacedFinding } from './yaml-source.ts';

/** Ordinary windows of a calm series reach 3 scales about once in 700: some 12 times a day and series at 10s. */
const lowestZ = 3;
/** One or two failures on a quiet edge are no incident, whatever z says. */
const lowestMinCount = 3;
/** With fewer windows a single odd one decides what is usual. */
const fewestBaselineWindows = 12;

/** Everything that is wrong with a rule’s spike, `for` and `keep_firing_for`. */
export function checkCondition(located: LocatedRule): readonly PlacedFinding[] {
  return [
    ...checkBaseline(located),
    ...checkNoiseFloor(located),
    ...checkWindows(located, 'for', located.rule.forMs),
    ...checkWindows(located, 'keep_firing_for', located.rule.keepFiringForMs),
  ];
}

function checkBaseline({ baselineMs, minBaselineMs, windowMs, rule, placeOf }: LocatedRule): readonly PlacedFinding[] {
  const [baseline, minBaseline] = [renderDuration(baselineMs), renderDuration(minBaselineMs)];
  if (baselineMs < windowMs) {
    const message = `baseline (${baseline}) must be at least window (${renderDuration(windowMs)})`;
    return [{ path: placeOf('spike', 'baseline'), message, remedy: 'an hour is a good start' }];
  }
  if (minBaselineMs > baselineMs) {
    return [
      {
        path: placeOf('spike', 'min_baseline'),
        otherPath: placeOf('spike', 'baseline'),
        message: `the rule can never fire: min_baseline (${minBaseline}) must be at most baseline (${baseline})`,
        remedy: 'else it is learning for ever: lower min_baseline or raise baseline',
      },
    ];
  }
  const { condition } = rule;
  if (condition.kind !== 'spike' || condition.settings.minBaselineWindows >= fewestBaselineWindows) return [];
  const enough = renderDuration(fewestBaselineWindows * windowMs);
  return [
    {
      severity: 'warning',
      path: placeOf('spike', 'min_baseline'),
      otherPath: placeOf('spike', 'baseline'),
      message: `min_baseline (${minBaseline}) is ${condition.settings.minBaselineWindows} windows of ${renderDuration(windowMs)}: too few to tell what is usual`,
      remedy: `write at least ${enough}`,
    },
  ];
}

function checkNoiseFloor({ rule, placeOf }: LocatedRule): readonly PlacedFinding[] {
  if (rule.condition.kind !== 'spike') return [];
  const { z, minCount } = rule.condition.settings;
  const low = (key: string, value: number, floor: number, why: string): readonly PlacedFinding[] => {
    if (value >= floor) return [];
    return [
      {
        severity: 'warning',
        path: placeOf('spike', key),
        message: `${key} (${value}) is below the noise floor (${floor}): ${why}`,
        remedy: `write at least ${floor}`,
      },
    ];
  };
  return [
    ...low('z', z, lowestZ, 'a calm series gets there about once in 700 windows'),
    ...low('min_count', minCount, lowestMinCount, 'one or two errors on a quiet edge would be an incident'),
  ];
}

function checkWindows(
  { windowMs, placeOf }: LocatedRule,
  key: 'for' | 'keep_firing_for',
  ms: number,
): readonly PlacedFinding[] {
  if (ms % windowMs === 0) return [];
  const window = renderDuration(windowMs);
  const rounded = renderDuration(Math.ceil(ms / windowMs) * windowMs);
  return [
    {
      severity: 'warning',
      path: placeOf(key),
      message:
        ms < windowMs
          ? `${key} (${renderDuration(ms)}) is less than window (${window}): windows are judged as a whole`
          : `${key} (${renderDuration(ms)}) is not a multiple of window (${window}): windows are judged as a whole`,
      remedy: `write ${rounded}`,
    },
  ];
}
