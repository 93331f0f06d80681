// The rule language: one definition of a rule file gives the check, the JSON Schema for editors and the reference page. Its
// names are held to the types of core; parse-rules.ts turns a checked file into them.
import { z } from 'zod';
import type { EdgeLabel } from '#core/count/edge.ts';
import type { SpikeSettings } from '#core/detect/spike-settings.ts';
import type { SeriesLabel } from '#core/evaluate/rule.ts';
import type { FieldNotes } from './fields.ts';
import { durationField, notes, textField } from './fields.ts';
import { createGuide, toJsonSchema } from './json-schema.ts';
import { seriesLabels } from './matcher-text.ts';

const oneOrMore = <Item extends z.ZodType>(item: Item, field: FieldNotes) =>
  z.union([item, z.array(item).min(1).max(100)]).meta(notes(field));

const labelValue = textField({ description: 'A value.' }, 253);

const selectionNotes = {
  reporter: 'Which proxy wrote the line: source (the caller’s, or a gateway), destination (the callee’s), unknown.',
  data_center: 'Name of the Kafka cluster that the line came from.',
  source_service: 'Who called.',
  source_namespace: 'Namespace of who called.',
  source_version: 'Version of who called.',
  source_deploy_id: 'Deploy of who called.',
  destination_service: 'Who was called.',
  destination_namespace: 'Namespace of who was called.',
  destination_version: 'Version of who was called.',
  destination_deploy_id: 'Deploy of who was called.',
} satisfies Readonly<Record<EdgeLabel, string>>;

/** What each label means, for the reference. */
export const labelNotes: Readonly<Record<string, string>> = {
  ...selectionNotes,
  flag: 'Envoy’s response flag, by its short name.',
};

const selectByLabel = (label: EdgeLabel) =>
  oneOrMore(labelValue, { description: `${selectionNotes[label]} A value or a list of values.` }).optional();

const selection = z.strictObject({
  flags: oneOrMore(textField({ description: 'A flag by its short name.' }, 64), {
    description: 'Lines that carry one of these flags (Envoy’s short names). Without it: any flag.',
    examples: [['UC']],
  }).optional(),
  ...({
    reporter: selectByLabel('reporter'),
    data_center: selectByLabel('data_center'),
    source_service: selectByLabel('source_service'),
    source_namespace: selectByLabel('source_namespace'),
    source_version: selectByLabel('source_version'),
    source_deploy_id: selectByLabel('source_deploy_id'),
    destination_service: selectByLabel('destination_service'),
    destination_namespace: selectByLabel('destination_namespace'),
    destination_version: selectByLabel('destination_version'),
    destination_deploy_id: selectByLabel('destination_deploy_id'),
  } satisfies Record<EdgeLabel, z.ZodType>),
  matchers: z
    .array(textField({ description: 'A matcher.' }, 1000))
    .max(100)
    .optional()
    .meta(
      notes({
        description:
          'Prometheus’ matchers on labels: `= != =~ !~`. Regular expressions are anchored at both ends and matched in linear time.',
        examples: [['destination_namespace =~ "shop.*"']],
      }),
    ),
});

/** What makes a series where a rule does not say. */
export const defaultBy: readonly SeriesLabel[] = ['flag', 'source_service', 'destination_service'];

/** Defaults of a spike’s settings, in the file’s notation. */
export const spikeDefaults = {
  z: 5,
  min_count: 5,
  min_ratio: 0.01,
  baseline: '1h',
  min_baseline: '5m',
} as const;

/** How the file names the settings of a spike: windows are durations there. */
const spikeKeys = {
  z: 'z',
  minCount: 'min_count',
  minRatio: 'min_ratio',
  baselineWindows: 'baseline',
  minBaselineWindows: 'min_baseline',
} as const satisfies Readonly<Record<keyof SpikeSettings, string>>;

