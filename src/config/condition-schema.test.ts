import { describe, expect, it } from 'vitest';
import type { ConditionKind } from '#core/detect/condition.ts';
import { conditionKinds } from '#core/detect/condition.ts';
import { conditionSchemas, toCondition, toWrittenCondition } from './condition-schema.ts';

const windowMs = 10_000;

function read(kind: ConditionKind, settings: unknown, shared: unknown = {}) {
  const own = { [kind]: conditionSchemas[kind].parse(settings) };
  const defaults = { [kind]: conditionSchemas[kind].parse(shared) };
  return toCondition(toWrittenCondition(kind, own, defaults), windowMs).settings;
}

/** Another value than the default, for each setting. */
const others: Readonly<Record<ConditionKind, Readonly<Record<string, unknown>>>> = {
  spike: { z: 7, min_count: 9, min_ratio: 0.2, baseline: '2h', min_baseline: '7m' },
  dip: { z: 7, min_drop: 0.7, min_usual: 99, baseline: '2h', min_baseline: '7m' },
  absent: { after: '7m', min_presence: 0.7, baseline: '2h', min_baseline: '7m' },
  ratio: { above: 0.7, min_count: 9, over: '7m' },
  sustained: { above: 0.7, min_count: 9, over: '7m', min_windows: 9 },
  threshold: { at_least: 99 },
  latency: {
    quantile: 'p99',
    above: '7s',
    z: 7,
    min_rise: 0.7,
    min_rise_time: '7ms',
    min_requests: 99,
    baseline: '2h',
    min_baseline: '7m',
  },
  new_version: { new_for: '2h', over: '7m', min_count: 9, certainty: 0.97, min_factor: 7 },
  pipeline: { watch: 'lag', above: '7m' },
};

describe('conditions', () => {
  it('take all defaults, lengths in windows', () => {
    expect(Object.fromEntries(conditionKinds.map((kind) => [kind, read(kind, {})]))).toEqual({
      spike: { z: 5, minCount: 5, minRatio: 0.01, baselineWindows: 360, minBaselineWindows: 30 },
      dip: { z: 5, minDrop: 0.5, minUsual: 20, baselineWindows: 360, minBaselineWindows: 60 },
      absent: { afterWindows: 6, minPresence: 0.9, baselineWindows: 360, minBaselineWindows: 60 },
      ratio: { above: 0.05, minCount: 10, overWindows: 6 },
      sustained: { above: 0.5, minCount: 10, overWindows: 30, minWindows: 6 },
      threshold: { atLeast: 10 },
      latency: {
        quantile: 0.95,
        z: 5,
        minRise: 0.5,
        minRiseMs: 50,
        minRequests: 20,
        aboveMs: null,
        baselineWindows: 360,
        minBaselineWindows: 60,
      },
      new_version: { newForWindows: 360, overWindows: 30, minCount: 5, certainty: 0.999, minFactor: 3 },
      pipeline: { watch: 'stalled', aboveMs: 60_000 },
    });
  });

  it.each(conditionKinds)('%s: every setting that can be written changes the condition', (kind) => {
    expect(Object.keys(others[kind])).toEqual(Object.keys(conditionSchemas[kind].shape));
    const usual = JSON.stringify(read(kind, {}));
    for (const [key, value] of Object.entries(others[kind])) {
      expect([key, JSON.stringify(read(kind, { [key]: value }))]).not.toEqual([key, usual]);
    }
    expect(read(kind, others[kind], {})).toEqual(read(kind, {}, others[kind]));
  });

  it('take a setting from the rule before the defaults of the file', () => {
    expect(read('ratio', { above: 0.2 }, { above: 0.3, min_count: 8 })).toMatchObject({ above: 0.2, minCount: 8 });
  });

  it('read quantiles by name and as numbers, and count a part of a window as one', () => {
    expect(read('latency', { quantile: 0.999 })).toMatchObject({ quantile: 0.999 });
    expect(read('latency', { quantile: 'p50', above: '1500ms' })).toMatchObject({ quantile: 0.5, aboveMs: 1500 });
    expect(read('ratio', { over: '15s' })).toMatchObject({ overWindows: 2 });
  });
});
