// Settings of where documents go: Elasticsearch or the embedded store, and the index loop that writes them.
import { z } from 'zod';
import { addressField, countField, durationField, notes, patternField, secretField, textField } from './fields.ts';

const auth = z
  .strictObject({
    apiKey: secretField({ description: 'API key, encoded. Instead of user name and password.' }).optional(),
    bearer: secretField({ description: 'Bearer token. Instead of user name and password.' }).optional(),
    username: textField({ description: 'User name.' }).optional(),
    password: secretField({ description: 'Password.' }).optional(),
  })
  .meta(notes({ description: 'Authentication, as @elastic/elasticsearch names it.' }));

const tls = z
  .strictObject({
    ca: textField({ description: 'Certificates to trust, PEM; without it those of the system.' }, 65_536).optional(),
    rejectUnauthorized: z
      .boolean()
      .prefault(true)
      .meta(
        notes({
          description: 'Whether a certificate that nobody vouches for ends the connection.',
          reason: 'without it anybody on the way can read and change the documents.',
        }),
      ),
  })
  .meta(notes({ description: 'TLS, as @elastic/elasticsearch names it. The scheme of `node` switches it on.' }));

const templates = {
  shards: countField(
    {
      description: 'Primary shards of a day’s index of lines.',
      unit: 'shards',
      reason: 'a shard takes some 50 GB; raise it where a day has more.',
    },
    { min: 1, max: 1000 },
  ).prefault(1),
  replicas: countField(
    { description: 'Copies of each shard.', unit: 'copies', reason: 'one node may be lost.' },
    { min: 0, max: 100 },
  ).prefault(1),
  refresh_interval: durationField(
    {
      description: 'How soon documents can be found.',
      reason: 'sooner than anybody looks a request up; each refresh costs.',
    },
    { atLeast: '100ms', atMost: '1h' },
  ).prefault('5s'),
  codec: z
    .enum(['default', 'best_compression'])
    .prefault('best_compression')
    .meta(
      notes({
        description: 'How indices are compressed.',
        reason: 'lines repeat themselves; takes some CPU for half the disk.',
      }),
    ),
};

/** `elasticsearch:`. Without it documents go to the embedded store. */
export const elasticsearchSettings = z.strictObject({
  node: addressField({
    description: 'Address, http:// or https://, without user and password.',
    examples: ['http://es:9200'],
  }),
  auth: auth.optional(),
  tls: tls.optional(),
  request_timeout: durationField(
    { description: 'How long a request may go unanswered.', reason: 'a bulk on a busy node can take ten seconds.' },
    { atLeast: '100ms', atMost: '10m' },
  ).prefault('30s'),
  compression: z
    .boolean()
    .prefault(false)
    .meta(
      notes({
        description: 'Whether requests are sent compressed.',
        reason: 'inside one network CPU is dearer than bytes.',
      }),
    ),
});

/** `index:`. */
export const indexSettings = z.strictObject({
  index_prefix: patternField(
    {
      description: 'Start of the names of indices: `flagwatch-lines-2026.08.01` and so on.',
      reason: 'says whose they are.',
    },
    /^[a-z0-9][a-z0-9._-]{0,99}$/,
    'small letters, digits, dots, hyphens and underscores, at most 100',
  ).prefault('flagwatch'),
  ...templates,
  keep_original: z
    .boolean()
    .prefault(false)
    .meta(
      notes({
        description: 'Whether documents carry their line as it came (`event.original`).',
        reason: 'every field of the line is in the document; with the line it is about twice the size.',
      }),
    ),
  bulk_bytes: countField(
    {
      description: 'Largest bulk request.',
      unit: 'bytes',
      reason: 'Elasticsearch’s own advice is 5 to 15 MB; larger gains nothing and costs memory on both sides.',
    },
    { min: 65_536, max: 99_000_000 },
  ).prefault(5_242_880),
  bulk_documents: countField(
    {
      description: 'Most documents in one bulk request.',
      unit: 'documents',
      reason: '5 MB of documents of 1 KB.',
    },
    { min: 1, max: 100_000 },
  ).prefault(5000),
  flush_interval: durationField(
    {
      description: 'A bulk that is not full is sent after this long.',
      reason: 'Elasticsearch refreshes once a second, so shorter shows nothing earlier.',
    },
    { atLeast: '10ms', atMost: '1m' },
  ).prefault('1s'),
  in_flight: countField(
    {
      description: 'Bulk requests on the way at once. More input waits in Kafka, not in memory.',
      unit: 'requests',
      reason: 'one is being written while the next is being sent.',
    },
    { min: 1, max: 64 },
  ).prefault(2),
  retry_initial: durationField(
    {
      description: 'Wait before documents that Elasticsearch was too busy for are sent again (they alone).',
      reason: 'a queue of writes drains in about this time.',
    },
    { atLeast: '10ms', atMost: '1m' },
  ).prefault('200ms'),
  retry_max: durationField(
    {
      description: 'Longest wait between attempts. Attempts go on: documents are late, never lost.',
      reason: 'an Elasticsearch that is back is noticed within this time.',
    },
    { atLeast: '100ms', atMost: '10m' },
  ).prefault('30s'),
  log_interval: durationField(
    {
      description: 'A store that takes no documents is logged at once and then this often.',
      reason: 'seen in the log at any time, without filling it.',
    },
    { atLeast: '1s', atMost: '1h' },
  ).prefault('30s'),
});

/** `store:`. */
export const storeSettings = z.strictObject({
  path: textField({
    description:
      'File of the embedded store (SQLite), from the folder of this file. Used where there is no Elasticsearch.',
    reason: 'stands where you look first.',
  }).prefault('flagwatch.db'),
});
