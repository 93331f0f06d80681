// `flagwatch run` without Kafka: reads files or standard input to the end through the embedded pipeline.
import type { Readable } from 'node:stream';
import type { TextStream } from '#adapters/console/text-stream.ts';
import { findLineFiles } from '#adapters/file/line-files.ts';
import { openHttpServer } from '#adapters/http/server.ts';
import { createMemorySilenceStore } from '#adapters/memory/memory-silence-store.ts';
import { createPrometheusMeter } from '#adapters/prometheus/meter.ts';
import { systemClock } from '#adapters/system/clock.ts';
import type { Settings } from '#config/settings.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import type { RuleText } from '#core/evaluate/rule-set.ts';
import { topicNames } from '#pipeline/topics.ts';
import type { Logger } from '#ports/logger.ts';
import { metrics } from '#telemetry/metrics.ts';
import { openApi } from './api/open-api.ts';
import { openDocumentStore, openMessengers } from './connections.ts';
import { feedFiles, openEmbedded } from './embedded.ts';
import { createEmbeddedBroker, embeddedCluster } from './embedded-broker.ts';
import { Lifecycle } from './lifecycle.ts';
import { openRuleReload } from './reload/open-rule-reload.ts';

/** What to run. */
export interface RunEmbeddedOptions {
  readonly settings: Settings;
  readonly rules: readonly AlertRule[];
  /** The files that the rules were read from. */
  readonly ruleFiles: readonly RuleText[];
  readonly root: string;
  readonly logger: Logger;
  readonly stdin: Readable;
  readonly stdout: TextStream;
  readonly signal: AbortSignal;
  /** Calls the listener at each SIGHUP. */
  readonly onReloadSignal: (listener: () => void) => void;
}

/** Runs until the input is at its end and all that came of it is done, or until `signal` is aborted; resolves to the exit status. */
export async function runEmbedded(options: RunEmbeddedOptions): Promise<number> {
  const { settings, rules, root, logger, stdin, stdout } = options;
  const lifecycle = new Lifecycle(logger);
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const meter = createPrometheusMeter(Object.values(metrics), { withProcessMetrics: true });
  const deps = { logger, meter, clock: systemClock };
  const ruleSource = openRuleReload(settings, root, options.ruleFiles, deps);
  options.onReloadSignal(() => ruleSource.reload());
  const broker = createEmbeddedBroker(deps);
  const silences = [createMemorySilenceStore(topicNames(settings.topics.prefix), broker)];
  const api = openApi(settings, { ruleSource, silences, clusters: [embeddedCluster] }, deps);
  lifecycle.onStop('api', () => api.close());
  const http = await openHttpServer(settings.http.listen, {
    metrics: async () => ({ contentType: meter.contentType, text: await meter.render() }),
    isHealthy: () => true,
    notReady: () => [],
    api: api.endpoint,
  });
  lifecycle.onStop('http', () => http.close());
  const { store } = openDocumentStore(settings, root, deps);
  lifecycle.onStop('document store', () => store.close());
  const files = await findLineFiles(settings.files, root);
  const sources = files.length > 0 ? files : ['stdin'];
  const messengers = openMessengers(settings, stdout, deps);
  const pipeline = await openEmbedded(
    { settings, rules, ruleSource, board: api.board, broker, sources, deps, store, messengers },
    signal,
  );
  const watching = ruleSource.watch(signal);
  lifecycle.onStop('rule files', async () => {
    stopping.abort();
    await watching;
  });
  lifecycle.onStop('loops', async () => {
    stopping.abort();
    await pipeline.running;
  });
  logger.info('reading', { sources, url: http.url, rules: rules.length });
  const reading = feedFiles(pipeline, files, stdin, signal).then(() => pipeline.settled());
  try {
    await Promise.race([reading, pipeline.running]);
  } finally {
    await lifecycle.stop(settings.shutdownTimeoutMs);
  }
  return 0;
}
