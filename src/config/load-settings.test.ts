// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts with ${NAME} are what is tested
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutateText } from '../../test/support/mutated-texts.ts';
import { defaultSettings, loadSettings } from './load-settings.ts';
import { configurationExample } from './reference-texts.ts';
import type { Settings } from './settings.ts';

const environment = {
  KAFKA_PASSWORD: 'k4fk4-pass',
  ES_API_KEY: 'ZXM6a2V5',
  SLACK_BOT_TOKEN: 'xoxb-1234567890-abc',
  N: '24',
};

function load(text: string): Settings {
  const loaded = loadSettings(text, 'f.yaml', environment);
  if (loaded.kind === 'rejected') throw new Error(JSON.stringify(loaded.findings));
  return loaded.settings;
}

function findingsOf(text: string): readonly string[] {
  const loaded = loadSettings(text, 'f.yaml', environment);
  const findings = loaded.kind === 'ok' ? loaded.warnings : loaded.findings;
  return findings.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`);
}

const cluster = 'kafka: { clusters: [{ name: dc1, brokers: ["k:9092"], access_log_topics: [logs] }]';

describe('loadSettings', () => {
  it('takes the defaults where the file says nothing', () => {
    expect(load('')).toEqual(defaultSettings());
    expect(load('slack: {}\n# nothing')).toEqual(defaultSettings());
    expect(defaultSettings()).toMatchObject({
      windowMs: 10_000,
      paneMs: 1000,
      allowedLatenessMs: 5000,
      collect: { flushIntervalMs: 500, maxLinesPerFlush: 50_000 },
      topics: { prefix: 'flagwatch', partitions: 12 },
      store: { path: 'flagwatch.db' },
      rules: ['rules/*.yaml'],
      http: { listen: '127.0.0.1:9464' },
    });
  });

  it('gives the file’s values under code’s names, variables filled in', () => {
    const settings = load(configurationExample);
    expect(settings.kafka?.clusters[0]).toMatchObject({
      name: 'dc1',
      accessLogTopics: ['istio-access-logs'],
      tls: { rejectUnauthorized: true },
      sasl: { mechanism: 'scram-sha-512', username: 'flagwatch', password: 'k4fk4-pass' },
    });
    expect(settings.elasticsearch).toMatchObject({ node: 'https://es:9200', auth: { apiKey: 'ZXM6a2V5' } });
    expect(settings.slack.token).toBe('xoxb-1234567890-abc');
    expect(settings.notify.timeZone).toBe('Asia/Seoul');
  });

  it('reads a variable as a number where one is wanted, and never as YAML', () => {
    expect(load('topics: { partitions: "${N}" }').topics.partitions).toBe(24);
    expect(load('topics: { prefix: "${N}" }').topics.prefix).toBe('24');
    expect(findingsOf('topics: { partitions: "x${N}" }')).toEqual(['1:23 error partitions ("x${N}") must be a number']);
  });

  it.each([
    ['window: 10', '1:9 error window (10) is not a duration'],
    ['window: 2h', '1:9 error window (2h) must be at most 1h'],
    ['windw: 10s', '1:1 error unknown key windw'],
    ['pane: 3s', '1:7 error pane (3s) must divide window (10s)'],
    ['window: 15s\npane: 10s', '2:7 error pane (10s) must divide window (15s)'],
    ['collect:\n  flush_interval: 20s', '2:19 error collect.flush_interval (20s) must be at most window (10s)'],
    ['index: { retry_initial: 1m }', '1:25 error index.retry_initial (1m) must be at most index.retry_max (30s)'],
    [
      `${cluster} }\nfiles: [a.log]`,
      '2:8 error files (1) and kafka.clusters (1) are both given: lines come from one of them',
    ],
    [
      `${cluster}, session_timeout: 2s }`,
      '1:102 error kafka.heartbeat_interval (1s) must be at most a third of kafka.session_timeout (2s)',
    ],
    [
      `${cluster.replace('logs', 'flagwatch.alerts')} }`,
      '1:75 error an access-log topic begins with topics.prefix and a dot, as flagwatch’s own topics do',
    ],
    ['kafka: {}', '1:1 error clusters is missing'],
    ['kafka: { clusters: [] }', '1:20 error clusters must hold at least 1 entry'],
    ['kafka:', '1:7 error kafka must be a map'],
    ['elasticsearch: { node: "es:9200" }', '1:24 error node ("es:9200") is not an address'],
    [
      'elasticsearch: { node: "http://es", auth: { username: u } }',
      '1:43 error elasticsearch.auth holds one of username and password without the other',
    ],
    ['slack: { channel: "#x" }', '1:19 warning slack.channel without slack.token: messages go to the console'],
    ['slack: { token: "${SLACK_BOT_TOKEN}" }', '1:8 error slack.token without slack.channel'],
    ['slack: { channel: "#x ${NONE}" }', '1:23 error the environment has no NONE'],
    [
      'notify: { time_zone: Mars/Olympus }',
      '1:22 error time_zone (Mars/Olympus) is no time zone that this system knows',
    ],
    [
      'http: { peers: { dns: "flagwatch-peers:9464" } }',
      '1:16 error http.peers without http.token: on other machines nobody is answered without one',
    ],
    [
      'http: { token: "${SLACK_BOT_TOKEN}", peers: { urls: ["http://127.0.0.1:1", "http://a:9464"] } }',
      '1:45 warning http.peers with http.listen (127.0.0.1:9464) on this machine alone: the others cannot ask this process',
    ],
    ['log: { level: INFO }', '1:15 error level (INFO) is not known here'],
    ['- a', '1:1 error the file must be a map'],
  ])('finds what is wrong with %j', (text, finding) => {
    expect(findingsOf(text)).toContain(finding);
  });

  it.each([
    'slack: { token: xoxb-1234567890-abcdef, channel: "#x" }',
    'kafka: { clusters: [{ name: a, brokers: ["k:1"], access_log_topics: [t], sasl: { mechanism: plain, username: u, password: hunter2 } }] }',
    'elasticsearch: { node: "http://es", auth: { apiKey: "hunter2${N}" } }',
    'elasticsearch: { node: "http://u:hunter2@es" }',
    'elasticsearch: { node: "http://es", auth: { username: u, password: 41414141 } }',
    'notify: { request_url: "https://xoxb-1234567890-abcdef/{request_id}" }',
  ])('refuses the literal secret in %s, and does not repeat it', (text) => {
    const loaded = loadSettings(text, 'f.yaml', environment);
    if (loaded.kind === 'ok') throw new Error('a literal secret was accepted');
    expect(loaded.findings.map((finding) => finding.value)).toContain('(hidden)');
    expect(JSON.stringify(loaded.findings)).not.toMatch(/hunter2|abcdef|41414141/);
  });

  it('never throws on mutated files, and never tells what a variable holds', () => {
    const text = `${configurationExample}window: 10s\npane: 1s\ncollect: { flush_interval: 500ms }\nlog: { level: info }\n`;
    fc.assert(
      fc.property(mutateText(text), (mutated) => {
        const loaded = loadSettings(mutated, 'f.yaml', environment);
        const findings = loaded.kind === 'ok' ? loaded.warnings : loaded.findings;
        expect(JSON.stringify(findings)).not.toMatch(/k4fk4-pass|ZXM6a2V5|xoxb-1234567890-abc/);
        if (loaded.kind === 'rejected') expect(findings.some(({ severity }) => severity === 'error')).toBe(true);
        else expect(loaded.settings.windowMs % loaded.settings.paneMs).toBe(0);
      }),
      { numRuns: 1500 },
    );
  });
});
