import { describe, expect, it } from 'vitest';
import { scoreSeries, summariseSeries } from './series-scores.ts';

const minuteMs = 60_000;

/** `.` an ordinary row, `#` a labelled one; decisions: `!` an anomaly. */
function score(labels: string, decisions: string, stepMs = minuteMs) {
  const rows = [...labels];
  return scoreSeries(
    { name: 'a', atMs: rows.map((_, i) => i * stepMs), labels: rows.map((row) => row === '#') },
    [...decisions].map((row) => row === '!'),
  );
}

const quiet = '.'.repeat(60);

describe('scoreSeries', () => {
  it('counts a segment with one anomaly row in it as hit, and its surroundings for nothing', () => {
    expect(score(`${quiet}....##.........`, `${quiet}...!.!!!!!!!!..`)).toMatchObject({
      hits: 1,
      segments: 1,
      falseEpisodes: 0,
    });
  });

  it('counts what comes later as a false episode, rows at most seven apart as one', () => {
    expect(score(`${quiet}##${'.'.repeat(30)}`, `${quiet}.........!......!.......!.......`)).toMatchObject({
      hits: 0,
      falseEpisodes: 2,
    });
  });

  it('leaves the warm-up out, and segments that start in it', () => {
    expect(score(`.#${quiet}`, `!!${'!'.repeat(5)}${'.'.repeat(55)}`)).toMatchObject({ segments: 0, falseEpisodes: 0 });
  });

  it('cuts an episode that stays, by the hour every 12 rows', () => {
    const hourMs = 3_600_000;
    expect(score('.'.repeat(24 + 30), '.'.repeat(24) + '!'.repeat(30), hourMs)).toMatchObject({ falseEpisodes: 3 });
  });
});

describe('summariseSeries', () => {
  it('takes all series together, and the false episodes of those without labels a day', () => {
    const labelled = { name: 'a', hits: 3, segments: 6, falseEpisodes: 1, days: 1, isLabelled: true };
    const clean = { name: 'b', hits: 0, segments: 0, falseEpisodes: 2, days: 8, isLabelled: false };
    const summary = summariseSeries([labelled, clean]);
    expect(summary).toMatchObject({ precision: 0.5, recall: 0.5, falseEpisodesADay: 0.25 });
    expect(summary.f1).toBeCloseTo(0.5, 9);
  });
});
