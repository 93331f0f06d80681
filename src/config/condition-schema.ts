// The conditions of the rule language: their schemas, their defaults, and how a written one becomes the condition of core.
import { z } from 'zod';
import type { Condition, ConditionKind } from '#core/detect/condition.ts';
import {
  absentFields,
  dipFields,
  latencyFields,
  namedQuantiles,
  newVersionFields,
  pipelineFields,
  ratioFields,
  spikeFields,
  sustainedFields,
  thresholdFields,
} from './condition-fields.ts';
import type { Duration } from './fields.ts';
import { notes } from './fields.ts';

const complete = {
  spike: z.strictObject(spikeFields),
  dip: z.strictObject(dipFields),
  absent: z.strictObject(absentFields),
  ratio: z.strictObject(ratioFields),
  sustained: z.strictObject(sustainedFields),
  threshold: z.strictObject(thresholdFields),
  latency: z.strictObject(latencyFields),
  new_version: z.strictObject(newVersionFields),
  pipeline: z.strictObject(pipelineFields),
} satisfies Record<ConditionKind, z.ZodType>;

/** All settings of a condition in the file's notation. */
export type ConditionSettings = { readonly [Kind in ConditionKind]: z.output<(typeof complete)[Kind]> };

/** A condition with all its settings in the file's notation. */
export type WrittenCondition = {
  [Kind in ConditionKind]: { readonly kind: Kind; readonly settings: ConditionSettings[Kind] };
}[ConditionKind];

/** What each condition says, in a sentence that completes "Fires when …". */
const conditionMeanings: Readonly<Record<ConditionKind, string>> = {
  spike: 'the count of selected lines rises far over its own past',
  dip: 'requests fall far below what is usual, to nothing included',
  absent: 'no request has come for a while where there were always some',
  ratio: 'the share of selected lines among the requests is above a fixed limit, and not by chance',
  sustained: 'that share stays above a limit for longer, also where requests are few',
  threshold: 'a window holds a fixed number of selected lines',
  latency: 'response times rise far over their own past, or over a fixed limit',
  new_version: 'a new version fails more often than the version that it replaces',
  pipeline: 'flagwatch’s own input stands still or is late',
};

const described = (kind: ConditionKind) =>
  notes({ description: `Fires when ${conditionMeanings[kind]}. \`{}\` takes all defaults.` });

/** What a file may write: any of the settings. */
export const conditionSchemas = {
  spike: complete.spike.partial().meta(described('spike')),
  dip: complete.dip.partial().meta(described('dip')),
  absent: complete.absent.partial().meta(described('absent')),
  ratio: complete.ratio.partial().meta(described('ratio')),
  sustained: complete.sustained.partial().meta(described('sustained')),
  threshold: complete.threshold.partial().meta(described('threshold')),
  latency: complete.latency.partial().meta(described('latency')),
  new_version: complete.new_version.partial().meta(described('new_version')),
  pipeline: complete.pipeline.partial().meta(described('pipeline')),
} satisfies Record<ConditionKind, z.ZodType>;

/** Some settings of some conditions, as a rule or the defaults of a file hold them. */
export type ConditionParts = { readonly [Kind in ConditionKind]?: object | undefined };

/** The condition of a rule: its own settings over those of `defaults`, over the defaults of the language. */
export function toWrittenCondition(kind: ConditionKind, own: ConditionParts, shared: ConditionParts): WrittenCondition {
  const settings = { ...defaultSettingsOf(kind), ...shared[kind], ...own[kind] };
  return { kind, settings } as WrittenCondition;
}

/** The defaults of a condition, read from the notes of its fields as if they stood in a file. */
function defaultSettingsOf(kind: ConditionKind): object {
  const written = Object.entries(complete[kind].shape).flatMap(([name, field]) => {
    const fallback = field.meta()?.['fallback'];
    return fallback === undefined ? [] : [[name, fallback]];
  });
  return complete[kind].parse(Object.fromEntries(written));
}

/** Whole windows of a duration: a part of a window counts as one. */
type Windows = (duration: Duration) => number;

type Builders = {
  readonly [Kind in ConditionKind]: (
    settings: ConditionSettings[Kind],
    windows: Windows,
  ) => Extract<Condition, { kind: Kind }>['settings'];
};

interface WrittenBaseline {
  readonly baseline: Duration;
  readonly min_baseline: Duration;
}

function baselineOf(settings: WrittenBaseline, windows: Windows) {
  return { baselineWindows: windows(settings.baseline), minBaselineWindows: windows(settings.min_baseline) };
}

const builders: Builders = {
  spike: (s, windows) => ({ z: s.z, minCount: s.min_count, minRatio: s.min_ratio, ...baselineOf(s, windows) }),
  dip: (s, windows) => ({ z: s.z, minDrop: s.min_drop, minUsual: s.min_usual, ...baselineOf(s, windows) }),
  absent: (s, windows) => ({
    afterWindows: windows(s.after),
    minPresence: s.min_presence,
    ...baselineOf(s, windows),
  }),
  ratio: (s, windows) => ({ above: s.above, minCount: s.min_count, overWindows: windows(s.over) }),
  sustained: (s, windows) => ({
    above: s.above,
    minCount: s.min_count,
    overWindows: windows(s.over),
    minWindows: s.min_windows,
  }),
  threshold: (s) => ({ atLeast: s.at_least }),
  latency: (s, windows) => ({
    quantile: quantileOf(s.quantile),
    z: s.z,
    minRise: s.min_rise,
    minRiseMs: s.min_rise_time.ms,
    minRequests: s.min_requests,
    aboveMs: s.above?.ms ?? null,
    ...baselineOf(s, windows),
  }),
  new_version: (s, windows) => ({
    newForWindows: windows(s.new_for),
    overWindows: windows(s.over),
    minCount: s.min_count,
    certainty: s.certainty,
    minFactor: s.min_factor,
  }),
  pipeline: (s) => ({ watch: s.watch, aboveMs: s.above.ms }),
};

/** The condition of core, lengths in windows of `windowMs`. */
export function toCondition({ kind, settings }: WrittenCondition, windowMs: number): Condition {
  const build = builders[kind] as (settings: unknown, windows: Windows) => Condition['settings'];
  return { kind, settings: build(settings, ({ ms }) => Math.ceil(ms / windowMs)) } as Condition;
}

/** A quantile as a number between 0 and 1. */
export function quantileOf(written: ConditionSettings['latency']['quantile']): number {
  return typeof written === 'number' ? written : namedQuantiles[written];
}
