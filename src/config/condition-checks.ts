// Checks of a rule's condition and of its times: what never leaves learning, what can never be reached, what the window makes of
// durations.
import { renderDuration } from '#core/duration.ts';
import type { Duration } from './fields.ts';
import type { LocatedRule } from './located-rule.ts';
import { checkNoiseFloor } from './noise-floor-checks.ts';
import type { PlacedFinding } from './yaml-source.ts';

/** With fewer windows a single odd one decides what is usual. */
const fewestBaselineWindows = 12;

/** Everything that is wrong with a rule’s condition, `for` and `keep_firing_for`. */
export function checkCondition(located: LocatedRule): readonly PlacedFinding[] {
  return [
    ...checkBaseline(located),
    ...checkReachable(located),
    ...checkNoiseFloor(located),
    ...checkFixedLimit(located),
    ...checkLengths(located),
  ];
}

function checkBaseline({ written, windowMs, placeOf }: LocatedRule): readonly PlacedFinding[] {
  const { kind, settings } = written;
  if (!('baseline' in settings)) return [];
  const { baseline, min_baseline: minBaseline } = settings;
  if (baseline.ms < windowMs) {
    const message = `baseline (${baseline}) must be at least window (${renderDuration(windowMs)})`;
    return [{ path: placeOf(kind, 'baseline'), message, remedy: 'an hour is a good start' }];
  }
  if (minBaseline.ms > baseline.ms) {
    return [
      {
        kind: 'never-fires',
        path: placeOf(kind, 'min_baseline'),
        otherPath: placeOf(kind, 'baseline'),
        message: `the rule can never fire: min_baseline (${minBaseline}) must be at most baseline (${baseline})`,
        remedy: 'else it is learning for ever: lower min_baseline or raise baseline',
      },
    ];
  }
  const windows = Math.ceil(minBaseline.ms / windowMs);
  if (windows >= fewestBaselineWindows) return [];
  return [
    {
      kind: 'noise-floor',
      severity: 'warning',
      path: placeOf(kind, 'min_baseline'),
      otherPath: placeOf(kind, 'baseline'),
      message: `min_baseline (${minBaseline}) is ${windows} windows of ${renderDuration(windowMs)}: too few to tell what is usual`,
      remedy: `write at least ${renderDuration(fewestBaselineWindows * windowMs)}`,
    },
  ];
}

/** What no window can reach. */
function checkReachable({ written, windowMs, placeOf }: LocatedRule): readonly PlacedFinding[] {
  const { kind, settings } = written;
  const never = (key: string, why: string, remedy: string, other = key): readonly PlacedFinding[] => [
    {
      kind: 'never-fires',
      path: placeOf(kind, key),
      otherPath: placeOf(kind, other),
      message: `the rule can never fire: ${why}`,
      remedy,
    },
  ];
  if ((kind === 'ratio' || kind === 'sustained') && settings.above >= 1) {
    return never('above', 'no share is above 1', 'write the limit as a share: 0.05 is 5 %');
  }
  if (kind === 'sustained') {
    const windows = Math.ceil(settings.over.ms / windowMs);
    if (settings.min_windows <= windows) return [];
    const why = `min_windows (${settings.min_windows}) is more than the ${windows} windows of ${renderDuration(windowMs)} in over (${settings.over})`;
    return never('min_windows', why, 'lower min_windows or raise over', 'over');
  }
  if (kind === 'absent' && settings.after.ms > settings.baseline.ms) {
    const why = `after (${settings.after}) must be at most baseline (${settings.baseline})`;
    return never('after', why, 'lower after or raise baseline', 'baseline');
  }
  if (kind === 'new_version' && settings.over.ms > settings.new_for.ms) {
    const message = `over (${settings.over}) is longer than new_for (${settings.new_for}): the version is no longer new before it is compared`;
    const remedy = 'lower over or raise new_for';
    const path = placeOf(kind, 'over');
    const otherPath = placeOf(kind, 'new_for');
    return [{ kind: 'hardly-fires', severity: 'warning', path, otherPath, message, remedy }];
  }
  return [];
}

/** Settings of the past beside a fixed limit. */
function checkFixedLimit({ written, config, path }: LocatedRule): readonly PlacedFinding[] {
  if (written.kind !== 'latency' || config.latency?.above === undefined) return [];
  const idle = (['z', 'min_rise', 'min_rise_time', 'baseline', 'min_baseline'] as const).filter((key) => {
    return config.latency?.[key] !== undefined;
  });
  return idle.map((key) => ({
    kind: 'no-effect',
    severity: 'warning',
    path: [...path, 'latency', key],
    atKey: true,
    message: `${key} says nothing beside above (${written.settings.above}): that is a fixed limit`,
    remedy: `take ${key} or above out`,
  }));
}

/** Durations that windows cut: those of the rule, and those that count windows one by one. */
function checkLengths(located: LocatedRule): readonly PlacedFinding[] {
  const { written, rule, config } = located;
  const { kind } = written;
  const own: Readonly<Record<string, unknown>> = config[kind] ?? {};
  const lengths = (['over', 'after'] as const).flatMap((key) => {
    const length = own[key] as Duration | undefined;
    return length === undefined ? [] : checkWindows(located, [kind, key], length.ms);
  });
  return [
    ...lengths,
    ...checkWindows(located, ['for'], rule.forMs),
    ...checkWindows(located, ['keep_firing_for'], rule.keepFiringForMs),
  ];
}

function checkWindows(
  { windowMs, placeOf }: LocatedRule,
  keys: readonly string[],
  ms: number,
): readonly PlacedFinding[] {
  if (ms % windowMs === 0) return [];
  const window = renderDuration(windowMs);
  const rounded = renderDuration(Math.ceil(ms / windowMs) * windowMs);
  const what = ms < windowMs ? 'is less than' : 'is not a multiple of';
  return [
    {
      kind: 'whole-windows',
      severity: 'warning',
      path: placeOf(...keys),
      message: `${keys.at(-1)} (${renderDuration(ms)}) ${what} window (${window}): windows are judged as a whole`,
      remedy: `write ${rounded}`,
    },
  ];
}
