// Scores decisions on labelled series by the rules of test/data/series/README.md. Pure: rows and decisions in, figures out.

/** A series as it is read: one entry for each row. */
export interface LabelledSeries {
  readonly name: string;
  readonly atMs: readonly number[];
  readonly labels: readonly boolean[];
}

/** What a detector did on one series. */
export interface SeriesScore {
  readonly name: string;
  readonly hits: number;
  readonly segments: number;
  readonly falseEpisodes: number;
  readonly days: number;
  /** Whether it has labels at all: on the others every episode is false. */
  readonly isLabelled: boolean;
}

/** Figures of several series together; shares are 0..1. */
export interface SeriesSummary {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** On the series without labels. */
  readonly falseEpisodesADay: number;
}

/** Rows of the warm-up, rows after a segment that count for nothing, and rows after which an episode is cut. */
interface ScoringRules {
  readonly warmUpRows: number;
  readonly graceRows: number;
  readonly cutRows: number;
}

const hourly: ScoringRules = { warmUpRows: 24, graceRows: 3, cutRows: 12 };
const byMinute: ScoringRules = { warmUpRows: 60, graceRows: 7, cutRows: 60 };
/** Rows further apart than this are hourly. */
const longestMinuteMs = 600_000;
const dayMs = 86_400_000;

/** The score of `decisions`, one for each row of `series`. */
export function scoreSeries(series: LabelledSeries, decisions: readonly boolean[]): SeriesScore {
  const { name, atMs, labels } = series;
  if (decisions.length !== labels.length) throw new Error(`${name}: ${decisions.length} rows of ${labels.length}`);
  const stepMs = middleStepMs(atMs);
  const rules = stepMs > longestMinuteMs ? hourly : byMinute;
  const segments = segmentsOf(labels);
  const counted = segments.filter(([first]) => first >= rules.warmUpRows);
  return {
    name,
    hits: counted.filter(([first, last]) => decisions.slice(first, last + 1).includes(true)).length,
    segments: counted.length,
    falseEpisodes: countFalseEpisodes(decisions, segments, rules),
    days: ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0) + stepMs) / dayMs,
    isLabelled: segments.length > 0,
  };
}

/** Maximal runs of `true`: first and last row. */
function segmentsOf(labels: readonly boolean[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  labels.forEach((isAnomaly, row) => {
    const last = found.at(-1);
    if (isAnomaly && last !== undefined && last[1] === row - 1) last[1] = row;
    else if (isAnomaly) found.push([row, row]);
  });
  return found;
}

function countFalseEpisodes(
  decisions: readonly boolean[],
  segments: readonly (readonly [number, number])[],
  { warmUpRows, graceRows, cutRows }: ScoringRules,
): number {
  const counts = decisions.map((_, row) => row >= warmUpRows);
  for (const [first, last] of segments) counts.fill(false, Math.max(0, first - 1), last + graceRows + 1);
  let episodes = 0;
  let startRow = Number.NEGATIVE_INFINITY;
  let lastRow = Number.NEGATIVE_INFINITY;
  decisions.forEach((isAnomaly, row) => {
    if (!isAnomaly || counts[row] !== true) return;
    if (row - lastRow > graceRows || row - startRow >= cutRows) {
      episodes += 1;
      startRow = row;
    }
    lastRow = row;
  });
  return episodes;
}

function middleStepMs(atMs: readonly number[]): number {
  const steps = atMs
    .slice(1)
    .map((at, i) => at - (atMs[i] ?? at))
    .sort((a, b) => a - b);
  const middle = Math.floor(steps.length / 2);
  const upper = steps[middle] ?? 0;
  return steps.length % 2 === 1 ? upper : ((steps[middle - 1] ?? 0) + upper) / 2;
}

/** The figures over all series together. */
export function summariseSeries(scores: readonly SeriesScore[]): SeriesSummary {
  const sum = (of: (score: SeriesScore) => number, over = scores): number =>
    over.reduce((total, score) => total + of(score), 0);
  const hits = sum((score) => score.hits);
  const precision = hits / Math.max(1, hits + sum((score) => score.falseEpisodes));
  const recall =
    hits /
    Math.max(
      1,
      sum((score) => score.segments),
    );
  const clean = scores.filter((score) => !score.isLabelled);
  return {
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    precision,
    recall,
    falseEpisodesADay:
      sum((score) => score.falseEpisodes, clean) /
      Math.max(
        1e-9,
        sum((score) => score.days, clean),
      ),
  };
}
