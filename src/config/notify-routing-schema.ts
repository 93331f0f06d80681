// Settings of who is told of which alerts, in Alertmanager's words and shapes: route, receivers, inhibit_rules, time_intervals.

import { z } from 'zod';
import { defaultGroupBy } from '#core/notify/routing.ts';
import { addressField, durationField, notes, secretField, textField, timeZoneField } from './fields.ts';
import { parseDaysOfMonth, parseMonths, parseTimeOfDay, parseWeekdays, parseYears } from './time-interval-text.ts';

const matcherList = (description: string) =>
  z
    .array(textField({ description: 'label, operator, value' }))
    .max(50)
    .prefault([])
    .meta(notes({ description, examples: [['severity = "critical"', 'alertname =~ "Upstream.*"']] }));

const names = (description: string) =>
  z
    .array(textField({ description: 'name' }, 200))
    .max(50)
    .prefault([])
    .meta(notes({ description }));

/** A duration that may be nothing at all. */
const waitLimits = { atLeast: '0', atMost: '1d' };

/** The keys of one route. Below the top a key that is missing is the parent's, but for matchers, `continue` and the intervals. */
function routeKeys(isTop: boolean) {
  const inherited = isTop ? '' : ' Without it: as above.';
  return {
    receiver: textField({ description: `Name of the receiver.${inherited}` }, 200),
    matchers: matcherList(
      isTop
        ? 'Not at the top: this route takes everything.'
        : 'All of them must accept an alert’s labels, `alertname` among them; a label that is missing is the empty text.',
    ),
    continue: z
      .boolean()
      .prefault(false)
      .meta(
        notes({ description: 'Whether the routes behind this one are asked as well.', reason: 'as in Alertmanager.' }),
      ),
    group_by: z
      .array(textField({ description: 'label' }, 200))
      .max(50)
      .meta(
        notes({
          ...(isTop
            ? {
                default: defaultGroupBy,
                reason: 'an outage shows in several rules: one message for each service that is called.',
              }
            : {}),
          description: `Alerts that are alike in these labels are one incident: one message that lists them. \`[...]\` takes all labels; \`[]\` puts everything into one.${inherited}`,
          examples: [['alertname', 'destination_service']],
        }),
      ),
    group_wait: durationField(
      {
        ...(isTop ? { default: '0s', reason: 'seconds count; a message is edited when more comes.' } : {}),
        description: `How long an incident waits for more alerts before it is told.${inherited}`,
      },
      waitLimits,
    ),
    group_interval: durationField(
      {
        ...(isTop ? { default: '0s', reason: 'editing a message calls nobody. For webhooks a minute is kinder.' } : {}),
        description: `How long changes of an incident wait after the last one that was told.${inherited}`,
      },
      waitLimits,
    ),
    repeat_interval: durationField(
      {
        ...(isTop ? { default: '4h', reason: 'as in Alertmanager.' } : {}),
        description: `How often a firing incident is called to mind: below its message, or by sending it again to webhooks. 0s: never.${inherited}`,
      },
      { atLeast: '0', atMost: '30d' },
    ),
    mute_time_intervals: names(
      'Time intervals in which nothing new is told here. Not at the top; not for the routes below.',
    ),
    active_time_intervals: names('Time intervals outside of which nothing new is told here. Not at the top.'),
  };
}

const { receiver, group_by, group_wait, group_interval, repeat_interval, ...own } = routeKeys(false);
const nested = {
  receiver: receiver.optional(),
  group_by: group_by.optional(),
  group_wait: group_wait.optional(),
  group_interval: group_interval.optional(),
  repeat_interval: repeat_interval.optional(),
  ...own,
};
const below = <Route extends z.ZodType>(route: Route, description: string) =>
  z.array(route).max(500).prefault([]).meta(notes({ description }));
const deepest = z.strictObject(nested);
const third = z.strictObject({ ...nested, routes: below(deepest, 'Routes below it: the last level.') });
const second = z.strictObject({ ...nested, routes: below(third, 'Routes below it.') });
const top = routeKeys(true);

/** `route:`. Without it everything goes to Slack, or the console. */
export const routeSettings = z.strictObject({
  ...top,
  group_by: top.group_by.optional(),
  group_wait: top.group_wait.optional(),
  group_interval: top.group_interval.optional(),
  repeat_interval: top.repeat_interval.optional(),
  routes: below(
    second,
    'Routes below it: the first that accepts an alert takes it, and each route with `continue` before it.',
  ),
});

const slackConfig = z.strictObject({
  channel: textField({ description: 'Channel: its id, or its name with #.', examples: ['#payments-oncall'] }, 100),
});

const webhookConfig = z.strictObject({
  url: addressField({
    description:
      'Where each change is sent to, as Alertmanager’s webhook sends it. Take it from the environment where it holds a token.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people are to write
    examples: ['${ONCALL_WEBHOOK}'],
  }),
  bearer_token: secretField({ description: 'Sent as `Authorization: Bearer …`.' }).optional(),
  timeout: durationField(
    { description: 'How long a request may go unanswered.', reason: 'a receiver that takes longer should queue.' },
    { atLeast: '100ms', atMost: '1m' },
  ).prefault('10s'),
});

