// The record stream on Kafka: one membership for each `consume`, one owner for each partition that the group gives to it.
// Recovery is here and in partition-owner.ts alone: what fails is closed, waits, and begins anew from what is committed.
import type { Kafka } from 'kafkajs';
import type { AdapterError } from '#ports/adapter-error.ts';
import { createLimiter } from '#ports/limiter.ts';
import type { ConsumeOptions, RecordStream } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { nameOf, type PartitionName } from './cluster-client.ts';
import { type GroupAssignment, GroupMember } from './group-member.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { KafkaDeps, KafkaStreamSettings } from './kafka-settings.ts';
import type { LoopContext } from './open-partition.ts';
import { ownPartition } from './partition-owner.ts';
import { isColdCoordinator } from './to-adapter-error.ts';
import { backoffMs, settle, whenAborted } from './within.ts';

/** A record stream on one cluster. It connects when something is consumed, and holds nothing beyond that. */
export function createKafkaRecordStream(settings: KafkaStreamSettings, deps: KafkaDeps): RecordStream {
  const kafka = createKafkaClient(settings, deps.logger);
  return {
    consume: (options, signal) => {
      const logger = deps.logger.child({ cluster: settings.clusterName, loop: options.loop });
      return new Consumption(kafka, settings, { ...deps, logger }, options).run(signal);
    },
  };
}

interface Owned {
  readonly of: PartitionName;
  readonly lost: AbortController;
  readonly ended: Promise<void>;
}

/** One call of `consume`. */
class Consumption {
  readonly #settings: KafkaStreamSettings;
  readonly #deps: KafkaDeps;
  readonly #context: LoopContext;
  readonly #owned = new Map<string, Owned>();
  readonly #stop = new AbortController();
  readonly #bug = Promise.withResolvers<never>();
  readonly #openings: ReturnType<typeof createLimiter>;
  readonly #closings = new Closings();
  #member: GroupMember | null = null;
  #confirmedAtMs = 0;
  #everJoined = false;

