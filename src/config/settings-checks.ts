// Checks of settings that need more than one value. Messages name both values. Called by load-settings.ts once each value is
// right by itself.

import { checkAccessLogTopics, topicNameOf } from './access-log-settings.ts';
import type { Duration } from './fields.ts';
import { checkNotifyRouting } from './notify-routing-checks.ts';
import type { SettingsFile } from './settings.ts';
import type { PlacedFinding } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

/** Everything that does not fit together. */
export function checkSettings(settings: SettingsFile): readonly PlacedFinding[] {
  return [
    ...checkTimes(settings),
    ...checkRetries(settings),
    ...checkSource(settings),
    ...checkKafkaTimes(settings),
    ...checkClusters(settings),
    ...checkElasticsearch(settings),
    ...checkSlack(settings),
    ...checkPeers(settings),
    ...checkNotifyRouting(settings),
  ];
}

interface Named {
  readonly path: YamlPath;
  readonly duration: Duration;
}

function name({ path, duration }: Named): string {
  return `${path.join('.')} (${duration})`;
}

function atMost(small: Named, large: Named): readonly PlacedFinding[] {
  if (small.duration.ms <= large.duration.ms) return [];
  return [
    {
      path: small.path,
      otherPath: large.path,
      message: `${name(small)} must be at most ${name(large)}`,
      remedy: `lower ${small.path.join('.')} or raise ${large.path.join('.')}`,
    },
  ];
}

function checkTimes(settings: SettingsFile): readonly PlacedFinding[] {
  const window = { path: ['window'], duration: settings.window };
  const pane = { path: ['pane'], duration: settings.pane };
  const flush = { path: ['collect', 'flush_interval'], duration: settings.collect.flush_interval };
  const tick = { path: ['tick_interval'], duration: settings.tick_interval };
  const divides = settings.window.ms % settings.pane.ms === 0;
  return [
    ...(divides
      ? []
      : [
          {
            path: pane.path,
            otherPath: window.path,
            message: `${name(pane)} must divide ${name(window)}`,
            remedy: 'a window is made of whole panes: 1s divides every window of whole seconds',
          },
        ]),
    ...atMost(flush, window),
    ...atMost(tick, flush),
    ...atMost(flush, { path: ['idle_timeout'], duration: settings.idle_timeout }),
    ...atMost(
      { path: ['correlate', 'wait'], duration: settings.correlate.wait },
      { path: ['correlate', 'max_hold'], duration: settings.correlate.max_hold },
    ),
    ...atMost(window, { path: ['detect', 'snapshot_interval'], duration: settings.detect.snapshot_interval }),
  ];
}

function checkRetries({ index, notify, kafka }: SettingsFile): readonly PlacedFinding[] {
  const sections = Object.entries({ index, notify, ...(kafka === undefined ? {} : { kafka }) });
  return sections.flatMap(([section, { retry_initial, retry_max }]) => {
    const initial = { path: [section, 'retry_initial'], duration: retry_initial };
    return atMost(initial, { path: [section, 'retry_max'], duration: retry_max });
  });
}

function checkSource({ kafka, files }: SettingsFile): readonly PlacedFinding[] {
  if (kafka === undefined || files.length === 0) return [];
  return [
    {
      path: ['files'],
      message: `files (${files.length}) and kafka.clusters (${kafka.clusters.length}) are both given: lines come from one of them`,
      remedy: 'take one of the two out',
    },
  ];
}

/** Three heartbeats fit a session timeout, as Kafka advises: two may be lost. */
const heartbeatsPerSession = 3;

function checkKafkaTimes({ kafka }: SettingsFile): readonly PlacedFinding[] {
  if (kafka === undefined) return [];
  const heartbeat = { path: ['kafka', 'heartbeat_interval'], duration: kafka.heartbeat_interval };
  const session = { path: ['kafka', 'session_timeout'], duration: kafka.session_timeout };
  const wait = { path: ['kafka', 'fetch_max_wait'], duration: kafka.fetch_max_wait };
  const tooSlow = kafka.heartbeat_interval.ms * heartbeatsPerSession > kafka.session_timeout.ms;
  const slow = {
    path: heartbeat.path,
    otherPath: session.path,
    message: `${name(heartbeat)} must be at most a third of ${name(session)}`,
    remedy: 'else two lost heartbeats cost a process its partitions',
  };
  return [
    ...(tooSlow ? [slow] : []),
    ...atMost(wait, { path: ['kafka', 'request_timeout'], duration: kafka.request_timeout }),
    ...checkFetchSizes(kafka),
  ];
}

