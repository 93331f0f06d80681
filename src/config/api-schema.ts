// What the HTTP API takes and answers: one definition gives the types, the checks of what comes in, and the OpenAPI description. Names are
// Prometheus' where it has them. What is read of answers may hold more than is known here: processes are updated one by one.
import { z } from 'zod';
import type { ComparisonVerdict } from '#core/detect/verdict.ts';
import { silenceLimits } from '#core/notify/silence-wire.ts';

const comparisonVerdicts = [
  'fine',
  'suspect',
  'only_new',
  'both',
  'not_enough_data',
] as const satisfies readonly ComparisonVerdict[];

const text = (description: string) => z.string().meta({ description });
const instant = (description: string) => z.iso.datetime().meta({ description });
const count = (description: string) => z.int().min(0).meta({ description });
const labels = z.record(z.string(), z.string());

/** More than any topic has: what peers say is believed up to here. */
const maxPartitions = 10_000;

/** One partition of detect. */
const partition = z.object({
  cluster: text('Name of the Kafka cluster.'),
  partition: z.int().min(0).max(maxPartitions).meta({ description: 'Number of the partition of the partial counts.' }),
  partitionCount: z.int().min(1).max(maxPartitions).meta({ description: 'How many there are, in all processes.' }),
  ruleSet: z.string().nullable().meta({ description: 'Identity of the set of rules in force there.' }),
  watermark: instant('Event time up to which windows are judged.').nullable(),
  shownAt: instant('When this was true.'),
});

/** What every answer about the state of detect says of its own reach. */
const reach = {
  partitions: z
    .array(partition)
    .meta({ description: 'What the answer is made of: partitions of this process and of its peers.' }),
  missing: z
    .array(
      z.object({
        cluster: text('Name of the Kafka cluster.'),
        partition: z.int().min(0).nullable().meta({ description: 'null: all of them; how many is not known.' }),
      }),
    )
    .meta({ description: 'What it lacks: neither this process nor a peer that answered holds it.' }),
  complete: z.boolean().meta({ description: 'Whether nothing is missing.' }),
};

const rule = z.object({
  name: text('Name of the alert.'),
  type: z.literal('alerting'),
  kind: text('The condition: spike, ratio, new_version …'),
  state: z.enum(['inactive', 'pending', 'firing']),
  health: z.enum(['ok', 'unknown']).meta({ description: 'unknown: no window was judged yet.' }),
  lastError: z.string().nullable().meta({ description: 'Why its file cannot be loaded again; it stays in force.' }),
  lastEvaluation: instant('End of the last judged windows, event time.').nullable(),
  duration: z.number().meta({ description: 'for, seconds.' }),
  keepFiringFor: z.number().meta({ description: 'keep_firing_for, seconds.' }),
  labels,
  annotations: labels,
  origin: text('Where it stands.'),
  by: z.array(z.string()),
  shadow: z.boolean(),
  learning: z.boolean().meta({ description: 'Whether it has still to see what is usual.' }),
  missingWindows: count('Windows to be seen before its first verdict.'),
  series: count('Series that it keeps.'),
  pending: count('Alerts that wait for their for.'),
  firing: count('Alerts that fire.'),
});

const alert = z.object({
  fingerprint: text('Identity of the alert.'),
  state: z.enum(['pending', 'firing']),
  labels: labels.meta({ description: 'With alertname.' }),
  annotations: labels,
  activeAt: instant('Start of the first window in which the condition held.'),
  value: z.number(),
  unit: z.enum(['lines', 'requests', 'ms', 'age_ms']),
  requestCount: z.number(),
  baseline: z.number().nullable(),
  z: z.number().nullable(),
  reason: text('Why, in one sentence with the numbers.'),
  shadow: z.boolean(),
  requestIds: z.array(z.string()).meta({ description: 'Three at most, to begin with.' }),
});

const silence = z.object({
  id: text('Identity.'),
  status: z.enum(['pending', 'active', 'expired']),
  from: instant('Beginning.'),
  until: instant('End.'),
  author: text('Who asked for it.'),
  reason: text('Why.'),
  matchers: z.array(z.string()),
});

const comparison = z.object({
  alert: text('Rule that compares.'),
  labels,
  verdict: z.enum(comparisonVerdicts),
  newVersion: z.string(),
  newDeployId: z.string(),
  oldVersion: z.string().nullable(),
  newCount: count('Failures of the new version.'),
  newRequestCount: count('Its requests.'),
  oldCount: count('Failures of the old version in the same windows.'),
  oldRequestCount: count('Its requests.'),
  certainty: z.number().min(0).max(1),
  reason: text('In one sentence.'),
  judgedUntil: instant('End of the last window that it speaks of.'),
});

const verdict = z.object({
  service: z.string(),
  namespace: z.string().nullable(),
  version: z.string().nullable(),
  verdict: z.enum([...comparisonVerdicts, 'not_judged']).meta({
    description:
      'The worst of the comparisons. not_judged: no new version of that name had requests, or it is not new any more.',
  }),
  fail: z.boolean().meta({ description: 'Whether to roll back: the new version fails, and the old one does not.' }),
  score: z.number().min(0).max(1).meta({ description: 'How sure it is that the new version fails more often.' }),
  reason: text('In one sentence.'),
  comparisons: z.array(comparison),
  ...reach,
});

