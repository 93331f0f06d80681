// The loops' settings and dependencies out of the configuration: which part of it each loop gets.
import type { AccessLogTopic } from '#config/access-log-settings.ts';
import type { Settings } from '#config/settings.ts';
import { localTimeOf } from '#core/clock/local-time.ts';
import type { RequestTableSettings } from '#core/correlate/request-table.ts';
import { defaultRequestTableSettings } from '#core/correlate/request-table.ts';
import type { AlertRule } from '#core/evaluate/rule.ts';
import { createCollectLoop } from '#pipeline/collect-loop.ts';
import { createCorrelateLoop } from '#pipeline/correlate-loop.ts';
import { createDetectLoop } from '#pipeline/detect-loop.ts';
import { createIndexLoop } from '#pipeline/index-loop.ts';
import type { LoopDeps } from '#pipeline/loop-deps.ts';
import { createNotifyLoop, notifyDefaults } from '#pipeline/notify-loop.ts';
import type { TopicNames } from '#pipeline/topics.ts';
import type { DetectBoard } from '#ports/detect-board.ts';
import type { DocumentStore } from '#ports/document-store.ts';
import type { ConsumeOptions } from '#ports/record-stream.ts';
import type { RuleSource } from '#ports/rule-source.ts';
import type { Messengers } from './connections.ts';
import { configuredMasker } from './masker.ts';
import { toRouting } from './notify-routing.ts';

/** The loops by name, in the order of the data. */
export const loopNames = ['index', 'collect', 'correlate', 'detect', 'notify'] as const;
export type LoopName = (typeof loopNames)[number];

/** What the loops of one cluster are made of. */
export interface LoopParts {
  readonly settings: Settings;
  readonly rules: readonly AlertRule[];
  /** Rules that may change while they run; `rules` are those in the beginning. */
  readonly ruleSource?: RuleSource;
  /** Where detect shows what it holds. */
  readonly board?: DetectBoard;
  readonly names: TopicNames;
  readonly clusterName: string;
  readonly accessLogTopics: readonly AccessLogTopic[];
  /** The input ends, as files do: what stops is no fault of it. */
  readonly isFinite?: boolean;
  /** Partitions that the topic of partial counts has. */
  readonly outputPartitions: number;
  /** Partitions that the topic of failed lines has. */
  readonly failedLinePartitions: number;
  readonly deps: LoopDeps;
  /** Made for the loop that needs it, and only then. */
  readonly store: () => DocumentStore;
  readonly storeName: 'elasticsearch' | 'sqlite';
  readonly messengers: () => Messengers;
}

/** What a record stream runs for a loop. */
export function createLoop(name: LoopName, parts: LoopParts): ConsumeOptions {
  switch (name) {
    case 'collect':
      return createCollect(parts);
    case 'correlate':
      return createCorrelate(parts);
    case 'detect':
      return createDetect(parts);
    case 'index':
      return createIndex(parts);
    case 'notify':
      return createNotify(parts);
  }
}

/** Names of the topics, and how the lines of those that are pinned are read. */
function toTopics(entries: readonly AccessLogTopic[]) {
  return {
    topics: entries.map(({ topic }) => topic),
    readings: new Map(entries.map(({ topic, reading }) => [topic, reading])),
  };
}

function sourceNames({ clusterName, accessLogTopics }: LoopParts): readonly string[] {
  return accessLogTopics.map(({ topic }) => `${clusterName}/${topic}`);
}

function createCollect(parts: LoopParts): ConsumeOptions {
  const { settings, names, accessLogTopics, outputPartitions, failedLinePartitions, deps } = parts;
  return createCollectLoop(
    {
      ...toTopics(accessLogTopics),
      names,
      outputPartitions,
      failedLinePartitions,
      paneMs: settings.paneMs,
      allowedLatenessMs: settings.allowedLatenessMs,
      idleTimeoutMs: settings.idleTimeoutMs,
      futureBoundMs: settings.futureBoundMs,
      flushIntervalMs: settings.collect.flushIntervalMs,
      maxLinesPerFlush: settings.collect.maxLinesPerFlush,
      maxEdges: settings.collect.maxEdges,
      tickMs: settings.tickIntervalMs,
    },
    deps,
  );
}

