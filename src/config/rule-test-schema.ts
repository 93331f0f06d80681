// The files of rule tests (`*.test.yaml`): one definition gives the check, the JSON Schema for editors and the reference page.
// parse-rule-tests.ts turns a checked file into what app/rules runs.
import { z } from 'zod';
import { edgeLabels } from '#core/count/edge.ts';
import { alertStatuses } from '#core/evaluate/transition.ts';
import { holdReasons } from '#core/notify/incident.ts';
import type { FieldNotes } from './fields.ts';
import { durationField, notes, textField } from './fields.ts';
import { createGuide, toJsonSchema } from './json-schema.ts';
import { inhibitRuleSettings, receiverSettings, routeSettings, timeIntervalSettings } from './notify-routing-schema.ts';
import { isSeriesValues, parseSeriesValues, type SeriesValues } from './series-values.ts';

/** Text of one map of names; deeper bounds are the parser's. */
const maxText = 1_000_000;

const series = (field: FieldNotes) =>
  z
    .union([z.int().min(0).max(1_000_000_000), z.string().max(maxText)])
    .transform((written, context): SeriesValues => {
      if (typeof written === 'number') return written;
      const parsed = parseSeriesValues(written);
      if (isSeriesValues(parsed)) return parsed;
      context.addIssue({ code: 'custom', message: parsed.message, params: { remedy: parsed.remedy }, input: written });
      return [];
    })
    .meta(notes({ examples: ['100x59'], ...field }));

const seriesByName = (field: FieldNotes) =>
  z.record(z.string().min(1).max(64), series({ description: 'values' })).meta(notes(field));

const time = (field: FieldNotes) =>
  z
    .string()
    .refine((text) => isInstant(text), {
      error: 'is no time',
      params: { remedy: 'write date, time and zone: 2026-03-02T09:00:00Z' },
    })
    .meta(notes(field));

/** Date, time and zone; without a zone a test would depend on where it runs. */
export function isInstant(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
  );
}

const fragments = (field: FieldNotes) =>
  z.union([z.string().max(10_000), z.array(z.string().max(10_000)).max(50)]).meta(notes(field));

const comparisonPattern = /^(?:(>=|<=|>|<) *)?(-?\d+(?:\.\d+)?)$/;

const comparison = (field: FieldNotes) =>
  z
    .union([
      z.number(),
      z.string().refine((text) => comparisonPattern.test(text), {
        error: 'is no number and no comparison',
        params: { remedy: 'write a number, or a comparison in quotes: ">= 5"' },
      }),
    ])
    .meta(notes({ examples: ['>= 5'], ...field }));

const edge = (field: FieldNotes) =>
  z
    .strictObject(
      Object.fromEntries(edgeLabels.map((label) => [label, z.string().max(1000).optional()])) as Record<
        (typeof edgeLabels)[number],
        z.ZodOptional<z.ZodString>
      >,
    )
    .meta(notes(field));

const inputSeries = z.strictObject({
  edge: edge({
    description: 'The edge that the lines are of, by the labels of rules, beside those of the file’s own `edge`.',
    examples: [{ destination_version: 'v2' }],
  }).optional(),
  requests: series({
    description: 'Lines of the edge in each interval. Where it says nothing, so many as what failed.',
  }).optional(),
  flags: seriesByName({ description: 'Of these, lines by flag.', examples: [{ UC: '0x29 20x5 0x10' }] }).optional(),
  failed: series({
    description:
      'Of these, lines that show a failure, with or without flags; without it so many as the most frequent flag has.',
  }).optional(),
  faults: seriesByName({
    description: 'Failed requests of the edge by fault, as correlate finds them.',
    examples: [{ app_closed: '0x29 20x5' }],
  }).optional(),
  duration_ms: z
    .union([
      series({ description: 'milliseconds' }),
      z.strictObject({
        p50: series({ description: 'Milliseconds that half of the requests stay below.' }),
        p95: series({ description: 'Of 95 %; without it as p50.' }).optional(),
        p99: series({ description: 'Of 99 %; without it as p95.' }).optional(),
      }),
    ])
    .meta(
      notes({ description: 'How long the requests took, milliseconds: the same for all, or by quantile; within 5 %.' }),
    )
    .optional(),
});

const inputPartition = z.strictObject({
  name: textField(
    {
      description: '`cluster/topic/partition` of the input, for rules on the pipeline; the cluster is its data_center.',
      examples: ['dc1/istio-access-logs/0'],
    },
    500,
  ),
  behind: series({
    description: 'Seconds by which its newest line is behind the clock, at the end of each interval.',
    examples: ['0x5 10+10x12'],
  }),
  idle: z
    .boolean()
    .prefault(false)
    .meta(
      notes({
        description: 'Whether its reader is at the end of it: a partition that brings nothing.',
        reason: 'most are busy.',
      }),
    ),
});

