// What the Kafka adapter is told: how to reach a cluster, and the bounds of reading, writing and membership. The composition
// root spreads the defaults and adds what the configuration says.
import type { KafkaConfig } from 'kafkajs';
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';

/** How one cluster is reached. */
export interface KafkaConnectionSettings {
  /** Name of the cluster in the configuration: part of the origin of its records. */
  readonly clusterName: string;
  /** Bootstrap addresses, `host:port`. */
  readonly brokers: readonly string[];
  /** How this process shows up in the brokers' logs and quotas. */
  readonly clientId: string;
  /** As kafkajs names it. */
  readonly ssl?: NonNullable<KafkaConfig['ssl']>;
  /** As kafkajs names it. */
  readonly sasl?: NonNullable<KafkaConfig['sasl']>;
  /** Until a connection stands, milliseconds. */
  readonly connectionTimeoutMs: number;
  /** Until a request is answered, milliseconds. */
  readonly requestTimeoutMs: number;
}

/** How topics are consumed. */
export interface KafkaStreamSettings extends KafkaConnectionSettings {
  /** First part of group ids (`<prefix>.<loop>`) and transactional ids. */
  readonly prefix: string;
  /** A member that was silent so long has lost its partitions, milliseconds. */
  readonly sessionTimeoutMs: number;
  /** How long a rebalance waits for members, milliseconds. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Most bytes of one fetched partition. */
  readonly fetchMaxBytesPerPartition: number;
  /** Most bytes of all partitions that one `consume` holds, as they were fetched. */
  readonly fetchMaxBytes: number;
  /** How long the broker waits for records that are not there yet, milliseconds. */
  readonly fetchMaxWaitMs: number;
  /** Pause after a fetch that brought less than `fetchLingerBelowBytes`, milliseconds. */
  readonly fetchLingerMs: number;
  readonly fetchLingerBelowBytes: number;
  /** How long fetching a partition may fail before the partition is opened anew, milliseconds. */
  readonly fetchGiveUpMs: number;
  /** How long an open transaction may hold records back before that is told, milliseconds. */
  readonly heldWarnMs: number;
  /** Most bytes of the values in one delivered batch, unless a single compressed batch holds more. */
  readonly batchMaxBytes: number;
  /** Most bytes of one compressed batch, unpacked. */
  readonly decompressedMaxBytes: number;
  /** Most bytes of records in one produce request: less than the topics’ `max.message.bytes`. */
  readonly produceMaxBytes: number;
  /** The broker aborts a transaction that is open so long, milliseconds: until then its readers wait. */
  readonly transactionTimeoutMs: number;
  /** How many partitions are being opened at once. */
  readonly openConcurrency: number;
  /** Reading the state of a partition fails when it makes no progress for so long, milliseconds. */
  readonly stateStallMs: number;
  /** First and longest pause before something that failed is tried again, milliseconds. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** A partition that was open so long counts as healthy: its next failure waits `retryFirstMs` again, milliseconds. */
  readonly healthyAfterMs: number;
  /** How long a stopping loop may finish and commit, milliseconds. */
  readonly drainTimeoutMs: number;
  /** How long connections may take to close, milliseconds; then they are left to themselves. */
  readonly closeTimeoutMs: number;
  /** How often the lag of a partition is asked for while a batch is being worked on, milliseconds. */
  readonly lagProbeMs: number;
  /** How old the known number of partitions and their leaders may be, milliseconds. */
  readonly metadataMaxAgeMs: number;
}

/** What the adapter needs of the process. */
export interface KafkaDeps {
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
}

/** Defaults of reaching a cluster. */
const kafkaConnectionDefaults = {
  clientId: 'flagwatch',
  connectionTimeoutMs: 3_000,
  // A broker that is being replaced answers within seconds; longer, and a stuck commit holds up the partition’s readers.
  requestTimeoutMs: 15_000,
} as const;

/** Defaults of consuming, fit for many partitions of 1 KB lines. */
export const kafkaStreamDefaults = {
  ...kafkaConnectionDefaults,
  // The least that brokers allow by default. Heartbeats do not depend on how long a batch takes: who is silent so long is dead
  // or suspended, and its partitions wait for nobody else.
  sessionTimeoutMs: 6_000,
  // Members go on working while they rejoin, and notice a rebalance with the next heartbeat.
  rebalanceTimeoutMs: 20_000,
  heartbeatIntervalMs: 1_000,
  // 4,000 lines of 1 KB: some 5 ms of work, so the pause between two batches disappears, and the event loop still breathes.
  fetchMaxBytesPerPartition: 4 * 1_048_576,
  fetchMaxBytes: 64 * 1_048_576,
  fetchMaxWaitMs: 500,
  // At most 40 fetches a second and partition where records drip; no pause where they flood.
  fetchLingerMs: 25,
  fetchLingerBelowBytes: 65_536,
  // Electing a leader takes a few seconds.
  fetchGiveUpMs: 20_000,
  // Longer than our own transactions can be open.
  heldWarnMs: 30_000,
  batchMaxBytes: 4 * 1_048_576,
  // A compressed batch is at most 1 MB; log lines shrink to a tenth, repeated ones to a hundredth.
  decompressedMaxBytes: 128 * 1_048_576,
  produceMaxBytes: 900_000,
  transactionTimeoutMs: 20_000,
  openConcurrency: 8,
  stateStallMs: 60_000,
  retryFirstMs: 200,
  retryMaxMs: 10_000,
  healthyAfterMs: 60_000,
  drainTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
  lagProbeMs: 10_000,
  metadataMaxAgeMs: 60_000,
} as const;