/** One partition with what was asked of it; the rest is empty. */
const partitionState = z.object({
  ...partition.shape,
  rules: z.array(z.object({ group: z.string(), rule })),
  alerts: z.array(alert),
  truncated: z.boolean().meta({ description: 'It has more alerts than are shown.' }),
  watched: z.boolean().meta({ description: 'Whether a rule there compares the versions of the service.' }),
  comparisons: z.array(comparison),
});

const success = <Data extends z.ZodType>(data: Data) => z.object({ status: z.literal('success'), data });

/** What cannot be answered: why, and what to do. */
export const errorAnswer = z.object({
  status: z.literal('error'),
  errorType: z.enum([
    'bad_data',
    'unauthorized',
    'forbidden',
    'not_found',
    'not_allowed',
    'conflict',
    'too_large',
    'too_many',
    'unavailable',
    'internal',
  ]),
  error: text('What is wrong, and what to do.'),
});

/** Bodies of answers by what is asked. */
export const answerSchemas = {
  rules: success(
    z.object({
      ruleSet: text('Identity of the set that the files hold.'),
      loadedAt: instant('When it was loaded.'),
      problem: z.string().nullable().meta({ description: 'Why the files cannot be loaded now.' }),
      groups: z.array(z.object({ name: z.string(), rules: z.array(rule) })),
      ...reach,
    }),
  ),
  alerts: success(
    z.object({
      alerts: z.array(alert),
      truncated: z.boolean().meta({ description: 'There are more than are shown.' }),
      ...reach,
    }),
  ),
  silences: success(z.array(silence)),
  silence: success(silence),
  verdict: success(verdict),
  partitions: success(
    z.object({
      process: text('Identity of the process that answers.'),
      partitions: z.array(partitionState).max(maxPartitions),
    }),
  ),
} as const;

/** Body of a request for a silence. */
export const silenceBody = z.strictObject({
  matchers: z
    .array(z.string().max(2 * silenceLimits.text))
    .min(1)
    .max(silenceLimits.matchers)
    .meta({ description: 'As in routes: `destination_service =~ "pay.*"`.' }),
  from: z.iso.datetime({ offset: true }).optional().meta({ description: 'At once where it is missing.' }),
  until: z.iso.datetime({ offset: true }).optional(),
  for: z.string().max(32).optional().meta({ description: 'Instead of until: 30m, 2h, 1d.' }),
  author: z.string().trim().min(1).max(silenceLimits.text),
  reason: z.string().trim().min(1).max(silenceLimits.text),
});

const name = z.string().min(1).max(253);

/** Body of Flagger's webhooks; what else it holds is not looked at. */
export const flaggerBody = z.looseObject({
  name: name.meta({ description: 'Name of the canary: the service, where metadata does not name one.' }),
  namespace: name.optional(),
  phase: z.string().max(253).optional(),
  metadata: z
    .looseObject({ service: name.optional(), namespace: name.optional(), version: name.optional() })
    .nullable()
    .optional(),
});

/** Query of a verdict. */
export const verdictQuery = z.strictObject({
  service: name.meta({ description: 'destination_service, as in the labels of alerts.' }),
  version: name.optional().meta({ description: 'Any new version where it is missing.' }),
  namespace: name.optional(),
});

/** Query of what one process holds: `verdict` needs a service. What a newer process asks beside it is not looked at. */
export const partitionsQuery = z.object({
  show: z.enum(['rules', 'alerts', 'verdict']),
  service: name.optional(),
  version: name.optional(),
  namespace: name.optional(),
  from: name.optional().meta({ description: 'Identity of the process that asks: to itself it shows nothing.' }),
});

export type RuleAnswer = z.infer<typeof rule>;
export type AlertAnswer = z.infer<typeof alert>;
export type SilenceAnswer = z.infer<typeof silence>;
export type ComparisonAnswer = z.infer<typeof comparison>;
export type VerdictAnswer = z.infer<typeof verdict>;
export type PartitionState = z.infer<typeof partitionState>;
export type PartitionsQuery = z.infer<typeof partitionsQuery>;
export type ReachAnswer = Pick<VerdictAnswer, 'partitions' | 'missing' | 'complete'>;
export type RulesAnswer = z.infer<typeof answerSchemas.rules>['data'];
export type AlertsAnswer = z.infer<typeof answerSchemas.alerts>['data'];
export type ErrorType = z.infer<typeof errorAnswer>['errorType'];
export type SilenceBody = z.infer<typeof silenceBody>;
export type VerdictQuery = z.infer<typeof verdictQuery>;

/** What a text is checked by: the value, or which part of it is wrong. */
export type Checked<Value> = { readonly value: Value } | { readonly problem: string };

/** Checks what came in. Never throws; the problem holds nothing of the value. */
export function checkInput<Value>(schema: z.ZodType<Value>, input: unknown): Checked<Value> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.map((step) => String(step).slice(0, 40)).join('.') ?? '';
  return {
    problem: `${path === '' ? 'the request' : path}: ${issue?.message.slice(0, 200) ?? 'is not what it should be'}`,
  };
}
