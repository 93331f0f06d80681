import { describe, expect, it } from 'vitest';
import { DetectorRun } from '../../../test/support/detector-run.ts';
import { ThresholdDetector } from './threshold.ts';

describe('ThresholdDetector', () => {
  it('is an anomaly from the fixed number on', () => {
    const run = new DetectorRun(new ThresholdDetector({ atLeast: 3 }));
    expect(run.judge(2, 100)).toMatchObject({
      kind: 'normal',
      reason: '2 of 100 requests failed in 10s: fewer than 3',
    });
    expect(run.judge(3, 100)).toMatchObject({
      kind: 'anomaly',
      reason: '3 of 100 requests failed in 10s: the limit is 3',
    });
    expect(run.detector.passOver(run.window(2, 100))).toBe('normal');
    expect(run.detector.passOver(run.window(3, 100))).toBeNull();
  });
});
