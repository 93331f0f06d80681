// Settings of who is told and where the program can be watched: Slack, the notify loop, HTTP and the log.
import { z } from 'zod';
import { messageLanguages } from '#core/notify/phrases.ts';
import {
  addressField,
  countField,
  durationField,
  hostAndPort,
  notes,
  patternField,
  secretField,
  textField,
  timeZoneField,
} from './fields.ts';

/** `slack:`. Without a token messages go to the console. */
export const slackSettings = z.strictObject({
  token: secretField({
    description:
      'Bot token (`xoxb-…`) with the rights `chat:write`, `channels:history` (to find its messages again) and, unless `channel` is an id, `channels:read`.',
  }).optional(),
  channel: textField(
    { description: 'Channel to post to: its id, or its name with #.', examples: ['#mesh-oncall'] },
    100,
  ).optional(),
  api_url: addressField({
    description: 'Address of Slack’s API.',
    reason: 'only proxies and tests point it elsewhere.',
  }).prefault('https://slack.com/api/'),
  request_timeout: durationField(
    { description: 'How long a call may go unanswered.', reason: 'Slack answers within a second or is in trouble.' },
    { atLeast: '100ms', atMost: '5m' },
  ).prefault('10s'),
});

/** `notify:`. */
export const notifySettings = z.strictObject({
  language: z
    .enum(messageLanguages)
    .prefault('both')
    .meta(
      notes({
        description: 'Language of messages: English, Korean, or both, one below the other.',
        reason: 'the shipped rules carry both.',
      }),
    ),
  time_zone: timeZoneField({
    description: 'Time zone of the times in messages.',
    reason: 'what logs and dashboards show.',
  }),
  request_url: addressField({
    description: 'Where a request can be looked up; `{request_id}` is replaced. Request ids in messages link there.',
    examples: ['https://kibana.example/app/discover#/?_a=(query:(query:%27{request_id}%27))'],
  })
    .refine((url) => url.includes('{request_id}'), {
      error: 'does not say where the request id goes',
      params: { remedy: 'put {request_id} into the address' },
    })
    .optional(),
  max_open_incidents: countField(
    {
      description:
        'Open incidents remembered for each partition. Beyond it the oldest is forgotten: its message does not show its end.',
      unit: 'incidents',
      reason: 'nobody reads as many; some 20 MB.',
    },
    { min: 1, max: 1_000_000 },
  ).prefault(10_000),
  retry_initial: durationField(
    {
      description: 'Wait before a message that failed is sent again.',
      reason: 'Slack allows one message a second and channel.',
    },
    { atLeast: '10ms', atMost: '1m' },
  ).prefault('1s'),
  retry_max: durationField(
    {
      description:
        'Longest wait between attempts (Slack may ask for longer). Attempts go on: a message is late, never lost.',
      reason: 'a Slack that is back is noticed within this time.',
    },
    { atLeast: '100ms', atMost: '10m' },
  ).prefault('1m'),
});

/** `http.peers:`. */
const peersSettings = z.strictObject({
  urls: z
    .array(addressField({ description: 'Address of one process.', examples: ['http://flagwatch-0:9464'] }))
    .max(1000)
    .meta(notes({ description: 'Addresses of the others, one by one. This process itself may be among them.' }))
    .prefault([]),
  dns: patternField(
    {
      description:
        'Name and port: every address that the name has is asked, over HTTP. In Kubernetes a headless Service, this process among its pods.',
      examples: ['flagwatch-peers:9464'],
    },
    hostAndPort,
    'host:port',
  ).optional(),
  timeout: durationField(
    {
      description:
        'How long one of them may take, the search for its name too. Who does not answer in time is left out.',
      reason: 'canary judges wait some seconds for the whole answer.',
    },
    { atLeast: '50ms', atMost: '30s' },
  ).prefault('2s'),
  max_count: countField(
    {
      description: 'So many are asked at most; the rest are left out, and the log says so.',
      unit: 'peers',
      reason: 'more processes of detect than most have partitions.',
    },
    { min: 1, max: 1000 },
  ).prefault(32),
  max_requests: countField(
    {
      description:
        'Requests to one of them under way at a time; more wait, within the timeout. Equal ones are asked once.',
      unit: 'requests',
      reason: 'one that hangs does not gather connections.',
    },
    { min: 1, max: 1000 },
  ).prefault(8),
  max_answer_bytes: countField(
    {
      description: 'The longest answer that is read.',
      unit: 'bytes',
      reason: 'a thousand rules with their texts, or some thousand alerts.',
    },
    { min: 65_536, max: 268_435_456 },
  ).prefault(8_388_608),
});

/** `http:`. */
export const httpSettings = z.strictObject({
  listen: patternField(
    {
      description:
        'Address for `/metrics`, `/healthz`, `/readyz` and the API below `/api/v1`: host:port. Port 0 takes a free one.',
      reason: 'this machine alone; in a cluster write `0.0.0.0:9464`.',
    },
    hostAndPort,
    'host:port',
  ).prefault('127.0.0.1:9464'),
  token: secretField({
    description:
      'What callers of the API show: `Authorization: Bearer …`, or as the password of Basic (Flagger cannot send headers, but takes `http://flagwatch:TOKEN@host`). Without it the API answers on the loopback address alone.',
  }).optional(),
  max_requests_per_second: countField(
    {
      description: 'Requests to the API that are answered each second, by all callers together; more get 429.',
      unit: 'requests',
      reason: 'canary judges ask every few seconds; the loops come first.',
    },
    { min: 1, max: 10_000 },
  ).prefault(50),
  peers: peersSettings.prefault({}).meta(
    notes({
      description:
        'The other processes that run detect: each knows its own partitions alone. What the API is asked for and this process does not hold, it asks of them, with the same token.',
    }),
  ),
});

/** `log:`. */
export const logSettings = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .prefault('info')
    .meta(
      notes({ description: 'The least that is logged, to standard error.', reason: 'the story without the details.' }),
    ),
});