/** `receivers:`. */
export const receiverSettings = z.strictObject({
  name: textField({ description: 'Name that routes call it by.' }, 200),
  slack_configs: z
    .array(slackConfig)
    .max(20)
    .prefault([])
    .meta(notes({ description: 'Slack channels, with the token of `slack`.' })),
  webhook_configs: z
    .array(webhookConfig)
    .max(20)
    .prefault([])
    .meta(notes({ description: 'Webhooks.' })),
  console: z
    .boolean()
    .prefault(false)
    .meta(notes({ description: 'Whether messages go to standard output.', reason: 'logs are no place for messages.' })),
});

/** `inhibit_rules:`. */
export const inhibitRuleSettings = z.strictObject({
  source_matchers: matcherList('Alerts that, while they fire, say what the others would say.'),
  target_matchers: matcherList('Alerts that are not told meanwhile.'),
  equal: names('Labels that both must have alike; missing in both is alike.'),
  equal_across: z
    .record(z.string().min(1).max(200), textField({ description: 'label of the target' }, 200))
    .prefault({})
    .meta(
      notes({
        description:
          'A label of the source, and the label of the target that must have its value: `{ destination_service: source_service }` is what the service that the source is about does to others. Missing and `unknown` are alike to nothing. Of alerts that would so inhibit each other in a circle, the one that began first is told.',
        examples: [{ destination_service: 'source_service', destination_namespace: 'source_namespace' }],
      }),
    ),
  wait: durationField(
    {
      description: 'How long a target that begins waits for its source: alerts of one moment come in any order.',
      reason: 'seconds count.',
    },
    { atLeast: '0', atMost: '10m' },
  ).prefault('0s'),
  keep_inhibiting_for: durationField(
    {
      description: 'How long a target is still held when its source is over: what follows from it ends later.',
      reason: 'as in Alertmanager.',
    },
    { atLeast: '0', atMost: '1d' },
  ).prefault('0s'),
});

const acrossCall = { destination_service: 'source_service', destination_namespace: 'source_namespace' };

/** What `inhibit_rules` is where nobody writes it: for the alerts of the shipped rules, and without effect for others. */
export const defaultInhibitRules: z.input<typeof inhibitRuleSettings>[] = [
  {
    source_matchers: ['alertname =~ "TrafficGone|OutsideTrafficGone"'],
    target_matchers: ['alertname = CallsGone'],
    equal_across: acrossCall,
    wait: '5s',
    keep_inhibiting_for: '2m',
  },
  {
    source_matchers: ['alertname = CallsGone'],
    target_matchers: ['alertname = TrafficGone'],
    equal: ['destination_service', 'destination_namespace'],
    wait: '30s',
    keep_inhibiting_for: '2m',
  },
];

const written = (parse: (text: string) => unknown, remedy: string, description: string) =>
  z
    .array(
      z
        .union([z.string(), z.int()])
        .transform(String)
        .refine((text) => parse(text) !== null, { error: 'has not the right form', params: { remedy } }),
    )
    .max(50)
    .prefault([])
    .meta(notes({ description }));

const timeOfDay = (description: string) =>
  z
    .string()
    .refine((text) => parseTimeOfDay(text) !== null, {
      error: 'is no time of day',
      params: { remedy: 'write HH:MM, in quotes' },
    })
    .meta(notes({ description, examples: ['09:00'] }));

const timeInterval = z.strictObject({
  times: z
    .array(
      z
        .strictObject({
          start_time: timeOfDay('From this time on.'),
          end_time: timeOfDay('Up to this time; `24:00` is midnight.'),
        })
        .refine(({ start_time, end_time }) => (parseTimeOfDay(start_time) ?? 0) < (parseTimeOfDay(end_time) ?? 1), {
          error: 'ends before it begins',
          params: { remedy: 'write two: one up to 24:00, one from 00:00' },
        }),
    )
    .max(50)
    .prefault([])
    .meta(notes({ description: 'Times of day.' })),
  weekdays: written(
    parseWeekdays,
    'write a day or a span: monday, monday:friday',
    'Days of the week: `monday:friday`.',
  ),
  days_of_month: written(
    parseDaysOfMonth,
    'write a day or a span: 1, 1:5, -3:-1',
    'Days of the month: `1:5`; -1 is the last.',
  ),
  months: written(parseMonths, 'write a month or a span: january, 1:3', 'Months: `january:march`, or numbers.'),
  years: written(parseYears, 'write a year or a span: 2026, 2026:2027', 'Years.'),
  location: timeZoneField({
    description: 'Time zone whose clock is meant.',
    reason: 'as in Alertmanager.',
  }),
});

/** `time_intervals:`. */
export const timeIntervalSettings = z.strictObject({
  name: textField({ description: 'Name that routes call it by.' }, 200),
  time_intervals: z
    .array(timeInterval)
    .min(1)
    .max(50)
    .meta(notes({ description: 'It holds while one of these does.' })),
});