/** How failed requests are held, as the settings say. */
export function requestTableSettings({ correlate }: Settings): RequestTableSettings {
  return {
    ...defaultRequestTableSettings,
    waitMs: correlate.waitMs,
    maxHoldMs: correlate.maxHoldMs,
    rememberMs: correlate.rememberMs,
    maxRequests: correlate.maxRequests,
    maxLinesPerRequest: correlate.maxLinesPerRequest,
  };
}

function createCorrelate(parts: LoopParts): ConsumeOptions {
  const { settings, names, outputPartitions, deps } = parts;
  const { correlate } = settings;
  return createCorrelateLoop(
    {
      names,
      outputPartitions,
      sourceTopics: sourceNames(parts),
      windowMs: settings.windowMs,
      idleLeaseMs: settings.idleTimeoutMs,
      paneMs: settings.paneMs,
      table: requestTableSettings(settings),
      snapshotIntervalMs: correlate.snapshotIntervalMs,
      commitIntervalMs: correlate.commitIntervalMs,
      tickMs: settings.tickIntervalMs,
    },
    deps,
  );
}

function createDetect(parts: LoopParts): ConsumeOptions {
  const { settings, rules, names, clusterName, ruleSource, board } = parts;
  return createDetectLoop(
    {
      names,
      rules,
      sourceTopics: sourceNames(parts),
      windowMs: settings.windowMs,
      idleLeaseMs: settings.idleTimeoutMs,
      isFinite: parts.isFinite ?? false,
      paneMs: settings.paneMs,
      localTime: localTimeOf(settings.detect.timeZone),
      faultTopic: `${clusterName}/${names.failedLines}`,
      maxEdges: settings.detect.maxEdges,
      maxSeries: settings.detect.maxSeries,
      maxGapWindows: settings.detect.maxGapWindows,
      snapshotIntervalMs: settings.detect.snapshotIntervalMs,
      commitIntervalMs: settings.detect.commitIntervalMs,
      ruleSettleMs: settings.rulesReload.settleMs,
      tickMs: settings.tickIntervalMs,
    },
    {
      ...parts.deps,
      ...(ruleSource === undefined ? {} : { ruleSource }),
      ...(board === undefined ? {} : { board }),
    },
  );
}

function createIndex({ settings, names, accessLogTopics, deps, store, storeName }: LoopParts): ConsumeOptions {
  return createIndexLoop(
    {
      ...toTopics(accessLogTopics),
      names,
      indexPrefix: settings.index.indexPrefix,
      keepsOriginal: settings.index.keepOriginal,
      futureBoundMs: settings.futureBoundMs,
      masker: configuredMasker(settings),
      sink: storeName,
      maxBulkBytes: settings.index.bulkBytes,
      maxBulkDocuments: settings.index.bulkDocuments,
      maxBulksInFlight: settings.index.inFlight,
      flushIntervalMs: settings.index.flushIntervalMs,
      retryInitialMs: settings.index.retryInitialMs,
      retryMaxMs: settings.index.retryMaxMs,
      logIntervalMs: settings.index.logIntervalMs,
      tickMs: settings.tickIntervalMs,
    },
    { ...deps, store: store() },
  );
}

function createNotify({ settings, names, deps, messengers }: LoopParts): ConsumeOptions {
  const { notify } = settings;
  return createNotifyLoop(
    {
      ...notifyDefaults,
      names,
      render: { timeZone: notify.timeZone, language: notify.language, searchUrlTemplate: notify.requestUrl ?? null },
      masker: configuredMasker(settings),
      routing: toRouting(settings),
      maxOpenIncidents: notify.maxOpenIncidents,
      retryFirstMs: notify.retryInitialMs,
      retryMaxMs: notify.retryMaxMs,
      tickMs: settings.tickIntervalMs,
    },
    { ...deps, ...messengers() },
  );
}
