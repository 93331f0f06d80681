// Membership in a consumer group, and nothing else: kafkajs joins, takes part in rebalances and sends heartbeats while all its
// partitions are paused; reading is ours (partition-reader.ts). So heartbeats never wait for a batch, and a rebalance is
// noticed within a heartbeat interval, whatever the processors do.
import type { Consumer, ConsumerCrashEvent, ConsumerGroupJoinEvent, Kafka } from 'kafkajs';
import { AdapterError } from '#ports/adapter-error.ts';
import type { Clock } from '#ports/system.ts';
import type { PartitionName } from './cluster-client.ts';
import type { KafkaStreamSettings } from './kafka-settings.ts';
import { toAdapterError } from './to-adapter-error.ts';
import { settle } from './within.ts';

/** What the group gave to this member. */
export interface GroupAssignment {
  /** For the log. */
  readonly memberId: string;
  readonly partitions: readonly PartitionName[];
}

/** A member's parts. */
export interface GroupMemberParts {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly settings: KafkaStreamSettings;
  readonly clock: Clock;
  readonly onAssignment: (assignment: GroupAssignment) => void;
}

/** One membership, from joining to leaving. */
export class GroupMember {
  readonly #parts: GroupMemberParts;
  readonly #consumer: Consumer;
  readonly #left = new AbortController();
  readonly #crashed = Promise.withResolvers<never>();
  #running: Promise<void> = Promise.resolve();
  /** The watch begins to count when the membership begins. */
  readonly #beganAtMs: number;
  #confirmedAtMs = 0;
  #confirmations = new Set<() => void>();

  constructor(parts: GroupMemberParts) {
    this.#parts = parts;
    this.#beganAtMs = parts.clock.nowMs();
    this.#consumer = createPausedConsumer(parts);
    // Somebody listens only while `stay` runs.
    this.#crashed.promise.catch(() => undefined);
    const { GROUP_JOIN, HEARTBEAT, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, (event) => this.#joined(event));
    this.#consumer.on(HEARTBEAT, () => this.#confirm());
    this.#consumer.on(CRASH, (event) => this.#crash(event));
  }

  /** When the coordinator last confirmed the membership, epoch milliseconds; 0 if it never did. */
  get confirmedAtMs(): number {
    return this.#confirmedAtMs;
  }

  /** Joins and stays a member. Rejects with `AdapterError` when membership is lost for good; never resolves. */
  async stay(): Promise<never> {
    const { groupId, topics } = this.#parts;
    try {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
      this.#running = this.#consumer.run({ autoCommit: false, eachBatch: async () => undefined });
      await Promise.race([this.#running, this.#crashed.promise]);
      return await Promise.race([this.#crashed.promise, this.#watch()]);
    } catch (error) {
      throw toAdapterError(error, `being a member of ${groupId} for ${topics.join(', ')}`);
    }
  }

  /** Resolves with the next heartbeat that the coordinator accepts, or when `signal` is aborted. */
  confirmed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#confirmations.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted) resolve();
      else {
        this.#confirmations.add(done);
        signal.addEventListener('abort', done, { once: true });
      }
    });
  }

  /** Leaves the group, so that others need not wait for the session to time out. Takes `closeTimeoutMs` at most, twice. */
  async leave(): Promise<void> {
    const { settings, clock } = this.#parts;
    this.#left.abort();
    // A kafkajs consumer that is stopped while it joins goes on to join: it is stopped when it has, however late that is.
    await settle(this.#running, settings.closeTimeoutMs, clock);
    const disconnecting = this.#running.catch(() => undefined).then(() => this.#consumer.disconnect());
    await settle(disconnecting, settings.closeTimeoutMs, clock);
  }

  #joined(event: ConsumerGroupJoinEvent): void {
    const { topics, onAssignment } = this.#parts;
    this.#confirm();
    if (this.#left.signal.aborted) return;
    // Before the first fetch: kafkajs fetches what is not paused.
    this.#consumer.pause(topics.map((topic) => ({ topic })));
    const partitions = Object.entries(event.payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    onAssignment({ memberId: event.payload.memberId, partitions });
  }

  #confirm(): void {
    this.#confirmedAtMs = this.#parts.clock.nowMs();
    for (const done of [...this.#confirmations]) done();
  }

  #crash(event: ConsumerCrashEvent): void {
    const { groupId, topics } = this.#parts;
    this.#crashed.reject(toAdapterError(event.payload.error, `being a member of ${groupId} for ${topics.join(', ')}`));
  }

  /**
   * kafkajs can stop taking part without a word (tulios/kafkajs#558, #1593, #1645). Longer than a rebalance and a session
   * together, nobody who is a member is without an accepted heartbeat.
   */
  async #watch(): Promise<never> {
    const { clock, settings, groupId } = this.#parts;
    const limitMs = settings.rebalanceTimeoutMs + settings.sessionTimeoutMs;
    while (!this.#left.signal.aborted) {
      await clock.sleep(settings.heartbeatIntervalMs, this.#left.signal);
      const silentMs = clock.nowMs() - Math.max(this.#beganAtMs, this.#confirmedAtMs);
      if (silentMs > limitMs) {
        const message = `${groupId}: no heartbeat was accepted for ${silentMs} ms, the limit is ${limitMs} ms`;
        throw new AdapterError('KAFKA_TIMEOUT', message, { retryable: true });
      }
    }
    throw new AdapterError('ABORTED', `${groupId}: left the group`, { retryable: true });
  }
}

/** How often a paused kafkajs consumer looks whether a heartbeat is due, milliseconds. */
const lookEveryMs = 250;

function createPausedConsumer({ kafka, groupId, settings }: GroupMemberParts): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: settings.sessionTimeoutMs,
    rebalanceTimeout: settings.rebalanceTimeoutMs,
    heartbeatInterval: settings.heartbeatIntervalMs,
    maxWaitTimeInMs: lookEveryMs,
    metadataMaxAge: settings.metadataMaxAgeMs,
    allowAutoTopicCreation: false,
    // kafkajs keeps the coordinator it joined with, also when that broker is gone: a new membership finds the new one.
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
  });
}
