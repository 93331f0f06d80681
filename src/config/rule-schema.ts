// The rule language: one definition of a rule file gives the check, the JSON Schema for editors and the reference page. Its
// names are held to the types of core; parse-rules.ts turns a checked file into them.
import { z } from 'zod';
import { conditionKinds } from '#core/detect/condition.ts';
import { conditionSchemas } from './condition-schema.ts';
import type { FieldNotes } from './fields.ts';
import { durationField, notes, textField } from './fields.ts';
import { createGuide, toJsonSchema } from './json-schema.ts';
import { seriesLabels } from './matcher-text.ts';
import { selectionSchema } from './selection-schema.ts';

/** Names of labels and annotations; `propertyNames` is for editors, text-checks.ts says it to people. */
const texts = (field: FieldNotes) =>
  z
    .record(z.string(), z.string().max(10_000))
    .meta({ ...notes(field), propertyNames: { type: 'string', pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$' } });

const shared = {
  by: z
    .array(z.enum(seriesLabels))
    .min(1)
    .max(20)
    .meta(
      notes({
        description:
          'The labels whose values make a series, each judged by itself: they are the labels of the alert. Must hold destination_service, because counts are kept by it. Without it: source_service and destination_service, and flag or fault where those are counted. A rule on the pipeline may write [data_center] alone.',
        examples: [['flag', 'source_service', 'destination_service']],
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
      'Texts of the alert: summary, description, runbook_url … `{{ $labels.NAME }}`, `{{ $value }}` and the other variables of the condition are filled in.',
  }),
};

/** Exactly one condition, for editors; shape-checks.ts says it to people. */
const oneCondition = conditionKinds.map((kind) => {
  return kind === 'pipeline' ? { required: [kind], not: { required: ['select'] } } : { required: ['select', kind] };
});

const rule = z
  .strictObject({
    alert: textField(
      { description: 'Name of the alert; no two rules have the same.', examples: ['UpstreamClosedSpike'] },
      200,
    ),
    select: selectionSchema
      .meta(
        notes({
          description:
            'What is counted, and on which edges; `{}` for all edges. One of flags, faults with parties, and failed. Without them: any flag (any fault where by or matchers name fault or party, failed under new_version); dip, absent and latency look at all requests. Needed by every condition but pipeline, which has none.',
        }),
      )
      .optional(),
    by: shared.by.optional(),
    spike: conditionSchemas.spike.optional(),
    dip: conditionSchemas.dip.optional(),
    absent: conditionSchemas.absent.optional(),
    ratio: conditionSchemas.ratio.optional(),
    sustained: conditionSchemas.sustained.optional(),
    threshold: conditionSchemas.threshold.optional(),
    latency: conditionSchemas.latency.optional(),
    new_version: conditionSchemas.new_version.optional(),
    pipeline: conditionSchemas.pipeline.optional(),
    for: shared.for.optional(),
    keep_firing_for: shared.keep_firing_for.optional(),
    labels: shared.labels.optional(),
    annotations: shared.annotations.optional(),
    enabled: z
      .boolean()
      .meta(notes({ default: true, description: 'false: the rule is checked and not run.' }))
      .optional(),
    shadow: z
      .boolean()
      .meta(
        notes({
          default: false,
          description: 'true: the rule runs and its alerts are recorded, and nothing is sent.',
        }),
      )
      .optional(),
  })
  .meta({ oneOf: oneCondition });

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
    .strictObject({ ...shared, ...conditionSchemas })
    .partial()
    .optional()
    .meta(
      notes({
        description:
          'What the rules of this file share. A rule’s own by, for and keep_firing_for replace these; settings of a condition, labels and annotations are added to. They give no rule a condition that it does not name, and a rule on the pipeline no by.',
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
