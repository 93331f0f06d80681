// Explicit mappings of the kinds of documents. Nothing is mapped because a line names it: `dynamic: false` keeps every other
// field in the source and out of the index, so outside text cannot grow the mapping.
import { responseFlags } from '#core/classify/response-flags.ts';

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Exact text. Longer values stay in the source and are not indexed: Lucene refuses terms over 32,766 bytes, and with them the
 * whole document.
 */
const keyword = (ignoreAbove = 1024): Mapping => ({ type: 'keyword', ignore_above: ignoreAbove });
const date: Mapping = { type: 'date' };
const millis: Mapping = { type: 'date', format: 'epoch_millis' };
const long: Mapping = { type: 'long' };
const double: Mapping = { type: 'double' };
const object = (properties: Mapping): Mapping => ({ properties });
const keywords = (...names: readonly string[]): Mapping => Object.fromEntries(names.map((name) => [name, keyword()]));

const end = object(keywords('service', 'namespace', 'version', 'version_from', 'deploy_id', 'service_from'));
const flagwatch = {
  ...keywords('reporter', 'data_center', 'flags', 'fault', 'party', 'confidence'),
  source: end,
  destination: end,
};
const event = {
  ...keywords('kind', 'category', 'type', 'dataset', 'outcome', 'action'),
  duration: long,
  start: date,
  end: date,
  ingested: date,
};
const common = {
  '@timestamp': date,
  ecs: object({ version: keyword() }),
  event: object(event),
  deployment: object({ id: keyword() }),
  labels: object({ deploy_id: keyword() }),
};
const address = object({ ...keywords('address'), ip: { type: 'ip' }, port: long, bytes: long });

/** Fields of a line's document: ECS, `envoy`, `flagwatch`. */
export const lineProperties: Mapping = {
  ...common,
  // As ECS has it: kept, shown, never searched.
  event: object({ ...event, original: { type: 'keyword', index: false, doc_values: false } }),
  http: object({
    version: keyword(),
    request: object({ ...keywords('id', 'method'), body: object({ bytes: long }) }),
    response: object({ status_code: long, body: object({ bytes: long }) }),
  }),
  // Paths are long where people put data into them: what fits Lucene in any script (three bytes a character) is indexed.
  url: object({ original: keyword(8191), path: keyword(8191), domain: keyword() }),
  source: address,
  destination: address,
  user_agent: object({ original: keyword() }),
  trace: object({ id: keyword() }),
  host: object({ name: keyword() }),
  tls: object({ client: object({ server_name: keyword() }) }),
  service: object({ ...keywords('name', 'version'), node: object({ name: keyword() }) }),
  flagwatch: object(flagwatch),
  envoy: object({
    ...keywords('response_code_details', 'connection_termination_details', 'upstream_transport_failure_reason'),
    ...keywords('upstream_cluster', 'upstream_host', 'upstream_local_address', 'downstream_local_address'),
    ...keywords('downstream_remote_address', 'route_name', 'x_forwarded_for'),
    upstream_service_time_ms: long,
    attempt_count: long,
    grpc_status: keyword(),
  }),
};

/** Fields of a failed request's document. Hops are plain objects: to filter by any of them is enough, and search reads them whole. */
export const requestProperties: Mapping = {
  ...common,
  message: { type: 'text' },
  http: object({ request: object({ id: keyword() }), response: object({ status_code: long }) }),
  trace: object({ id: keyword() }),
  client: object({ address: keyword() }),
  service: object(keywords('name', 'version')),
  flagwatch: object({
    ...flagwatch,
    evidence: keyword(),
    revision: long,
    counted_at: date,
    root: object({ fault: keyword(), source: end, destination: end }),
    why: object({ en: { type: 'text' }, ko: { type: 'text' } }),
    hops: object({
      ...keywords('reporter', 'flags', 'details', 'pod'),
      source: end,
      destination: end,
      code: long,
      started_at: date,
      duration_ms: long,
      depth: long,
      root: { type: 'boolean' },
    }),
  }),
};

/** Fields of a window's document. `flagwatch.count` has a field for each flag of the catalogue; unknown ones are in `flag_counts`. */
export const windowProperties: Mapping = {
  ...common,
  flagwatch: object({
    ...flagwatch,
    request_count: long,
    failed_count: long,
    is_complete: { type: 'boolean' },
    is_late: { type: 'boolean' },
    duration_ms: object({ p50: long, p95: long, p99: long }),
    count: object(Object.fromEntries(responseFlags.map(({ shortName }) => [shortName, long]))),
    flag_counts: {
      type: 'nested',
      dynamic: false,
      properties: { flag: keyword(), count: long, request_ids: keyword() },
    },
  }),
};

/** Fields of a block of windows: by service and time. What is in it is only read back. */
export const windowBlockProperties: Mapping = {
  '@timestamp': date,
  ecs: object({ version: keyword() }),
  event: object({ kind: keyword(), dataset: keyword(), end: date, ingested: date }),
  flagwatch: object({ destination: object({ service: keyword() }), block: { type: 'object', enabled: false } }),
};

const verdict = object({
  ...keywords('kind', 'unit'),
  window_start: millis,
  window_end: millis,
  value: double,
  request_count: long,
  baseline: double,
  scale: double,
  z: double,
  reason: { type: 'text' },
  comparison: object({
    ...keywords('verdict', 'new_version', 'new_deploy_id', 'old_version'),
    new_count: long,
    new_request_count: long,
    old_count: long,
    old_request_count: long,
    certainty: double,
  }),
});

/** Fields of an alert's document. The rule's own labels may have any name: `flattened` maps them as one field. */
export const alertProperties: Mapping = {
  ...common,
  message: { type: 'text' },
  rule: object({ name: keyword() }),
  flagwatch: object({
    ...flagwatch,
    alert: object({
      ...keywords('fingerprint', 'status', 'severity', 'request_ids'),
      shadow: { type: 'boolean' },
      labels: { type: 'flattened', ignore_above: 1024 },
      annotations: { type: 'object', enabled: false },
      verdict,
      peak: verdict,
      total_count: double,
      total_request_count: long,
    }),
  }),
};
