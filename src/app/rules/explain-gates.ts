// The gates of a condition, with the numbers of one verdict: what is there, what it takes, and what would have had to be different. The
// verdict's own reason says what its numbers cannot.
import type { Condition } from '#core/detect/condition.ts';
import type { Verdict } from '#core/detect/verdict.ts';
import { renderDuration } from '#core/duration.ts';

/** One thing that a condition asks for. */
export interface Gate {
  readonly name: string;
  readonly got: string;
  readonly needed: string;
  /** `null`: the numbers of the verdict do not say. */
  readonly isPassed: boolean | null;
  /** What would have passed; `null` where it did, or where nothing simple would. */
  readonly instead: string | null;
}

/** Every gate of the condition, in the order in which they are asked. */
export function gatesOf(condition: Condition, verdict: Verdict, windowMs: number): readonly Gate[] {
  const known = knownGate(verdict);
  switch (condition.kind) {
    case 'spike': {
      const { z, minCount, minRatio } = condition.settings;
      return [known, ...distance(verdict, z, 1), ...counts(verdict, minCount, minRatio), chance(verdict)];
    }
    case 'dip': {
      const { z, minDrop, minUsual } = condition.settings;
      return [known, ...drop(verdict, minDrop, minUsual), ...distance(verdict, z, -1), chance(verdict)];
    }
    case 'latency': {
      const { z, aboveMs, minRise, minRiseMs } = condition.settings;
      if (aboveMs !== null) return [atLeast('response time', verdict.value, aboveMs, 'ms')];
      return [known, ...distance(verdict, z, 1), ...rise(verdict, minRise, minRiseMs), chance(verdict)];
    }
    case 'ratio':
    case 'sustained': {
      const { minCount, above } = condition.settings;
      return [...counts(verdict, minCount, above), chance(verdict)];
    }
    case 'threshold':
      return [atLeast('selected lines', verdict.value, condition.settings.atLeast, 'lines')];
    case 'new_version':
      return newVersion(verdict, condition.settings);
    case 'absent': {
      const afterMs = condition.settings.afterWindows * windowMs;
      const isPassed = verdict.value === 0;
      const instead = isPassed ? null : 'no request at all';
      return [
        known,
        {
          name: 'requests',
          got: String(verdict.value),
          needed: `none for ${renderDuration(afterMs)}`,
          isPassed,
          instead,
        },
        chance(verdict),
      ];
    }
    case 'pipeline':
      return [];
  }
}

function knownGate({ kind }: Verdict): Gate {
  const isPassed = kind !== 'learning' && kind !== 'held';
  const got = kind === 'held' ? 'the input was not complete' : isPassed ? 'known' : 'still learning';
  const instead = isPassed ? null : kind === 'held' ? 'input without a stall' : 'a longer past before it';
  return { name: 'what is usual', got, needed: 'known', isPassed, instead };
}

/** z, and the value at which it would have been reached. */
function distance({ z, baseline, scale, unit }: Verdict, needed: number, side: 1 | -1): readonly Gate[] {
  if (z === null || baseline === null || scale === null) return [];
  const isPassed = side * z >= needed;
  // The quantile's z is of logarithms.
  const value = unit === 'ms' ? baseline * Math.exp(needed * scale) : baseline + side * needed * scale;
  const instead = orSetting(`${side > 0 ? 'at least' : 'at most'} ${short(Math.max(0, value))}`, 'a z', side * z);
  const text = `${short(z)} (usual ${short(baseline)}, scale ${short(scale)})`;
  const word = side > 0 ? 'at least' : 'at most';
  return [{ name: 'z', got: text, needed: `${word} ${side * needed}`, isPassed, instead: isPassed ? null : instead }];
}

function counts({ value, requestCount }: Verdict, minCount: number, minRatio: number): readonly Gate[] {
  const share = requestCount === 0 ? 0 : value / requestCount;
  const needed = Math.ceil(minRatio * requestCount);
  const isPassed = value > 0 && share >= minRatio;
  return [
    atLeast('selected lines', value, minCount, 'min_count'),
    {
      name: 'share of the requests',
      got: `${percent(share)} (${short(value)} of ${requestCount})`,
      needed: `at least ${percent(minRatio)}`,
      isPassed,
      instead: isPassed ? null : `${Math.max(1, needed)} of ${requestCount}`,
    },
  ];
}

function drop(
  { value, baseline, windowStartAtMs, windowEndAtMs }: Verdict,
  minDrop: number,
  minUsual: number,
): readonly Gate[] {
  if (baseline === null || windowEndAtMs <= windowStartAtMs) return [];
  const missing = baseline <= 0 ? 0 : 1 - value / baseline;
  const isPassed = missing >= minDrop;
  return [
    atLeast('usual requests', baseline, minUsual, 'min_usual'),
    {
      name: 'missing share',
      got: percent(Math.max(0, missing)),
      needed: `at least ${percent(minDrop)}`,
      isPassed,
      instead: isPassed ? null : `at most ${short((1 - minDrop) * baseline)} requests`,
    },
  ];
}

function rise({ value, baseline }: Verdict, minRise: number, minRiseMs: number): readonly Gate[] {
  if (baseline === null) return [];
  const limit = Math.max(baseline * (1 + minRise), baseline + minRiseMs);
  return [atLeast('response time', value, limit, 'ms')];
}

function newVersion(
  { comparison }: Verdict,
  { minCount, certainty }: { readonly minCount: number; readonly certainty: number },
): readonly Gate[] {
  if (comparison === undefined) return [];
  const { newCount, newRequestCount, oldCount, oldRequestCount, oldVersion } = comparison;
  const isSure = comparison.certainty >= certainty;
  return [
    atLeast(`failures of ${comparison.newVersion}`, newCount, minCount, 'min_count'),
    {
      name: 'certainty',
      got: `${percent(comparison.certainty)} (${newCount} of ${newRequestCount} against ${oldCount} of ${oldRequestCount} of ${oldVersion ?? 'no other version'})`,
      needed: `at least ${percent(certainty)}`,
      isPassed: isSure,
      instead: isSure ? null : 'more failures of the new version, or fewer of the old one',
    },
    {
      name: 'comparison',
      got: comparison.verdict,
      needed: 'only_new',
      isPassed: comparison.verdict === 'only_new',
      instead: comparison.verdict === 'both' ? 'an old version that does not fail' : null,
    },
  ];
}

/** What only the detector can say: whether it may be chance, or ordinary at that hour. */
function chance({ kind }: Verdict): Gate {
  const isPassed = kind === 'anomaly' ? true : null;
  return { name: 'no chance, not ordinary', got: 'see the reason', needed: 'certain', isPassed, instead: null };
}

function atLeast(name: string, got: number, needed: number, setting: string): Gate {
  const isPassed = got >= needed;
  const instead = isPassed ? null : orSetting(short(needed), setting, got);
  return { name, got: short(got), needed: `at least ${short(needed)}`, isPassed, instead };
}

/** The value, or the setting that would have let it pass; none that everything would pass. */
function orSetting(value: string, setting: string, limit: number): string {
  return limit > 0 ? `${value} instead, or ${setting} of ${short(limit)}` : value;
}

function percent(share: number): string {
  return `${short(100 * share)}%`;
}

function short(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1)));
}
