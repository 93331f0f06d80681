// What a rule looks at, as people write it: what is counted, and on which edges.
import { z } from 'zod';
import { faults, parties } from '#core/classify/classification.ts';
import type { EdgeLabel } from '#core/count/edge.ts';
import type { Counted, CountedLabel } from '#core/evaluate/rule.ts';
import type { FieldNotes } from './fields.ts';
import { notes, textField } from './fields.ts';

const oneOrMore = <Item extends z.ZodType>(item: Item, field: FieldNotes) =>
  z.union([item, z.array(item).min(1).max(100)]).meta(notes(field));

const labelValue = textField({ description: 'A value.' }, 253);

const edgeNotes = {
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
export const labelNotes: Readonly<Record<EdgeLabel | CountedLabel, string>> = {
  ...edgeNotes,
  flag: 'Envoy’s response flag, by its short name. Where flags are counted.',
  fault: 'What broke: one of `docs/faults.md`. Where faults are counted.',
  party: 'Who has to act: caller, callee, mesh, policy or beyond. Where faults are counted.',
};

/** Labels that the alerts of a rule can have beside those of an edge, by what the rule counts. */
export const labelsOfCounted: Readonly<Record<Counted, readonly CountedLabel[]>> = {
  flags: ['flag'],
  faults: ['fault', 'party'],
  failed: [],
  requests: [],
};

const selectByLabel = (label: EdgeLabel) =>
  oneOrMore(labelValue, { description: `${edgeNotes[label]} A value or a list of values.` }).optional();

/** A rule counts one thing: for editors; shape-checks.ts says it to people. */
const severalCounted = [
  ['flags', 'faults'],
  ['flags', 'parties'],
  ['flags', 'failed'],
  ['faults', 'failed'],
  ['parties', 'failed'],
].map((required) => ({ required }));

/** `select` of a rule. */
export const selectionSchema = z
  .strictObject({
    flags: oneOrMore(textField({ description: 'A flag by its short name.' }, 64), {
      description: 'Count lines that carry one of these flags (Envoy’s short names).',
      examples: [['UC']],
    }).optional(),
    faults: oneOrMore(z.enum(faults), {
      description: 'Count failed requests by what broke, as both sides’ lines tell it: some seconds later than flags.',
      examples: [['app_closed', 'app_down']],
    }).optional(),
    parties: oneOrMore(z.enum(parties), {
      description: 'Count failed requests by who has to act: all faults of these parties, added to those of `faults`.',
      examples: [['callee']],
    }).optional(),
    failed: z
      .literal(true)
      .meta(
        notes({
          description: 'Count lines that show a failure by themselves, with or without a flag: 5xx among them.',
        }),
      )
      .optional(),
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
  })
  .meta({ not: { anyOf: severalCounted } });

/** What a checked `select` holds. */
export type SelectionConfig = z.output<typeof selectionSchema>;
