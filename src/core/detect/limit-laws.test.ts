import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DetectorRun, noPast } from '../../../test/support/detector-run.ts';
import type { SustainedSettings } from './condition.ts';
import type { Detector } from './detector.ts';
import { RatioDetector } from './ratio.ts';
import { SustainedDetector } from './sustained.ts';
import { ThresholdDetector } from './threshold.ts';

const windows = fc.array(
  fc.nat({ max: 40 }).chain((requestCount) => fc.tuple(fc.nat({ max: requestCount }), fc.constant(requestCount))),
  { maxLength: 80 },
);

const small: SustainedSettings = { above: 0.4, minCount: 5, overWindows: 8, minWindows: 3 };
const makers: readonly (readonly [string, () => Detector, (snapshot: never) => Detector])[] = [
  ['ratio', () => new RatioDetector(small, noPast), (snapshot) => RatioDetector.restore(small, snapshot)],
  ['sustained', () => new SustainedDetector(small, noPast), (snapshot) => SustainedDetector.restore(small, snapshot)],
  ['threshold', () => new ThresholdDetector({ atLeast: 7 }), () => ThresholdDetector.restore({ atLeast: 7 })],
];

describe.each(makers)('laws of %s', (_, make, restore) => {
  it('the kinds are the same whether quiet windows are passed over or judged', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const [judged, passed] = [new DetectorRun(make()), new DetectorRun(make())];
        for (const [count, requestCount] of list) {
          const { kind } = judged.judge(count, requestCount);
          const window = passed.window(count, requestCount);
          expect(passed.detector.passOver(window) ?? passed.detector.judge(window, 'failed').kind).toBe(kind);
        }
      }),
    );
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(windows, windows, (before, after) => {
        const run = new DetectorRun(make());
        for (const [count, requestCount] of before) run.judge(count, requestCount);
        const restored = restore(JSON.parse(JSON.stringify(run.detector.snapshot())) as never);
        for (const [count, requestCount] of after) {
          const window = run.window(count, requestCount);
          expect(restored.judge(window, 'failed')).toEqual(run.detector.judge(window, 'failed'));
        }
        expect(restored.isSilent).toBe(run.detector.isSilent);
      }),
    );
  });

  it('more failures of the same requests in the last window never end what fewer began', () => {
    fc.assert(
      fc.property(windows, fc.nat({ max: 30 }), fc.nat({ max: 30 }), (before, a, b) => {
        const kindOf = (count: number) => {
          const run = new DetectorRun(make());
          for (const [selected, requestCount] of before) run.judge(selected, requestCount);
          return run.judge(count, 60).kind;
        };
        if (kindOf(a) === 'anomaly') expect(kindOf(a + b)).toBe('anomaly');
      }),
    );
  });

  it('a silent one may be forgotten', () => {
    fc.assert(
      fc.property(windows, windows, (before, after) => {
        const run = new DetectorRun(make());
        for (const [count, requestCount] of before) run.judge(count, requestCount);
        fc.pre(run.detector.isSilent);
        const fresh = new DetectorRun(make());
        const anomalies = (one: DetectorRun) =>
          after.map(([count, all]) => one.judge(count, all).kind).includes('anomaly');
        // Forgotten good requests can make it quicker, never slower.
        if (anomalies(run)) expect(anomalies(fresh)).toBe(true);
      }),
    );
  });
});