const expectedAlert = z.strictObject({
  alert: textField({ description: 'Name of the alert.' }, 200),
  status: z
    .enum(alertStatuses)
    .prefault('firing')
    .meta(notes({ description: 'The step that is expected.', reason: 'what people are told of.' })),
  at: z
    .string()
    .max(100)
    .meta(
      notes({
        description: 'When, by event time: since the start of the test, or as date and time.',
        examples: ['6m10s'],
      }),
    ),
  within: durationField(
    { description: 'It may come so much later.', reason: 'event time is exact.' },
    { atLeast: '0', atMost: '1d' },
  ).prefault('0s'),
  labels: z
    .record(z.string(), z.string().max(1000))
    .meta(notes({ description: 'Labels that it has, among others.' }))
    .optional(),
  value: comparison({ description: 'Value of the verdict.' }).optional(),
  requests: comparison({ description: 'Requests of the verdict.' }).optional(),
  baseline: comparison({ description: 'What is usual, by the verdict.' }).optional(),
  z: comparison({ description: 'Distance of the verdict, in scales.' }).optional(),
  reason: fragments({
    description: 'What the verdict’s reason holds: a text, or several.',
    examples: ['usual is 0'],
  }).optional(),
  annotations: z
    .record(z.string(), z.string().max(10_000))
    .meta(notes({ description: 'What its annotations hold, by name.' }))
    .optional(),
  receivers: z
    .array(z.string().max(200))
    .max(50)
    .meta(notes({ description: 'The receivers that are told of this step, no other; `[]`: nobody is.' }))
    .optional(),
  held: z
    .enum(holdReasons)
    .meta(notes({ description: 'Why nobody is told of it.' }))
    .optional(),
  message: z
    .strictObject({
      title: fragments({ description: 'What its title holds.' }).optional(),
      text: fragments({ description: 'What its sentences hold, in English or Korean.' }).optional(),
      fields: fragments({ description: 'What its facts hold, as `label: value`.' }).optional(),
    })
    .meta(notes({ description: 'What the message about it holds, as it is rendered in both languages.' }))
    .optional(),
});

const test = z.strictObject({
  name: textField({ description: 'What the test shows.' }, 300),
  interval: durationField(
    {
      default: 'the window',
      description: 'What one value of a series stands for; a whole part of a window.',
      reason: 'one value a window.',
    },
    { atLeast: '1s', atMost: '1h' },
  ).optional(),
  input_series: z
    .array(inputSeries)
    .max(1000)
    .meta(notes({ description: 'Counts, edge by edge.' }))
    .optional(),
  input_partitions: z
    .array(inputPartition)
    .max(1000)
    .meta(notes({ description: 'The input itself, for rules on the pipeline.' }))
    .optional(),
  input_lines: z
    .string()
    .max(maxText)
    .meta(notes({ description: 'Access-log lines in any form that flagwatch reads, one a line.' }))
    .optional(),
  input_file: textField(
    { description: 'A file with recorded lines; a relative path counts from this file.' },
    4000,
  ).optional(),
  start: time({
    description:
      'Where `at` counts from. Without it the start of the file; of lines the start of the window of the first.',
  }).optional(),
  alerts: z
    .array(expectedAlert)
    .max(1000)
    .meta(notes({ description: 'What is expected; `[]`: nothing fires.' })),
  exactly: z
    .boolean()
    .prefault(true)
    .meta(notes({ description: 'Whether no other alert may fire.', reason: 'an alert too many wakes somebody.' })),
});

/** A file of rule tests as people write it. */
export const ruleTestFileSchema = z.strictObject({
  rule_files: z
    .array(textField({ description: 'file' }, 4000))
    .min(1)
    .max(1000)
    .meta(
      notes({
        description:
          'The rules under test: files, folders, globs, relative to this file. Without it the file of the same name without `.test`.',
        examples: [['uc.yaml']],
      }),
    )
    .optional(),
  window: durationField(
    { description: 'Length of a window.', reason: 'as the setting `window`.' },
    { atLeast: '1s', atMost: '1h' },
  ).prefault('10s'),
  start: time({ description: 'When the series begin.', reason: 'a Monday morning, quiet everywhere.' }).prefault(
    '2026-01-05T09:00:00Z',
  ),
  edge: edge({
    description: 'Labels that the edges of all series share. What neither says is `unknown`.',
    examples: [{ reporter: 'source', source_service: 'checkout', destination_service: 'payments' }],
  }).optional(),
  route: routeSettings
    .meta(
      notes({
        description: 'Who is told, as in the settings; without it what `-c FILE` says, else one receiver `default`.',
      }),
    )
    .optional(),
  receivers: z
    .array(receiverSettings)
    .max(200)
    .prefault([])
    .meta(notes({ description: 'The receivers that the route names.' })),
  inhibit_rules: z
    .array(inhibitRuleSettings)
    .max(500)
    .prefault([])
    .meta(notes({ description: 'Alerts that keep others back.' })),
  time_intervals: z
    .array(timeIntervalSettings)
    .max(200)
    .prefault([])
    .meta(notes({ description: 'Times that the routes name.' })),
  tests: z
    .array(test)
    .min(1)
    .max(1000)
    .meta(notes({ description: 'The tests.' })),
});

/** What a checked file holds, in the file's own names. */
export type RuleTestFileConfig = z.output<typeof ruleTestFileSchema>;

/** The JSON Schema of such a file. */
export const ruleTestJsonSchema = toJsonSchema(ruleTestFileSchema);

/** Which keys may stand where. */
export const ruleTestGuide = createGuide(ruleTestJsonSchema);
