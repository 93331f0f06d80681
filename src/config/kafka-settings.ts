// Settings of Kafka: where the lines come from, and how the loops share the work.
import { z } from 'zod';
import { accessLogTopic } from './access-log-settings.ts';
import { countField, durationField, hostAndPort, notes, patternField, secretField, textField } from './fields.ts';

const tls = z
  .strictObject({
    ca: textField({ description: 'Certificates to trust, PEM; without it those of the system.' }, 65_536).optional(),
    cert: textField({ description: 'Certificate of this client, PEM.' }, 65_536).optional(),
    key: secretField({ description: 'Private key of this client, PEM.' }).optional(),
    passphrase: secretField({ description: 'Passphrase of the private key.' }).optional(),
    servername: textField({ description: 'Name to expect in the broker’s certificate.' }).optional(),
    rejectUnauthorized: z
      .boolean()
      .prefault(true)
      .meta(
        notes({
          description: 'Whether a certificate that nobody vouches for ends the connection.',
          reason: 'without it anybody on the way can read and change the lines.',
        }),
      ),
  })
  .meta(notes({ description: 'TLS, as kafkajs names it. `tls: {}` is TLS with the system’s certificates.' }));

const sasl = z
  .strictObject({
    mechanism: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .meta(notes({ description: 'How the brokers check the password.' })),
    username: textField({ description: 'User name.' }),
    password: secretField({ description: 'Password.' }),
  })
  .meta(notes({ description: 'Authentication, as kafkajs names it.' }));

const cluster = z.strictObject({
  name: patternField(
    {
      description:
        'Name of the data centre: the label `data_center`, and part of every id that is derived from a record. Small letters, digits, hyphens; at most 32. Never change it: documents would be written twice.',
      examples: ['dc1'],
    },
    /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/,
    'small letters, digits and hyphens, at most 32',
  ),
  brokers: z
    .array(patternField({ description: 'host:port' }, hostAndPort, 'host:port'))
    .min(1)
    .max(100)
    .meta(notes({ description: 'Brokers to ask first, host:port.', examples: [['kafka-1:9092']] })),
  access_log_topics: z
    .array(accessLogTopic)
    .min(1)
    .max(100)
    .meta(
      notes({
        description:
          'Topics that hold the proxies’ access-log lines: names, or objects that also pin how the lines of a topic are read.',
        examples: [['istio-access-logs', { topic: 'legacy-text', format: 'text' }]],
      }),
    ),
  tls: tls.optional(),
  sasl: sasl.optional(),
});

/** `kafka:`. Without it the source is `files` or standard input. */
export const kafkaSettings = z.strictObject({
  clusters: z
    .array(cluster)
    .min(1)
    .max(8)
    .meta(notes({ description: 'One cluster, or one for each data centre; each gets a chain of loops of its own.' })),
  client_id: textField(
    { description: 'Name under which the brokers’ logs and quotas know this program.', reason: 'says what it is.' },
    100,
  ).prefault('flagwatch'),
  group_prefix: textField(
    {
      description: 'Start of the names of the consumer groups and transactional ids: `flagwatch.collect` and so on.',
      reason: 'two installations on one cluster need two prefixes.',
    },
    100,
  ).prefault('flagwatch'),
  session_timeout: durationField(
    {
      description: 'How long a silent process keeps its partitions.',
      reason: 'a killed process delays alerts by this long; 6s is the least that brokers allow by default.',
    },
    { atLeast: '1s', atMost: '30m' },
  ).prefault('6s'),
  heartbeat_interval: durationField(
    {
      description: 'How often a process says that it lives, and learns that partitions are shared out anew.',
      reason: 'five may be lost within a session timeout.',
    },
    { atLeast: '100ms', atMost: '10m' },
  ).prefault('1s'),
  rebalance_timeout: durationField(
    {
      description: 'How long the others wait for a process when partitions are shared out anew.',
      reason: 'a batch in hand and its commit are done long before.',
    },
    { atLeast: '1s', atMost: '30m' },
  ).prefault('20s'),
  connection_timeout: durationField(
    { description: 'How long a connection may take to open.', reason: 'two lost packets.' },
    { atLeast: '100ms', atMost: '5m' },
  ).prefault('3s'),
  request_timeout: durationField(
    {
      description: 'How long a request may go unanswered.',
      reason:
        'a broker that is being replaced answers within seconds; longer, and a stuck commit holds up the readers.',
    },
    { atLeast: '1s', atMost: '10m' },
  ).prefault('15s'),
  transaction_timeout: durationField(
    {
      description: 'After how long the brokers abort a hand-over whose process died.',
      reason:
        'readers wait behind an open transaction, so a kill delays alerts by up to this long unless a new owner ends it first.',
    },
    { atLeast: '1s', atMost: '15m' },
  ).prefault('20s'),
  fetch_max_wait: durationField(
    {
      description: 'How long a broker may hold a fetch back that has nothing to bring.',
      reason: 'it answers as soon as a line is there, so this costs no delay; shorter costs requests.',
    },
    { atLeast: '1ms', atMost: '30s' },
  ).prefault('500ms'),
  fetch_max_bytes: countField(
    {
      description: 'Most that one loop holds of what it fetched, all partitions together.',
      unit: 'bytes',
      reason: 'sixteen partitions at full speed; more partitions take turns.',
    },
    { min: 65_536, max: 1_073_741_824 },
  ).prefault(67_108_864),
  fetch_max_bytes_per_partition: countField(
    {
      description: 'Most that one fetch brings of one partition.',
      unit: 'bytes',
      reason: '4,000 lines of 1 KB: the pause between two batches disappears, and nothing else waits long.',
    },
    { min: 65_536, max: 268_435_456 },
  ).prefault(4_194_304),
  retry_initial: durationField(
    {
      description: 'Wait before the first new attempt after a failed call.',
      reason: 'a lost connection is back at once.',
    },
    { atLeast: '10ms', atMost: '1m' },
  ).prefault('200ms'),
  retry_max: durationField(
    {
      description: 'Longest wait between attempts. Attempts go on: a Kafka that is away is waited for.',
      reason: 'a Kafka that is back is noticed within this time.',
    },
    { atLeast: '100ms', atMost: '10m' },
  ).prefault('10s'),
});

/** `topics:`. flagwatch’s own topics, which `flagwatch setup` creates. */
export const topicSettings = z.strictObject({
  prefix: patternField(
    {
      description: 'Start of the names of flagwatch’s own topics: `flagwatch.alerts` and so on.',
      reason: 'two installations on one cluster need two prefixes.',
    },
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'letters, digits, dots, hyphens and underscores, at most 100',
  ).prefault('flagwatch'),
  partitions: countField(
    {
      description: 'Partitions of each topic: as many processes can share a loop. Never change it on existing topics.',
      unit: 'partitions',
      reason: 'divides evenly among 1, 2, 3, 4, 6 and 12 processes.',
    },
    { min: 1, max: 1000 },
  ).prefault(12),
  replication_factor: countField(
    {
      description: 'Copies of each partition; -1 takes the brokers’ default.',
      unit: 'copies',
      reason: 'who runs the brokers has chosen it with care.',
    },
    { min: -1, max: 10 },
  ).prefault(-1),
});
