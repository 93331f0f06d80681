// `flagwatch run`: the composition root. One straight function from the configuration to running loops; what is opened names how it is
// closed right away, and stops run in the opposite order.
import type { TextStream } from '#adapters/console/text-stream.ts';
import { openHttpServer } from '#adapters/http/server.ts';
import { createKafkaRecordStream } from '#adapters/kafka/kafka-record-stream.ts';
import { createKafkaTopicAdmin } from '#adapters/kafka/kafka-topic-admin.ts';
import { createPrometheusMeter } from '#adapters/prometheus/meter.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { toAccessLogTopics } from '#config/access-log-settings.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleText } from '#core/evaluate/rule-set.ts';
import { topicNames } from '#pipeline/topics.ts';
import type { Logger } from '#ports/logger.ts';
import { metrics } from '#telemetry/metrics.ts';
import { openApi } from './api/open-api.ts';
import {
  type ClusterPart,
  openDocumentStore,
  openMessengers,
  toKafkaConnection,
  toKafkaStream,
} from './connections.ts';
import { Lifecycle } from './lifecycle.ts';
import { createLoop, type LoopName, type LoopParts } from './loops.ts';
import { openRuleReload } from './reload/open-rule-reload.ts';
import { openSilenceStores } from './silences.ts';
import { waitFor } from './wait-for.ts';

/** What to run. */
export interface RunOptions {
  readonly settings: Settings;
  readonly rules: readonly AlertRule[];
  /** The files that the rules were read from. */
  readonly ruleFiles: readonly RuleText[];
  readonly root: string;
  readonly loops: readonly LoopName[];
  readonly logger: Logger;
  /** For messages where there is no Slack. */
  readonly stdout: TextStream;
  /** Aborted by SIGTERM. */
  readonly signal: AbortSignal;
  /** Calls the listener at each SIGHUP. */
  readonly onReloadSignal: (listener: () => void) => void;
}

/**
 * Runs until `signal` is aborted, then drains and commits within the shutdown timeout. Resolves to 0 when all stopped in good
 * order, to 1 when a loop ended by a bug or something did not stop in time.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the composition root is one straight function on purpose: splitting it would only thread a wide state through helpers.
export async function runPipeline(options: RunOptions): Promise<number> {
  const { settings, rules, loops, logger } = options;
  const { kafka } = settings;
  if (kafka === undefined) throw new Error('runPipeline needs a Kafka configuration');
  const lifecycle = new Lifecycle(logger);
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const waitingFor = new Set<string>(['kafka']);
  const clock = systemClock;

  const meter = createPrometheusMeter(Object.values(metrics), { withProcessMetrics: true });
  const deps = { logger, meter, clock };
  const ruleSource = openRuleReload(settings, options.root, options.ruleFiles, deps);
  options.onReloadSignal(() => ruleSource.reload());
  const silences = openSilenceStores(settings, deps).map(([, store]) => store);
  const api = openApi(settings, { ruleSource, silences, clusters: kafka.clusters.map(({ name }) => name) }, deps);
  lifecycle.onStop('api', () => api.close());
  const http = await openHttpServer(settings.http.listen, {
    metrics: async () => ({ contentType: meter.contentType, text: await meter.render() }),
    isHealthy: () => !failure.signal.aborted,
    notReady: () => [...waitingFor],
    api: api.endpoint,
  });
  lifecycle.onStop('http', () => http.close());
  logger.info('listening', { url: http.url, loops, rules: rules.length });

  const stores = loops.includes('index') ? openDocumentStore(settings, options.root, deps) : null;
  if (stores !== null) {
    lifecycle.onStop('document store', () => stores.store.close());
    waitingFor.add(stores.name);
    if (stores.name === 'sqlite') await stores.store.setup();
  }
  const patient = { ...deps, signal, waitsForRights: true };
  // Only index waits for the store, and for its templates: an index that is made without them maps what lines happen to hold.
  const isStoreReady = async (): Promise<boolean> => {
    if (stores === null) return false;
    const answer = await waitFor(stores.name, () => stores.store.ping(signal).then(() => true), patient);
    if (answer !== null) waitingFor.delete(stores.name);
    return answer !== null;
  };
  const storeReady = isStoreReady();
  const messengers = loops.includes('notify') ? openMessengers(settings, options.stdout, deps) : null;

  const runCluster = async (cluster: ClusterPart): Promise<void> => {
    const names = topicNames(settings.topics.prefix);
    const admin = createKafkaTopicAdmin(toKafkaConnection(kafka, cluster), deps);
    const accessLogTopics = toAccessLogTopics(cluster.accessLogTopics);
    const wanted = [...accessLogTopics.map(({ topic }) => topic), ...Object.values(names)];
    const countAll = async (): Promise<Pick<LoopParts, 'outputPartitions' | 'failedLinePartitions'> | null> => {
      for (const topic of wanted) {
        if ((await admin.partitionCount(topic)) !== null) continue;
        logger.debug('a topic is missing', { topic });
        return null;
      }
      const outputPartitions = await admin.partitionCount(names.partialCounts);
      const failedLinePartitions = await admin.partitionCount(names.failedLines);
      if (outputPartitions === null || failedLinePartitions === null) return null;
      return { outputPartitions, failedLinePartitions };
    };
    const what = `Kafka ${cluster.name} (${cluster.brokers.join(', ')}) and its topics; “flagwatch setup” creates them`;
    const partitionCounts = await waitFor(what, countAll, patient);
    await admin.close();
    if (partitionCounts === null) return;
    waitingFor.delete('kafka');
    const stream = createKafkaRecordStream(toKafkaStream(settings, kafka, cluster), deps);
    const parts = {
      settings,
      rules,
      ruleSource,
      board: api.board,
      names,
      clusterName: cluster.name,
      accessLogTopics,
      ...partitionCounts,
      deps,
      store: () => present(stores).store,
      storeName: stores?.name ?? ('sqlite' as const),
      messengers: () => present(messengers),
    };
    const runLoop = async (name: LoopName): Promise<void> => {
      if (name === 'index' && !(await storeReady)) return;
      await stream.consume(createLoop(name, parts), signal);
    };
    await Promise.all(loops.map(runLoop));
  };

  // Only detect judges by rules: the others need not look at their files.
  const watching = loops.includes('detect') ? ruleSource.watch(signal) : Promise.resolve();
  lifecycle.onStop('rule files', () => watching);
  const running = Promise.all(kafka.clusters.map(runCluster)).catch((error: unknown) => {
    logger.error('a loop ended by a fault of flagwatch itself; the process ends, and nothing uncommitted counts', {
      error,
    });
    failure.abort();
  });
  lifecycle.onStop('loops', () => running.then(() => undefined));
  await Promise.race([running, aborted(signal)]);
  const unfinished = await lifecycle.stop(settings.shutdownTimeoutMs);
  logger.info('stopped', { inGoodOrder: unfinished.length === 0 && !failure.signal.aborted });
  return failure.signal.aborted || unfinished.length > 0 ? 1 : 0;
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('a loop asks for what was not opened for it');
  return value;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
