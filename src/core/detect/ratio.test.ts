import { describe, expect, it } from 'vitest';
import { drawn, seeded } from '../../../test/support/chance-series.ts';
import { DetectorRun, kindsOf, noPast } from '../../../test/support/detector-run.ts';
import type { RatioSettings } from './condition.ts';
import { RatioDetector } from './ratio.ts';

const ratio: RatioSettings = { above: 0.05, minCount: 10, overWindows: 6 };
const newRatio = (settings = ratio) => new DetectorRun(new RatioDetector(settings, noPast));

describe('RatioDetector', () => {
  it('says its numbers so that they can be checked by hand', () => {
    const run = newRatio();
    run.repeat(5, 0, 50);
    expect(run.judge(40, 60)).toMatchObject({
      kind: 'anomaly',
      windowStartAtMs: 0,
      windowEndAtMs: 60_000,
      value: 40,
      requestCount: 310,
      reason:
        '40 of 310 requests failed in 1m (12.9%): above 5%, and by chance so many come with probability 5.3e-8 at most',
    });
  });

  it('takes what is below the limit, too few, or possibly chance for no incident, and says which', () => {
    expect(newRatio().judge(15, 300).reason).toBe('15 of 300 requests failed in 10s (5%): not above 5%');
    expect(newRatio().judge(9, 9).reason).toMatch(/: above 5%, but fewer than 10 are no incident$/);
    expect(newRatio().judge(18, 300).reason).toMatch(/: above 5%, but so few can be chance$/);
  });

  it('3 of 5 and 3 of 50,000 are different things', () => {
    const settings = { ...ratio, minCount: 3, above: 0.01 };
    expect(newRatio(settings).judge(3, 5).kind).toBe('anomaly');
    expect(newRatio(settings).judge(3, 50_000).kind).toBe('normal');
  });

  it('traffic times three with the same share is no incident, the same count of a third of the traffic is', () => {
    const run = newRatio();
    run.repeat(12, 12, 300);
    expect(kindsOf(run.repeat(6, 36, 900))).toEqual(['normal']);
    const less = newRatio();
    less.repeat(12, 12, 300);
    expect(less.repeat(6, 12, 100).at(-1)?.kind).toBe('anomaly');
  });

  it('ends at a lower share than it began at, and at the latest when there is nothing left', () => {
    const run = newRatio();
    run.repeat(6, 30, 300);
    expect(kindsOf(run.repeat(20, 13, 300))).toEqual(['anomaly']);
    expect(run.judge(13, 300).reason).toMatch(/: begun above 5%, over below 4%$/);
    const ending = run.repeat(6, 11, 300);
    expect(ending.at(-1)).toMatchObject({ kind: 'normal' });
    expect(kindsOf(run.repeat(20, 13, 300))).toEqual(['normal']);
    const stalled = newRatio();
    stalled.repeat(6, 30, 300);
    stalled.isComplete = false;
    expect(kindsOf(stalled.repeat(20, 0, 0))).toEqual(['held']);
    const gone = newRatio();
    gone.repeat(6, 30, 300);
    expect(gone.repeat(6, 0, 0).map(({ kind }) => kind)).toEqual([...Array(5).fill('anomaly'), 'normal']);
    expect(kindsOf(gone.repeat(20, 0, 0))).toEqual(['normal']);
  });

  it('counts the windows before a series was seen', () => {
    const settings = { ...ratio, above: 0.1 };
    expect(newRatio(settings).judge(60, 300).kind).toBe('anomaly');
    const known = new DetectorRun(new RatioDetector(settings, { pastWindows: 100, requestCount: 300 }));
    expect(known.judge(60, 300)).toMatchObject({ kind: 'normal', value: 60, requestCount: 1800 });
  });

  it('a series at half its limit is quiet for a day, one just above is found', () => {
    const random = seeded(5);
    const run = newRatio();
    for (let i = 0; i < 8640; i += 1) expect(run.judge(drawn(random, 40, 0.025), 40).kind).toBe('normal');
    const found = Array.from({ length: 60 }, () => run.judge(drawn(random, 40, 0.15), 40).kind);
    expect(found.indexOf('anomaly')).toBeLessThan(6);
  });
});
