// The table of the labelled series: each series, each group of like series with the figure that is left without it, and all together.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SeriesScore, SeriesSummary } from './series-scores.ts';
import { scoreSeries, summariseSeries } from './series-scores.ts';
import { detectAnomalies } from './shipped-detector.ts';

const folder = join(import.meta.dirname, '..', '..', 'data', 'series');

/** What the benchmark knows of the series. */
export interface SeriesResult {
  readonly scores: readonly SeriesScore[];
  readonly groups: readonly SeriesGroup[];
  readonly all: SeriesSummary;
}

/** Series of one origin. `without` is the summary of all others: a group that carries the figure alone shows there. */
interface SeriesGroup {
  readonly name: string;
  readonly own: SeriesSummary;
  readonly without: SeriesSummary;
}

/** Runs the shipped detector over every series. */
export async function runSeries(): Promise<SeriesResult> {
  const scores: SeriesScore[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (file.endsWith('.csv')) scores.push(await runOne(join(folder, file)));
  }
  const names = [...new Set(scores.map(groupOf))];
  return {
    scores,
    groups: names.map((name) => ({
      name,
      own: summariseSeries(scores.filter((score) => groupOf(score) === name)),
      without: summariseSeries(scores.filter((score) => groupOf(score) !== name)),
    })),
    all: summariseSeries(scores),
  };
}

async function runOne(path: string): Promise<SeriesScore> {
  const rows = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  // The labels stay here: the detector is given what any user's series has.
  const csv = ['timestamp,value', ...rows.map(([at, value]) => `${at},${value}`), ''].join('\n');
  const series = {
    name: basename(path, '.csv'),
    atMs: rows.map(([at = '']) => Date.parse(at)),
    labels: rows.map(([, , label]) => label?.trim() === '1'),
  };
  return scoreSeries(series, await detectAnomalies(csv));
}

function groupOf({ name }: SeriesScore): string {
  return name.slice(0, name.lastIndexOf('-'));
}

/** The table as text. */
export function renderSeries({ scores, groups, all }: SeriesResult): string {
  const f = (value: number): string => value.toFixed(3).padStart(6);
  return [
    'labelled series (test/data/series), the detector of `flagwatch detect`',
    `${'series'.padEnd(14)} ${'hits'.padStart(7)} ${'false'.padStart(6)} ${'days'.padStart(6)}`,
    ...scores.map(
      ({ name, hits, segments, falseEpisodes, days }) =>
        `${name.padEnd(14)} ${`${hits}/${segments}`.padStart(7)} ${String(falseEpisodes).padStart(6)} ${days.toFixed(0).padStart(6)}`,
    ),
    '',
    `${'group'.padEnd(14)} ${'F1'.padStart(6)} ${'prec.'.padStart(6)} ${'recall'.padStart(6)}   F1 of all others`,
    ...groups.map(
      ({ name, own, without }) =>
        `${name.padEnd(14)} ${f(own.f1)} ${f(own.precision)} ${f(own.recall)}   ${f(without.f1)}`,
    ),
    '',
    `event F1 ${all.f1.toFixed(3)} (precision ${all.precision.toFixed(3)}, recall ${all.recall.toFixed(3)}), ` +
      `false episodes a clean day ${all.falseEpisodesADay.toFixed(3)}`,
  ].join('\n');
}
