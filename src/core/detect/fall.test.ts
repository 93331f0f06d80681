import { describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/clock/local-time.ts';
import { chanceLevel, chanceOf, fallOver, nearness, thresholdOf } from './fall.ts';
import { TrafficBaseline } from './traffic-baseline.ts';

const windowMs = 10_000;

/** The baseline of a series that had so many requests in each of 400 windows. */
function baselineOf(level: number): TrafficBaseline {
  const baseline = new TrafficBaseline(
    { baselineWindows: 360, minBaselineWindows: 60, minUsual: 3 },
    localTimeOf('UTC'),
  );
  for (let i = 0; i < 400; i += 1) {
    baseline.learn({ startAtMs: i * windowMs, endAtMs: (i + 1) * windowMs, value: level });
  }
  return baseline;
}

describe('falls', () => {
  it('measure by chance, and by a tenth of much traffic', () => {
    expect(fallOver(baselineOf(4), 4, 0, 4)).toEqual({ windows: 4, count: 0, usual: 16, scale: 4, z: -4 });
    expect(fallOver(baselineOf(400), 1, 200, 400)).toMatchObject({ scale: 40, z: -5 });
    expect([thresholdOf(1, 4), thresholdOf(2, 4)]).toEqual([5, 4]);
  });

  it('are reckoned with the whole baseline only where the last minutes agree with it', () => {
    const baseline = baselineOf(4);
    expect(baseline.knownFrom(4)).toBe(360);
    // Three minutes of a fifth less, as they count up to twice their number.
    expect(baseline.knownFrom(3.2)).toBe(35);
    expect(chanceOf(baseline, fallOver(baseline, 4, 0, 4))).toBeCloseTo((360 / 364) ** 1440.5, 12);
    expect(chanceOf(baseline, fallOver(baseline, 4, 0, 3.2))).toBeCloseTo((35 / 39) ** 112.5, 12);
  });

  it('are as near to a dip as the worse of distance and chance', () => {
    const fall = { windows: 2, count: 0, usual: 20, scale: 4, z: -5, threshold: 4, chance: chanceLevel ** 0.5 };
    expect(nearness(fall)).toBeCloseTo(0.5, 12);
    expect(nearness({ ...fall, chance: 0 })).toBe(1.25);
    expect(nearness({ ...fall, chance: 1 })).toBeCloseTo(0, 12);
  });
});
