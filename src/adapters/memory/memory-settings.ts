// Bounds of the memory broker, and what its parts share.
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { Clock } from '#ports/system.ts';
import type { MemoryGroup } from './memory-group.ts';
import type { KeepLimits, MemoryTopics } from './memory-topics.ts';

/** Bounds of the memory broker. */
export interface MemoryBrokerSettings extends KeepLimits {
  readonly clusterName: string;
  /** Above so many bytes that loops have not done with, sources wait. */
  readonly maxHeldBytes: number;
  /** Bounds of one delivered batch. */
  readonly batchMaxRecords: number;
  readonly batchMaxBytes: number;
  /** First and longest pause before work on a partition that failed begins anew, milliseconds. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
}

/** Defaults of the bounds: some 60,000 lines of 1 KB may wait. */
export const memoryBrokerDefaults = {
  clusterName: 'embedded',
  maxHeldBytes: 64 * 1_048_576,
  maxUnreadBytes: 4 * 1_048_576,
  keepBehindBytes: 4 * 1_048_576,
  batchMaxRecords: 2_000,
  batchMaxBytes: 1_048_576,
  retryFirstMs: 200,
  retryMaxMs: 10_000,
} as const satisfies MemoryBrokerSettings;

/** What the broker needs of the process. */
export interface MemoryBrokerDeps {
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
}

/** What the broker's parts share. */
export interface MemoryBrokerState {
  readonly settings: MemoryBrokerSettings;
  readonly deps: MemoryBrokerDeps;
  readonly topics: MemoryTopics;
  readonly groups: Map<string, MemoryGroup>;
}
