// The topics that join the loops: names, keys, partitions, retention. ARCHITECTURE.md shows the same table.
import type { TopicSpec } from '#ports/topic-admin.ts';

/** Names of flagwatch's own topics. */
export interface TopicNames {
  /** collect → correlate; key: trace, else request, else connection; also watermarks, to every partition. */
  readonly failedLines: string;
  /** collect, correlate → detect; key: destination service; also watermarks, to every partition. */
  readonly partialCounts: string;
  /** correlate → index; key: id of the request. */
  readonly requestFaults: string;
  /** detect → index; key: destination service. */
  readonly windows: string;
  /** detect → notify, index; key: fingerprint. Among them silences, from people; key: `silence/<id>`. One partition. */
  readonly alerts: string;
  /** Any loop → people; key: origin of the record. */
  readonly deadLetters: string;
  /** Snapshots of correlate; compacted; partition N belongs to partition N of failed lines. */
  readonly correlateState: string;
  /** Snapshots of detect; compacted; partition N belongs to partition N of partial counts. */
  readonly detectState: string;
  /** Open incidents and silences of notify; compacted; partition N belongs to partition N of alerts. */
  readonly notifyState: string;
}

/** `<prefix>.partial-counts` and so on. */
export function topicNames(prefix: string): TopicNames {
  return {
    failedLines: `${prefix}.failed-lines`,
    partialCounts: `${prefix}.partial-counts`,
    requestFaults: `${prefix}.request-faults`,
    windows: `${prefix}.windows`,
    alerts: `${prefix}.alerts`,
    deadLetters: `${prefix}.dead-letters`,
    correlateState: `${prefix}.correlate-state`,
    detectState: `${prefix}.detect-state`,
    notifyState: `${prefix}.notify-state`,
  };
}

const dayMs = 86_400_000;
/** Kafka's own default for `message.max.bytes` less some room for headers: what every broker takes. */
export const maxRecordBytes = 1_000_000;

/** What `setup` creates. The `*-state` topics have as many partitions as the topic they stand beside: never change one alone. */
export function topicSpecs(
  names: TopicNames,
  size: Pick<TopicSpec, 'partitions' | 'replicationFactor'>,
): readonly TopicSpec[] {
  const spec = (
    name: string,
    cleanup: 'delete' | 'compact',
    retentionDays: number,
    partitions = size.partitions,
  ): TopicSpec => ({
    name,
    partitions,
    replicationFactor: size.replicationFactor,
    cleanup,
    retentionMs: retentionDays * dayMs,
    maxMessageBytes: maxRecordBytes,
  });
  return [
    // Read again from the last snapshot after a restart: two days outlast any outage that is not a disaster.
    spec(names.failedLines, 'delete', 2),
    spec(names.partialCounts, 'delete', 2),
    spec(names.requestFaults, 'delete', 7),
    spec(names.windows, 'delete', 7),
    // One partition, whatever the others have: groups and inhibitions need all alerts, and silences among them, in one order. They are few.
    spec(names.alerts, 'delete', 7, 1),
    // Long enough for people to look at and requeue.
    spec(names.deadLetters, 'delete', 14),
    spec(names.correlateState, 'compact', 7),
    spec(names.detectState, 'compact', 7),
    spec(names.notifyState, 'compact', 7, 1),
  ];
}