function checkFetchSizes(kafka: NonNullable<SettingsFile['kafka']>): readonly PlacedFinding[] {
  const { fetch_max_bytes: all, fetch_max_bytes_per_partition: one } = kafka;
  if (one <= all) return [];
  return [
    {
      path: ['kafka', 'fetch_max_bytes_per_partition'],
      otherPath: ['kafka', 'fetch_max_bytes'],
      message: `kafka.fetch_max_bytes_per_partition (${one}) must be at most kafka.fetch_max_bytes (${all})`,
      remedy: 'lower the first or raise the second',
    },
  ];
}

function checkClusters({ kafka, topics }: SettingsFile): readonly PlacedFinding[] {
  const clusters = kafka?.clusters ?? [];
  return clusters.flatMap((cluster, index) => {
    const at = ['kafka', 'clusters', index];
    const first = clusters.findIndex((other) => other.name === cluster.name);
    const twice = {
      path: [...at, 'name'],
      message: `kafka.clusters[${index}] has the same name as kafka.clusters[${first}]`,
      remedy: 'give each its own name: ids of documents are made of it',
    };
    const own = cluster.access_log_topics.flatMap((entry, position) => {
      const isOwn = topicNameOf(entry).startsWith(`${topics.prefix}.`);
      return isOwn ? [ownTopic([...at, 'access_log_topics', position])] : [];
    });
    const entries = checkAccessLogTopics(cluster.access_log_topics, [...at, 'access_log_topics']);
    return [...(first < index ? [twice] : []), ...own, ...entries];
  });
}

function ownTopic(path: YamlPath): PlacedFinding {
  return {
    path,
    message: 'an access-log topic begins with topics.prefix and a dot, as flagwatch’s own topics do',
    remedy: 'name the topic that the shipper writes to, or choose another topics.prefix',
  };
}

function checkElasticsearch({ elasticsearch }: SettingsFile): readonly PlacedFinding[] {
  const auth = elasticsearch?.auth;
  if (auth === undefined) return [];
  const path = ['elasticsearch', 'auth'];
  const given = (['apiKey', 'bearer', 'username'] as const).filter((key) => auth[key] !== undefined);
  if (given.length > 1) {
    return [{ path, message: `elasticsearch.auth holds ${given.join(' and ')}: only one counts`, remedy: 'keep one' }];
  }
  if ((auth.username === undefined) === (auth.password === undefined)) return [];
  return [
    {
      path,
      message: 'elasticsearch.auth holds one of username and password without the other',
      remedy: 'write both, or apiKey',
    },
  ];
}

function checkSlack({ slack }: SettingsFile): readonly PlacedFinding[] {
  if (slack.token !== undefined && slack.channel === undefined) {
    return [
      { path: ['slack'], message: 'slack.token without slack.channel', remedy: 'add channel: "#name", or its id' },
    ];
  }
  if (slack.token === undefined && slack.channel !== undefined) {
    return [
      {
        severity: 'warning',
        path: ['slack', 'channel'],
        message: 'slack.channel without slack.token: messages go to the console',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people are to write
        remedy: 'add token: "${SLACK_BOT_TOKEN}"',
      },
    ];
  }
  return [];
}

function checkPeers({ http: { peers, token, listen } }: SettingsFile): readonly PlacedFinding[] {
  const isLocal = (host: string): boolean => /^(127(\.\d+){3}|localhost|\[::1\])$/.test(host);
  const names = [...peers.urls.map((url) => new URL(url).hostname), ...(peers.dns === undefined ? [] : [peers.dns])];
  const away = names.filter((host) => !isLocal(host.replace(/:\d+$/, '')));
  if (away.length === 0) return [];
  if (token === undefined) {
    const message = 'http.peers without http.token: on other machines nobody is answered without one';
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people are to write
    return [{ path: ['http', 'peers'], message, remedy: 'add token: "${FLAGWATCH_TOKEN}", the same for all of them' }];
  }
  if (!isLocal(listen.replace(/:\d+$/, ''))) return [];
  return [
    {
      severity: 'warning',
      path: ['http', 'peers'],
      message: `http.peers with http.listen (${listen}) on this machine alone: the others cannot ask this process`,
      remedy: 'write listen: 0.0.0.0:9464',
    },
  ];
}