const spikeFields = {
  z: z
    .number()
    .gt(0)
    .max(1000)
    .meta(
      notes({
        default: spikeDefaults.z,
        description: 'Distance from the usual level, in scales, that is an anomaly.',
        reason: 'ordinary unevenness stays below 4.',
      }),
    ),
  min_count: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .meta(
      notes({
        default: spikeDefaults.min_count,
        description: 'Below this many selected lines in a window nothing is an anomaly.',
        unit: 'lines',
        reason: 'one error on a quiet edge is no incident.',
      }),
    ),
  min_ratio: z
    .number()
    .min(0)
    .max(1)
    .meta(
      notes({
        default: spikeDefaults.min_ratio,
        description: 'Below this share of the edge’s requests nothing is an anomaly, 0 to 1.',
        reason: 'a service that fails one request in a hundred is worth a look.',
      }),
    ),
  baseline: durationField(
    {
      default: spikeDefaults.baseline,
      description: 'How much of the past tells what is usual. Windows of an open incident do not count.',
      reason: 'follows the time of day, and forgets a deploy within the hour.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
  min_baseline: durationField(
    {
      default: spikeDefaults.min_baseline,
      description: 'How much of the past must be known before the first verdict; until then the alert is learning.',
      reason: 'thirty windows of 10s: enough to tell a scale.',
    },
    { atLeast: '1s', atMost: '1d' },
  ),
} satisfies Record<(typeof spikeKeys)[keyof SpikeSettings], z.ZodType>;

const spike = z.strictObject(spikeFields).partial();

const texts = (field: FieldNotes) => z.record(z.string(), z.string().max(10_000)).meta(notes(field));

const shared = {
  by: z
    .array(z.enum(seriesLabels))
    .min(1)
    .max(20)
    .meta(
      notes({
        default: defaultBy,
        description:
          'The labels whose values make a series, each judged by itself: they are the labels of the alert. Must hold destination_service, because counts are kept by it.',
      }),
    ),
  for: durationField(
    {
      default: '0s',
      description: 'How long the condition must hold before the alert fires.',
      reason: 'seconds count.',
    },
    { atLeast: '0', atMost: '1d' },
  ),
  keep_firing_for: durationField(
    {
      default: '0s',
      description: 'How long the alert stays firing after the condition stopped: against flapping.',
      reason: 'as in Prometheus.',
    },
    { atLeast: '0', atMost: '1d' },
  ),
  labels: texts({
    description: 'Labels of the alert beside those of `by`: severity, owner. They are part of its identity.',
    examples: [{ severity: 'critical', owner: 'platform' }],
  }),
  annotations: texts({
    description:
      'Texts of the alert: summary, description, runbook_url … `{{ $labels.NAME }}`, `{{ $value }}`, `{{ $requests }}`, `{{ $ratio }}`, `{{ $z }}` and `{{ $baseline }}` are filled in.',
  }),
};

const spikeNotes = notes({
  description: 'Fires when the count of selected lines rises far over its own past. `{}` takes all defaults.',
});

const rule = z.strictObject({
  alert: textField(
    { description: 'Name of the alert; no two rules have the same.', examples: ['UpstreamClosedSpike'] },
    200,
  ),
  select: selection.meta(
    notes({ description: 'The lines that are counted, and the edges whose requests they are compared with.' }),
  ),
  by: shared.by.optional(),
  spike: spike.meta(spikeNotes),
  for: shared.for.optional(),
  keep_firing_for: shared.keep_firing_for.optional(),
  labels: shared.labels.optional(),
  annotations: shared.annotations.optional(),
});

const group = z.strictObject({
  name: textField({ description: 'Name of the group; no two groups of a file have the same.' }, 200),
  rules: z
    .array(rule)
    .max(1000)
    .meta(notes({ description: 'The rules of the group.' })),
});

/** A rule file as people write it. */
export const ruleFileSchema = z.strictObject({
  defaults: z
    .strictObject({ ...shared, spike: spike.meta(spikeNotes) })
    .partial()
    .optional()
    .meta(
      notes({
        description:
          'What the rules of this file share. A rule’s own by, for and keep_firing_for replace these; spike, labels and annotations are added to.',
      }),
    ),
  groups: z
    .array(group)
    .max(1000)
    .meta(notes({ description: 'The rules, in named groups.' })),
});

/** What a checked file holds, in the file’s own names. */
export type RuleFileConfig = z.output<typeof ruleFileSchema>;
export type RuleConfig = RuleFileConfig['groups'][number]['rules'][number];

/** The JSON Schema of a rule file, with the notes of each field. */
export const ruleJsonSchema = toJsonSchema(ruleFileSchema);

/** Which keys may stand where. */
export const ruleGuide = createGuide(ruleJsonSchema);
