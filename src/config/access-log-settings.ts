// Settings of one access-log topic: its name, or an object that also pins how its lines are read. Part of kafka-settings.ts; the
// checks are called by settings-checks.ts, and app/ turns each entry into what decode and scan are given.
import { z } from 'zod';
import { compileTextFormat } from '#core/access-log/compile-text-format.ts';
import { maxFormatLength } from '#core/access-log/format-string.ts';
import type { LineReading } from '#core/access-log/line-reading.ts';
import { envelopeNames, lineFormats } from '#core/access-log/line-reading.ts';
import { notes, patternField, textField } from './fields.ts';
import type { PlacedFinding } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

const topicName = patternField(
  { description: 'Name of a topic.', examples: ['istio-access-logs'] },
  /^[A-Za-z0-9._-]{1,249}$/,
  'the name of a topic',
);

/** `access_log_topics[]`: a name, or `{ topic, format, envelope, text_format }`. */
export const accessLogTopic = z.union([
  topicName,
  z.strictObject({
    topic: topicName,
    format: z
      .enum(lineFormats)
      .prefault('auto')
      .meta(
        notes({
          description:
            'Form of the lines. `auto` tells by the line; pinned, every other line is dead-lettered as `other_format`.',
          reason: 'a line tells its form by its first character.',
        }),
      ),
    envelope: z
      .enum(envelopeNames)
      .prefault('auto')
      .meta(
        notes({
          description:
            'What the lines come in. `auto` tells by the value; `none` is bare lines, `cri` bare lines behind a container runtime’s prefix. Pinned, what comes otherwise is dead-lettered as `other_format`.',
          reason: 'each shipper’s envelope has keys of its own.',
        }),
      ),
    text_format: textField(
      {
        description:
          'Envoy’s format string of the mesh’s TEXT lines (`accessLogFormat`), in single quotes. Without it: Istio’s default, now and formerly, and Envoy’s.',
        examples: [
          '[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION%',
        ],
      },
      maxFormatLength,
    ).optional(),
  }),
]);

/** An entry as people write it, checked. */
export type AccessLogTopicEntry = z.output<typeof accessLogTopic>;

/** A topic and how its lines are read. */
export interface AccessLogTopic {
  readonly topic: string;
  readonly reading: LineReading;
}

/** An entry under code’s names, as `toSettings` hands it out. */
type EntrySettings =
  | string
  | (Pick<Exclude<AccessLogTopicEntry, string>, 'topic' | 'format' | 'envelope'> & {
      readonly textFormat?: string | undefined;
    });

/** The topics of a cluster; their format strings are compiled here, once. A string that `checkAccessLogTopics` finds bad throws. */
export function toAccessLogTopics(entries: readonly EntrySettings[]): readonly AccessLogTopic[] {
  return entries.map((entry): AccessLogTopic => {
    if (typeof entry === 'string')
      return { topic: entry, reading: { format: 'auto', envelope: 'auto', textFormat: null } };
    const { topic, format, envelope, textFormat: source } = entry;
    const compiled = source === undefined ? null : compileTextFormat(source);
    if (compiled?.kind === 'problem') throw new Error(`text_format of ${topic}: ${compiled.problem.message}`);
    return { topic, reading: { format, envelope, textFormat: compiled?.format ?? null } };
  });
}

/** Name of the topic of an entry. */
export function topicNameOf(entry: AccessLogTopicEntry): string {
  return typeof entry === 'string' ? entry : entry.topic;
}

/** What does not fit together in the entries at `path`. */
export function checkAccessLogTopics(
  entries: readonly AccessLogTopicEntry[],
  path: YamlPath,
): readonly PlacedFinding[] {
  return entries.flatMap((entry, index) => [
    ...checkTwice(entries, index, [...path, index]),
    ...(typeof entry === 'string' ? [] : checkEntry(entry, [...path, index])),
  ]);
}

function checkTwice(entries: readonly AccessLogTopicEntry[], index: number, path: YamlPath): readonly PlacedFinding[] {
  const names = entries.map(topicNameOf);
  const name = names[index] ?? '';
  const first = names.indexOf(name);
  if (first === index) return [];
  return [
    {
      path: [...path, 'topic'],
      otherPath: path,
      message: `access_log_topics[${index}] names ${name} again, as access_log_topics[${first}] does`,
      remedy: 'take one out: a topic is read once',
    },
  ];
}

function checkEntry(entry: Exclude<AccessLogTopicEntry, string>, path: YamlPath): readonly PlacedFinding[] {
  const { text_format: source, format } = entry;
  if (source === undefined) return [];
  const at = [...path, 'text_format'];
  const compiled = compileTextFormat(source);
  const unused: PlacedFinding = {
    path: at,
    message: 'text_format stands beside format: json, under which no TEXT line is read',
    remedy: 'take one of the two out',
  };
  if (compiled.kind === 'ok') return format === 'json' ? [unused] : [];
  const { column, message, remedy } = compiled.problem;
  // The rest of the string stands in the file only once, so the finding points into it.
  return [{ path: at, within: source.slice(column - 1), message: `text_format, column ${column}: ${message}`, remedy }];
}
