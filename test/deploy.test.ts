// The files of deploy/ have the form that their readers expect, and the access-log format is the one that the decoder reads.
// No Istio, no shipper runs here; deploy/README.md says what was run, and with what.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { decodeLine } from '#core/access-log/decode-line.ts';

const deploy = join(import.meta.dirname, '..', 'deploy');
const read = (path: string) => readFileSync(join(deploy, path), 'utf8');
const paths = readdirSync(deploy, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(deploy.length + 1));
const yamlPaths = paths.filter((path) => /\.ya?ml$/.test(path));

function yamlDocuments(path: string): readonly unknown[] {
  return parseAllDocuments(read(path)).map((document) => {
    expect(document.errors).toEqual([]);
    expect(document.warnings).toEqual([]);
    return document.toJS() as unknown;
  });
}

/** The value at a path of keys and indexes, or `undefined`. */
function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((found, key) => (found as Record<string | number, unknown> | undefined)?.[key], value);
}

describe('deploy', () => {
  it.each(yamlPaths)('%s is YAML with something in it', (path) => {
    const documents = yamlDocuments(path);
    expect(documents.length).toBeGreaterThan(0);
    for (const document of documents) expect(document).toBeTypeOf('object');
  });

  it.each(paths)('%s names nothing of one machine', (path) => {
    expect(read(path)).not.toMatch(/\/work\/|\/tmp\/|\/home\/|\/root\//);
  });

  it('is listed in its README, file by file, and nothing else is', () => {
    const listed = [
      ...read('README.md').matchAll(/`((?:istio|shippers|flagwatch|canary)\/[^`]+\.(?:ya?ml|conf))`/g),
    ].map(([, path]) => path);
    expect([...new Set(listed)].sort()).toEqual(paths.filter((path) => path !== 'README.md').sort());
  });
});

const recordings = readFileSync(join(deploy, '..', 'recordings/bad-deploy.jsonl'), 'utf8');
const firstExchange = JSON.parse(recordings.slice(0, recordings.indexOf('\n'))) as { lines: string[] };
const recordedLine = JSON.parse(firstExchange.lines[0] ?? '') as Record<string, unknown>;
const extendedKeys = Object.keys(recordedLine).filter((key) => !key.endsWith('_cel'));

/** What each file leaves out, because its proxies would refuse their configuration over an operator that they do not know. */
const formats = [
  {
    path: 'istio/access-log-1.20-to-1.23.yaml',
    without: ['destination_principal', 'hosts_attempted', 'downstream_close', 'upstream_close'],
    minor: 20,
  },
  {
    path: 'istio/access-log-1.24-to-1.29.yaml',
    without: ['hosts_attempted', 'downstream_close', 'upstream_close'],
    minor: 24,
  },
  { path: 'istio/access-log-1.30.yaml', without: [] as string[], minor: 30 },
].map((format) => {
  const [mesh, telemetry] = yamlDocuments(format.path);
  const provider = at(mesh, 'spec', 'meshConfig', 'extensionProviders', 0);
  const labels = at(provider, 'envoyFileAccessLog', 'logFormat', 'labels') as Record<string, string>;
  return { ...format, mesh, telemetry, provider, labels };
});

describe.each(formats)('$path', ({ path, without, minor, mesh, telemetry, provider, labels }) => {
  it('has the keys of the extended format', () => {
    expect(extendedKeys).toHaveLength(47);
    expect(Object.keys(labels).sort()).toEqual(extendedKeys.filter((key) => !without.includes(key)).sort());
  });

  it('makes each value of operators that are well formed and, but for the peer, one', () => {
    for (const [key, value] of Object.entries(labels)) {
      const operators = value.split(/(?<=%);(?=%)/);
      expect(operators).toHaveLength(key === 'downstream_peer' ? 6 : 1);
      for (const operator of operators) expect(operator, key).toMatch(/^%[A-Z_]+(?:\([^()%]+\))?%$/);
    }
  });

  it('uses no operator that its proxies do not have', () => {
    const text = Object.values(labels).join(' ');
    if (minor < 30) expect(text).not.toMatch(/UPSTREAM_HOSTS_ATTEMPTED|DETECTED_CLOSE_TYPE/);
    if (minor < 24) expect(text).not.toMatch(/UPSTREAM_CLUSTER_RAW|UPSTREAM_PEER_URI_SAN|TYPED_CEL/);
    expect(text).toMatch(minor < 24 ? /wasm\.downstream_peer/ : /filter_state\.downstream_peer/);
    expect(text.includes('wasm.')).toBe(minor < 24);
  });

  it('writes the caller in the form that the decoder reads', () => {
    const samples = [
      [/workload/, 'checkout-v2'],
      [/namespace/, 'shop'],
      [/canonical-name|\.service\)/, 'checkout'],
      [/canonical-revision|\.revision\)/, 'v2'],
      [/cluster/, 'Kubernetes'],
      [/deploy-id/, 'd-1057'],
    ] as const;
    const written = (labels['downstream_peer'] ?? '').replace(/%[^%]+%/g, (operator) => {
      const values = samples.flatMap(([pattern, value]) => (pattern.test(operator) ? [value] : []));
      expect(values).toHaveLength(1);
      return values[0] ?? '';
    });
    expect(decodePeer(written)).toEqual({
      workload: 'checkout-v2',
      namespace: 'shop',
      service: 'checkout',
      version: 'v2',
      deployId: 'd-1057',
    });
    // What Envoy writes for each operator without a value.
    const unknown = { workload: null, namespace: null, service: null, version: null, deployId: null };
    expect(decodePeer(written.replace(/[^;]+/g, '-'))).toEqual(unknown);
  });

  it('logs everything, once, on both sides', () => {
    expect(at(mesh, 'kind')).toBe('IstioOperator');
    expect(at(mesh, 'spec', 'meshConfig', 'accessLogFile')).toBe('');
    expect(at(provider, 'envoyFileAccessLog', 'path')).toBe('/dev/stdout');
    expect(at(telemetry, 'kind')).toBe('Telemetry');
    expect(at(telemetry, 'apiVersion')).toBe(minor < 24 ? 'telemetry.istio.io/v1alpha1' : 'telemetry.istio.io/v1');
    expect(at(telemetry, 'spec', 'accessLogging')).toEqual([{ providers: [{ name: at(provider, 'name') }] }]);
    expect(read(path)).toContain('There is no filter here, on purpose');
  });

  it('lets the label deploy-id travel where Istio can', () => {
    const additional = at(mesh, 'spec', 'values', 'pilot', 'env', 'PILOT_MX_ADDITIONAL_LABELS');
    expect(additional).toBe(minor < 24 ? undefined : 'deploy-id');
  });
});

function decodePeer(text: string) {
  const line = JSON.stringify({ ...recordedLine, listener_direction: '1', downstream_peer: text });
  const outcome = decodeLine(new TextEncoder().encode(line));
  if (outcome.kind !== 'ok') throw new Error(`not read: ${JSON.stringify(outcome)}`);
  expect(outcome.value.listenerDirection).toBe('inbound');
  return outcome.value.downstreamPeer;
}

it('istio/deploy-id.yaml has the label on the pods, and not in the selector', () => {
  const [deployment] = yamlDocuments('istio/deploy-id.yaml');
  const labels = at(deployment, 'spec', 'template', 'metadata', 'labels') as Record<string, string>;
  expect(Object.keys(labels)).toEqual(['app', 'version', 'deploy-id']);
  expect(Object.keys(at(deployment, 'spec', 'selector', 'matchLabels') as object)).toEqual(['app', 'version']);
});

const topic = 'istio-access-logs';

describe('shippers', () => {
  it('Filebeat: the proxy alone, with metadata, keyed by pod', () => {
    const [settings] = yamlDocuments('shippers/filebeat.yml');
    const input = at(settings, 'filebeat.inputs', 0);
    expect(at(input, 'paths')).toEqual(['/var/log/containers/*_istio-proxy-*.log']);
    expect(at(input, 'processors', 0, 'add_kubernetes_metadata', 'matchers', 0, 'logs_path')).toBeTypeOf('object');
    expect(at(settings, 'output.kafka')).toMatchObject({
      topic,
      key: '%{[kubernetes.namespace]}/%{[kubernetes.pod.name]}',
      required_acks: -1,
    });
  });

  it('Vector: the proxy alone, with metadata, keyed by pod', () => {
    const [settings] = yamlDocuments('shippers/vector.yaml');
    expect(at(settings, 'sources', 'istio_proxy')).toMatchObject({
      type: 'kubernetes_logs',
      include_paths_glob_patterns: ['**/istio-proxy/*.log'],
    });
    expect(at(settings, 'sinks', 'kafka')).toMatchObject({
      type: 'kafka',
      inputs: ['istio_proxy'],
      topic,
      key_field: '.kubernetes.pod_name',
      encoding: { codec: 'json', only_fields: ['message', 'kubernetes'] },
    });
  });

  it('OpenTelemetry Collector: the proxy alone, with metadata, keyed by pod, some lines in each Kafka record', () => {
    const [settings] = yamlDocuments('shippers/otel-collector.yaml');
    expect(at(settings, 'receivers', 'filelog', 'include')).toEqual(['/var/log/pods/*/istio-proxy/*.log']);
    const labels = at(settings, 'processors', 'k8sattributes', 'extract', 'labels') as {
      key: string;
      tag_name: string;
    }[];
    expect(labels.map(({ key }) => key)).toEqual(expect.arrayContaining(['app', 'version', 'deploy-id']));
    for (const { key, tag_name: name } of labels) expect(name).toBe(`k8s.pod.labels.${key}`);
    expect(at(settings, 'processors', 'batch')).toMatchObject({ send_batch_size: 100, send_batch_max_size: 200 });
    const kafka = at(settings, 'exporters', 'kafka');
    expect(kafka).toMatchObject({
      partition_logs_by_resource_attributes: true,
      logs: { topic, encoding: 'otlp_json' },
    });
    const pipeline = at(settings, 'service', 'pipelines', 'logs') as Record<string, string[]>;
    for (const [kind, names] of Object.entries(pipeline)) {
      for (const name of names) expect(at(settings, kind, name)).toBeTypeOf('object');
    }
  });

  it('Fluent Bit: the proxy alone, with metadata, keyed by pod', () => {
    const sections = readIni(read('shippers/fluent-bit.conf'));
    expect(sections.map(({ name }) => name)).toEqual(['SERVICE', 'INPUT', 'FILTER', 'FILTER', 'OUTPUT']);
    const [, input, kubernetes, lua, output] = sections.map(({ entries }) => entries);
    expect(input?.get('path')).toBe('/var/log/containers/*_istio-proxy-*.log');
    expect(kubernetes?.get('name')).toBe('kubernetes');
    expect(kubernetes?.get('merge_log')).toBe('Off');
    expect(kubernetes?.get('labels')).toBe('On');
    expect(lua?.get('code')).toContain(`function ${lua?.get('call')}(`);
    expect(output?.get('topics')).toBe(topic);
    expect(lua?.get('code')).toContain(`record["${output?.get('message_key_field')}"] =`);
    for (const part of [kubernetes, lua, output]) expect(part?.get('match')).toBe('kube.*');
  });
});

/** Fluent Bit's classic form: `[SECTION]`, entries indented by four blanks, comments on lines of their own. */
function readIni(text: string): { name: string; entries: Map<string, string> }[] {
  const sections: { name: string; entries: Map<string, string> }[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const name = /^\[([A-Z]+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      sections.push({ name, entries: new Map() });
      continue;
    }
    const [, key = '', value = ''] = /^ {4}(\S+)\s+(\S.*)$/.exec(line) ?? [];
    expect(key, line).not.toBe('');
    const entries = sections.at(-1)?.entries;
    expect(entries?.has(key.toLowerCase()), line).toBe(false);
    entries?.set(key.toLowerCase(), value);
  }
  return sections;
}