  constructor(kafka: Kafka, settings: KafkaStreamSettings, deps: KafkaDeps, options: ConsumeOptions) {
    this.#settings = settings;
    this.#deps = deps;
    this.#openings = createLimiter(settings.openConcurrency);
    const fetchBytes = (): number =>
      Math.floor(Math.min(settings.fetchMaxBytesPerPartition, settings.fetchMaxBytes / Math.max(1, this.#owned.size)));
    const groupId = `${settings.prefix}.${options.loop}`;
    this.#context = { kafka, settings, deps, options, groupId, fetchBytes, closings: this.#closings };
    this.#bug.promise.catch(() => undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { retryFirstMs, retryMaxMs, healthyAfterMs } = this.#settings;
    const { clock } = this.#deps;
    let failures = 0;
    try {
      while (!signal.aborted) {
        const beganAtMs = clock.nowMs();
        const error = await this.#beMember(signal);
        if (error === null) return;
        // Wrong credentials at the start are for people; later they are being changed under us.
        if (!(error.retryable || error.code === 'KAFKA_FENCED' || this.#everJoined)) throw error;
        failures = clock.nowMs() - beganAtMs >= healthyAfterMs ? 1 : failures + 1;
        const pauseMs = backoffMs(failures, retryFirstMs, retryMaxMs);
        this.#reportMembership(error, pauseMs);
        await this.#giveUpIfForgotten();
        await clock.sleep(pauseMs, signal);
      }
    } finally {
      await this.#loseAll();
      await this.#closings.all();
    }
  }

  /** One membership: `null` when the loop stopped in good order, else why the membership ended. Rejects with a bug. */
  async #beMember(signal: AbortSignal): Promise<AdapterError | null> {
    const { kafka, groupId, options } = this.#context;
    const member = new GroupMember({
      kafka,
      groupId,
      topics: options.topics,
      settings: this.#settings,
      clock: this.#deps.clock,
      onAssignment: (assignment) => this.#assign(assignment),
    });
    this.#member = member;
    const stopped = whenAborted(signal);
    try {
      const membership = member.stay().catch((error: AdapterError) => error);
      const ended = await Promise.race([stopped.promise.then(() => null), membership, this.#bug.promise]);
      if (ended === null) await this.#drain();
      return ended;
    } finally {
      stopped.forget();
      this.#confirmedAtMs = Math.max(this.#confirmedAtMs, member.confirmedAtMs);
      await member.leave();
    }
  }

  /**
   * A membership that broke (its coordinator died) is followed by another, and the partitions are worked on in between: nobody
   * else has them before the session is over, and after that they are fenced. Longer than that, they surely are another's.
   */
  async #giveUpIfForgotten(): Promise<void> {
    const { rebalanceTimeoutMs, sessionTimeoutMs } = this.#settings;
    if (this.#deps.clock.nowMs() - this.#confirmedAtMs > rebalanceTimeoutMs + sessionTimeoutMs) await this.#loseAll();
  }

  #assign({ memberId, partitions }: GroupAssignment): void {
    this.#everJoined = true;
    // What stays ours stays open. Should another member have owned it in between, unseen, then the first commit is fenced.
    const kept = new Set(partitions.map(nameOf));
    for (const [name, owned] of this.#owned) {
      if (!kept.has(name)) owned.lost.abort();
    }
    for (const of of partitions) this.#own(of);
    const names = partitions.map(nameOf);
    this.#deps.logger.info('the group assigned partitions', {
      memberId,
      partitions: names.join(' '),
      count: names.length,
    });
  }

  #own(of: PartitionName): void {
    const name = nameOf(of);
    const before = this.#owned.get(name);
    if (before !== undefined && !before.lost.signal.aborted) return;
    const lost = new AbortController();
    const owned: Owned = { of, lost, ended: this.#ownAfter(before, of, lost.signal) };
    this.#owned.set(name, owned);
    const forget = (): void => {
      if (this.#owned.get(name) === owned) this.#owned.delete(name);
    };
    owned.ended.then(forget, (error: unknown) => {
      forget();
      this.#bug.reject(error);
    });
  }

  async #ownAfter(before: Owned | undefined, of: PartitionName, lost: AbortSignal): Promise<void> {
    // Two processors of one partition in one process would do the same work side by side; only one could commit it.
    await before?.ended;
    await ownPartition(this.#context, of, {
      lost,
      stop: this.#stop.signal,
      confirmed: (signal) => this.#member?.confirmed(signal) ?? Promise.resolve(),
      openings: this.#openings,
    });
  }

  async #drain(): Promise<void> {
    this.#stop.abort();
    await settle(this.#ended(), this.#settings.drainTimeoutMs, this.#deps.clock);
    if (this.#owned.size > 0) {
      const partitions = [...this.#owned.keys()].join(' ');
      const limitMs = this.#settings.drainTimeoutMs;
      this.#deps.logger.warn('stopping without what these partitions did not finish in time', { partitions, limitMs });
    }
  }

  async #loseAll(): Promise<void> {
    for (const owned of this.#owned.values()) owned.lost.abort();
    await settle(this.#ended(), this.#settings.drainTimeoutMs, this.#deps.clock);
  }

  async #ended(): Promise<void> {
    await Promise.allSettled([...this.#owned.values()].map(({ ended }) => ended));
  }

  #reportMembership(error: AdapterError, pauseMs: number): void {
    const { logger, meter } = this.#deps;
    const { options } = this.#context;
    if (isColdCoordinator(error.cause)) {
      logger.debug('the group coordinator is not ready yet', { error: error.message, pauseMs });
      return;
    }
    const brokers = this.#settings.brokers.join(', ');
    const fields = { code: error.code, error: error.message, brokers, topics: options.topics.join(', '), pauseMs };
    if (this.#everJoined) {
      meter.add(metrics.partitionFailures, 1, { loop: options.loop, code: error.code });
      logger.warn('membership in the group was lost, joining anew', fields);
    } else {
      logger.warn('waiting for Kafka: it does not answer, or a topic is missing (flagwatch setup makes them)', fields);
    }
  }
}

/** What is being closed; each of it ends by itself, and never fails. */
class Closings {
  readonly #open = new Set<Promise<void>>();

  add(closing: Promise<void>): void {
    this.#open.add(closing);
    void closing.finally(() => this.#open.delete(closing));
  }

  async all(): Promise<void> {
    await Promise.all(this.#open);
  }
}
