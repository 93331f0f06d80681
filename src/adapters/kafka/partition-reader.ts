// Reads one partition forward from a position: fetches, retries, retention, lag. It gives what is committed, in order, and
// holds one fetch response at most; it fetches again only when it is asked.
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type { StreamBatch } from '#ports/record-stream.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';
import { type ClusterClient, nameOf, type PartitionName } from './cluster-client.ts';
import type { FetchResponse } from './fetch-protocol.ts';
import { FetchedRecords } from './fetched-records.ts';
import type { KafkaStreamSettings } from './kafka-settings.ts';
import { fetchErrorOf, toAdapterError } from './to-adapter-error.ts';
import { backoffMs, settle, within } from './within.ts';

/** A batch and what it weighs. */
export interface ReadBatch extends StreamBatch {
  readonly valueBytes: number;
}

/** What a reader is given. */
export interface PartitionReaderParts {
  readonly client: ClusterClient;
  readonly of: PartitionName;
  readonly loop: string;
  readonly settings: KafkaStreamSettings;
  /** Most bytes of a fetch; asked for each time, because it shrinks when this process owns more partitions. */
  readonly fetchBytes: () => number;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

const offsetOutOfRange = 1;
/** Answers may come so much later than the broker was asked to wait, before the fetch counts as lost. */
const answerMarginMs = 1_000;

/** Reads one partition. Calls must not overlap. */
export class PartitionReader {
  readonly #parts: PartitionReaderParts;
  #position: number;
  #fetched: FetchedRecords | null = null;
  #reading: Promise<unknown> | null = null;
  #highWatermark = 0;
  #linger = false;
  #heldSinceMs: number;
  #lag = -1;

  constructor(parts: PartitionReaderParts, startOffset: number) {
    this.#parts = parts;
    this.#position = startOffset;
    this.#heldSinceMs = parts.clock.nowMs();
  }

  /** Behind the last record that was given, and behind the control records and aborted transactions that follow it. */
  get position(): number {
    return this.#position;
  }

  /**
   * The next records; `null` when the broker had none within its waiting time, or the signal was aborted. Throws
   * `AdapterError` when fetching failed for longer than `fetchGiveUpMs`, or when trying again is of no use.
   */
  next(): Promise<ReadBatch | null> {
    const reading = this.#next();
    this.#reading = reading;
    return reading;
  }

  /** Resolves when no fetch is under way any more; the signal has to be aborted before. The lag is another's to report then. */
  async finish(): Promise<void> {
    await this.#reading?.catch(() => undefined);
    this.#highWatermark = this.#position;
    this.#reportLag();
  }

  async #next(): Promise<ReadBatch | null> {
    this.#fetched ??= await this.#fetch();
    const chunk = this.#fetched?.next() ?? null;
    this.#position = this.#fetched?.nextOffset ?? this.#position;
    if (chunk === null) this.#fetched = null;
    this.#reportLag();
    return chunk === null ? null : { ...chunk, behind: this.#behind() };
  }

  /** Asks the broker for the lag and reports it: while a batch takes long, nothing else does. */
  async probeLag(): Promise<void> {
    this.#highWatermark = await this.#parts.client.endOffset(this.#parts.of);
    this.#reportLag();
  }

  #behind(): number {
    return Math.max(0, this.#highWatermark - this.#position);
  }

  #reportLag(): void {
    const lag = this.#behind();
    if (lag === this.#lag) return;
    this.#lag = lag;
    const { meter, loop, of } = this.#parts;
    meter.set(metrics.lagRecords, lag, { loop, topic: of.topic, partition: String(of.partition) });
  }

  async #fetch(): Promise<FetchedRecords | null> {
    const { settings, clock, signal } = this.#parts;
    if (this.#linger) await clock.sleep(settings.fetchLingerMs, signal);
    const response = await this.#fetchUntilAnswered();
    if (response === null) return null;
    this.#linger = response.bytes.length > 0 && response.bytes.length < settings.fetchLingerBelowBytes;
    this.#highWatermark = response.highWatermark;
    this.#watchProgress(response);
    return response.bytes.length === 0 ? null : new FetchedRecords(response, this.#position, settings);
  }

  /** Behind a transaction that nobody ends, nothing is delivered until it times out: the operator should know. */
  #watchProgress(response: FetchResponse): void {
    const { clock, settings, logger } = this.#parts;
    const nowMs = clock.nowMs();
    const isHeld = response.bytes.length === 0 && response.highWatermark > this.#position;
    if (!isHeld) this.#heldSinceMs = nowMs;
    if (nowMs - this.#heldSinceMs <= settings.heldWarnMs) return;
    this.#heldSinceMs = nowMs;
    const { lastStableOffset, highWatermark } = response;
    logger.warn('records are there, but a transaction that is still open holds them back', {
      position: this.#position,
      lastStableOffset,
      highWatermark,
    });
  }

  /** Leaders move and connections break: asked again with pauses, for a while. */
  async #fetchUntilAnswered(): Promise<FetchResponse | null> {
    const { client, settings, clock, signal, of } = this.#parts;
    const givesUpAtMs = clock.nowMs() + settings.fetchGiveUpMs;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const response = await this.#fetchOnce();
        if (response.errorCode === 0) return response;
        if (response.errorCode === offsetOutOfRange) await this.#skipWhatIsGone();
        else throw fetchErrorOf(response.errorCode, `fetching ${nameOf(of)} from offset ${this.#position}`);
      } catch (cause) {
        const error = toAdapterError(cause, `fetching ${nameOf(of)}`);
        if (!error.retryable || clock.nowMs() >= givesUpAtMs) throw error;
        this.#parts.logger.debug('fetching failed, trying again', { code: error.code, error: error.message, failures });
        await clock.sleep(backoffMs(failures, settings.retryFirstMs, settings.retryMaxMs), signal);
        // What cannot be asked now shows in the next fetch.
        if (!signal.aborted) await settle(client.refresh(), settings.requestTimeoutMs, clock);
      }
    }
    return null;
  }

  #fetchOnce(): Promise<FetchResponse> {
    const { client, settings, of, clock, fetchBytes } = this.#parts;
    const limits = { maxWaitMs: settings.fetchMaxWaitMs, maxBytes: fetchBytes() };
    const durationMs = settings.requestTimeoutMs + settings.fetchMaxWaitMs + answerMarginMs;
    const fetching = client.fetch({ ...of, offset: this.#position }, limits);
    return within({ durationMs, doing: `fetching ${nameOf(of)}`, clock }, fetching);
  }

  async #skipWhatIsGone(): Promise<void> {
    const { client, of, logger, meter, loop } = this.#parts;
    const [startOffset, endOffset] = [await client.startOffset(of), await client.endOffset(of)];
    const position = this.#position;
    if (position >= startOffset && position <= endOffset) return; // a new leader that was not up to date for a moment
    this.#position = startOffset;
    if (position < startOffset) {
      const lost = startOffset - position;
      meter.add(metrics.lostRecords, lost, { loop, topic: of.topic });
      logger.error('retention deleted records before they were read: going on behind them', {
        position,
        startOffset,
        lost,
      });
    } else {
      logger.error(
        'the partition ends before the position (deleted and made anew, or cut off): reading it from its start',
        {
          position,
          startOffset,
          endOffset,
        },
      );
    }
  }
}
