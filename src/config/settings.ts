// The settings: one definition of the file gives the type, the defaults, the check, the JSON Schema and the reference page.
// load-settings.ts reads a file into them; app/ hands each part to what it is for.
import { z } from 'zod';
import { correlateSettings } from './correlate-settings.ts';
import { collectSettings, detectSettings, timeSettings } from './counting-settings.ts';
import { httpSettings, logSettings, notifySettings, slackSettings } from './delivery-settings.ts';
import { Duration, durationField, notes, textField } from './fields.ts';
import { createGuide, toJsonSchema } from './json-schema.ts';
import { kafkaSettings, topicSettings } from './kafka-settings.ts';
import { maskingSettings } from './masking-settings.ts';
import {
  defaultInhibitRules,
  inhibitRuleSettings,
  receiverSettings,
  routeSettings,
  timeIntervalSettings,
} from './notify-routing-schema.ts';
import { rulesReloadSettings } from './reload-settings.ts';
import { elasticsearchSettings, indexSettings, storeSettings } from './storage-settings.ts';

const paths = (description: string, reason?: string) =>
  z
    .array(textField({ description: 'File, folder or glob.' }))
    .max(1000)
    .meta(notes({ description, ...(reason === undefined ? {} : { reason }) }));

/** The file as people write it. */
export const settingsSchema = z.strictObject({
  kafka: kafkaSettings
    .optional()
    .meta(notes({ description: 'Where the lines come from. Without it: `files`, or standard input.' })),
  files: paths(
    'Files with access-log lines, one a line: files, folders or globs, from the folder of this file. Instead of `kafka`.',
  ).prefault([]),
  elasticsearch: elasticsearchSettings
    .optional()
    .meta(notes({ description: 'Where documents go. Without it: the embedded store.' })),
  store: storeSettings.prefault({}).meta(notes({ description: 'The embedded store.' })),
  slack: slackSettings.prefault({}).meta(notes({ description: 'Who is told. Without a token: the console.' })),
  rules: paths(
    'Files of alert rules: files, folders or globs, from the folder of this file. Files named `*.test.yaml` are tests of rules and are left out.',
    'beside this file.',
  ).prefault(['rules/*.yaml']),
  rules_reload: rulesReloadSettings
    .prefault({})
    .meta(notes({ description: 'How changes of the rules’ files come into force while they run.' })),
  http: httpSettings.prefault({}).meta(notes({ description: 'Where the program can be watched, and asked.' })),
  log: logSettings.prefault({}).meta(notes({ description: 'Structured log.' })),
  topics: topicSettings.prefault({}).meta(notes({ description: 'flagwatch’s own topics.' })),
  ...timeSettings,
  tick_interval: durationField(
    {
      description: 'How often the loops look at the wall clock: for idle partitions, flushes and snapshots.',
      reason: 'a fifth of the flush interval; each look is some microseconds.',
    },
    { atLeast: '10ms', atMost: '10s' },
  ).prefault('100ms'),
  collect: collectSettings.prefault({}).meta(notes({ description: 'The loop that reads lines and counts.' })),
  correlate: correlateSettings
    .prefault({})
    .meta(notes({ description: 'The loop that brings the lines of failed requests together.' })),
  detect: detectSettings.prefault({}).meta(notes({ description: 'The loop that closes windows, judges and alerts.' })),
  index: indexSettings.prefault({}).meta(notes({ description: 'The loop that writes documents.' })),
  notify: notifySettings.prefault({}).meta(notes({ description: 'The loop that tells people.' })),
  route: routeSettings.optional().meta(
    notes({
      description:
        'Who is told of which alerts, in Alertmanager’s words. Without it: `slack`, or the console; each alert its own message.',
    }),
  ),
  receivers: z
    .array(receiverSettings)
    .max(200)
    .prefault([])
    .meta(notes({ description: 'The places that routes name.' })),
  inhibit_rules: z
    .array(inhibitRuleSettings)
    .max(200)
    .prefault(defaultInhibitRules)
    .meta(
      notes({
        description:
          'Alerts that keep others from being told while they fire. What is written replaces the default; `[]`: none.',
        reason:
          'a service that gets no requests makes none: one message for the first that is silent, not one for each behind it.',
      }),
    ),
  time_intervals: z
    .array(timeIntervalSettings)
    .max(200)
    .prefault([])
    .meta(notes({ description: 'Times that routes are muted or active in.' })),
  masking: maskingSettings.prefault({}).meta(
    notes({
      description:
        'What is masked before it goes into documents (Elasticsearch or the embedded store) and messages. Kafka’s topics, dead letters among them, hold lines as they came: they are as trusted as the access log.',
    }),
  ),
  shutdown_timeout: durationField(
    {
      description: 'How long a stop may take: finish what is in hand, commit, close.',
      reason: 'Kubernetes kills after 30s.',
    },
    { atLeast: '1s', atMost: '10m' },
  ).prefault('20s'),
});

/** What a checked file holds, in the file’s own names, durations as `Duration`. */
export type SettingsFile = z.output<typeof settingsSchema>;

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;
type SettingName<Name, Value> = Name extends string
  ? NonNullable<Value> extends Duration
    ? `${CamelCase<Name>}Ms`
    : CamelCase<Name>
  : never;

/** The file’s values under code’s names: `flush_interval: 500ms` is `flushIntervalMs: 500`. */
type SettingsOf<Value> = Value extends Duration
  ? number
  : Value extends readonly (infer Item)[]
    ? readonly SettingsOf<Item>[]
    : string extends keyof Value
      ? Value
      : Value extends object
        ? { readonly [Name in keyof Value as SettingName<Name, Value[Name]>]: SettingsOf<Value[Name]> }
        : Value;

/** Everything that can be set, checked, with defaults. Milliseconds end in `Ms`, bytes in `Bytes`. */
export type Settings = SettingsOf<SettingsFile>;

/** Changes names and durations; values are what they were. */
export function toSettings(file: SettingsFile): Settings {
  return toCodeNames(file) as Settings;
}

/** Maps whose keys are people's own names, not settings. */
const namedMaps: readonly string[] = ['equal_across'];

function toCodeNames(value: unknown): unknown {
  if (value instanceof Duration) return value.ms;
  if (Array.isArray(value)) return value.map(toCodeNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (namedMaps.includes(name)) return [camel, inner];
      return [inner instanceof Duration ? `${camel}Ms` : camel, toCodeNames(inner)];
    }),
  );
}

/** The JSON Schema of the file, with the notes of each field. */
export const settingsJsonSchema = toJsonSchema(settingsSchema);

/** Which keys may stand where, and which values are secret. */
export const settingsGuide = createGuide(settingsJsonSchema);
