// The settings of each condition as people write them: form, bounds, default and its reason. One definition for the check, the
// JSON Schema and the reference; condition-schema.ts puts them together.
import { z } from 'zod';
import type { FieldNotes } from './fields.ts';
import { countField, durationField, notes } from './fields.ts';

type Field = FieldNotes & { readonly default: number | string };

const share = (field: Field) => z.number().min(0).max(1).meta(notes(field));
const factor = (field: Field, least: number) => z.number().min(least).max(1000).meta(notes(field));
const lineCount = (field: Field) => countField(field, { min: 1, max: 1_000_000_000 });

const distance = (description: string) =>
  z
    .number()
    .gt(0)
    .max(1000)
    .meta(notes({ default: 5, description, reason: 'ordinary unevenness stays below 4.' }));

const baselineFields = (minBaseline: { readonly default: string; readonly reason: string }) => ({
  baseline: durationField(
    {
      default: '1h',
      description: 'How much of the past tells what is usual. Windows of an open incident do not count.',
      reason: 'follows the time of day, and forgets a deploy within the hour.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
  min_baseline: durationField(
    {
      ...minBaseline,
      description: 'How much of the past must be known before the first verdict; until then the rule is learning.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
});

const carefulBaseline = baselineFields({
  default: '10m',
  reason: 'sixty windows of 10s: what is missing is judged with more care than what is too much.',
});

export const spikeFields = {
  z: distance('Distance above the usual level, in scales, that is an anomaly.'),
  min_count: lineCount({
    default: 5,
    description: 'Below this many selected lines in a window nothing is an anomaly.',
    unit: 'lines',
    reason: 'one error on a quiet edge is no incident.',
  }),
  min_ratio: share({
    default: 0.01,
    description: 'Below this share of the edge’s requests nothing is an anomaly, 0 to 1.',
    reason: 'a service that fails one request in a hundred is worth a look.',
  }),
  ...baselineFields({ default: '5m', reason: 'thirty windows of 10s: enough to tell a scale.' }),
};

export const dipFields = {
  z: distance('Distance below the usual level, in scales, that is an anomaly.'),
  min_drop: share({
    default: 0.5,
    description: 'The share of the usual traffic that must be missing, 0 to 1; 1 is all of it.',
    reason: 'half of the traffic does not go away by itself.',
  }),
  min_usual: z
    .number()
    .gt(0)
    .max(1_000_000_000)
    .meta(
      notes({
        default: 20,
        description: 'Where fewer requests than this are usual in a window, nothing is said.',
        reason: 'of fewer, half may be missing by chance.',
      }),
    ),
  ...carefulBaseline,
};

export const absentFields = {
  after: durationField(
    {
      default: '1m',
      description: 'How long there has been no request at all.',
      reason: 'six windows of 10s: by chance that happens once in a million where nine of ten have traffic.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
  min_presence: share({
    default: 0.9,
    description: 'The share of the windows of the baseline that had traffic, 0 to 1.',
    reason: 'what comes once an hour is not absent in between.',
  }),
  ...carefulBaseline,
};

export const ratioFields = {
  above: share({
    default: 0.05,
    description: 'The limit for the share of selected lines among the requests, 0 to 1: 0.05 is 5 %.',
    reason: 'users feel one failure in twenty.',
  }),
  min_count: lineCount({
    default: 10,
    description: 'Below this many selected lines nothing is an anomaly.',
    unit: 'lines',
    reason: 'one error at low traffic must not wake anybody.',
  }),
  over: durationField(
    {
      default: '1m',
      description: 'The windows that are looked at together.',
      reason: 'a share of fewer requests is mostly chance; at twice the limit it is certain within half a minute.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
};

export const sustainedFields = {
  above: share({
    default: 0.5,
    description: 'The limit for the share of selected lines among the requests, 0 to 1: 0.5 is 50 %.',
    reason: 'most of the requests fail, however few they are.',
  }),
  min_count: lineCount({
    default: 10,
    description: 'Below this many selected lines in that time nothing is an anomaly.',
    unit: 'lines',
    reason: 'ten failures of ten are no accident; two of two may be.',
  }),
  over: durationField(
    {
      default: '5m',
      description: 'The windows that are looked at together.',
      reason: 'an edge with one request in some seconds shows enough of them in that time.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
  min_windows: countField(
    {
      default: 6,
      description: 'How many of the windows must hold a selected line.',
      unit: 'windows',
      reason: 'a fifth of the thirty windows of 5m: one burst is not sustained.',
    },
    { min: 1, max: 86_400 },
  ),
};

export const thresholdFields = {
  at_least: lineCount({
    default: 10,
    description: 'How many selected lines of a window are an anomaly.',
    unit: 'lines',
    reason: 'a number to begin with; the right one depends on the traffic.',
  }),
};

/** Quantiles as people name them. */
export const namedQuantiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
type QuantileName = keyof typeof namedQuantiles;
const quantileNames = Object.keys(namedQuantiles) as [QuantileName, ...QuantileName[]];

export const latencyFields = {
  quantile: z.union([z.number().gt(0).lt(1), z.enum(quantileNames)]).meta(
    notes({
      default: 'p95',
      description: 'Which of the response times: p50, p90, p95, p99, or a number between 0 and 1.',
      reason: 'the median hides what one user in twenty waits for; of p99 a quiet edge knows little.',
    }),
  ),
  above: durationField(
    {
      description: 'A fixed limit instead of the past: then z, min_rise, min_rise_time and the baseline say nothing.',
      examples: ['2s'],
    },
    { atLeast: '1ms', atMost: '1h' },
  ).optional(),
  z: distance('Distance above the usual value, in scales, that is an anomaly.'),
  min_rise: factor(
    {
      default: 0.5,
      description: 'How much of the usual value it must rise by: 0.5 is half as much again.',
      reason: 'less is a change, but nobody’s incident.',
    },
    0,
  ),
  min_rise_time: durationField(
    {
      default: '50ms',
      description: 'How much time it must rise by.',
      reason: 'from 2ms to 8ms is a factor of four and felt by nobody.',
    },
    { atLeast: '0', atMost: '1h' },
  ),
  min_requests: countField(
    {
      default: 20,
      description: 'Below this many requests in a window nothing is said.',
      unit: 'requests',
      reason: 'the 95th of a hundred is a quantile; of five requests it is the slowest.',
    },
    { min: 1, max: 1_000_000_000 },
  ),
  ...carefulBaseline,
};

export const newVersionFields = {
  new_for: durationField(
    {
      default: '1h',
      description: 'How long a version is new after its first line. One that was there from the start is not.',
      reason: 'what a deploy breaks shows within the hour; later something else is the likelier cause.',
    },
    { atLeast: '1m', atMost: '1w' },
  ),
  over: durationField(
    {
      default: '5m',
      description: 'The windows that are compared together.',
      reason:
        'a canary with a hundredth of the traffic shows its first failures in that time, and after a rollback the alert ends.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
  min_count: lineCount({
    default: 5,
    description: 'Below this many failures of the new version nothing is an anomaly.',
    unit: 'lines',
    reason: 'while a pod starts three may come together.',
  }),
  certainty: z
    .number()
    .gt(0)
    .lt(1)
    .meta(
      notes({
        default: 0.999,
        description: 'How sure it must be that the new version fails more often, between 0 and 1.',
        reason: 'wrong once in a thousand deploys.',
      }),
    ),
  min_factor: factor(
    {
      default: 3,
      description: 'How many times the old version’s share of failures the new one’s must be.',
      reason: 'with much traffic the smallest difference is certain, and still nobody rolls back for it.',
    },
    1,
  ),
};

export const pipelineFields = {
  watch: z.enum(['stalled', 'lag']).meta(
    notes({
      default: 'stalled',
      description:
        'stalled: a source partition brings nothing although others do, or its reader is silent. lag: the input is behind the clock.',
      reason: 'what has stopped is worse than what is late.',
    }),
  ),
  above: durationField(
    {
      default: '60s',
      description: 'For how long, or how far behind.',
      reason: 'a consumer group that changes hands is silent for some seconds; a minute is no accident.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
};
