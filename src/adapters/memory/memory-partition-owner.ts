// Owns one partition of the memory broker until it is lost or the loop stops: opens it, feeds its processor, begins anew after
// failures. Everything that its processor is asked happens in one row, so calls never overlap.
import { AdapterError } from '#ports/adapter-error.ts';
import { Bell } from '#ports/bell.ts';
import type { HandOver, OpenedPartition, PartitionProcessor } from '#ports/record-stream.ts';
import { metrics } from '#telemetry/metrics.ts';
import { MemoryHandOver, type MemoryOwnership } from './memory-hand-over.ts';
import type { MemoryPartition, ReadChunk } from './memory-partition.ts';

/** Works on one partition. */
export class MemoryPartitionOwner {
  readonly #ownership: MemoryOwnership;
  readonly #topic: string;
  readonly #partition: number;
  readonly #records: MemoryPartition;
  readonly #ends: AbortSignal;
  #position = 0;
  /** Pauses grow while nothing works in between. */
  #failures = 0;

  constructor(ownership: MemoryOwnership, topic: string, partition: number) {
    this.#ownership = ownership;
    this.#topic = topic;
    this.#partition = partition;
    this.#records = ownership.state.topics.partition(topic, partition);
    this.#ends = AbortSignal.any([ownership.lost.signal, ownership.stop]);
  }

  /** Works until the partition is lost or the loop stops; begins anew after failures. Rejects with a bug. */
  async run(): Promise<void> {
    const { settings, deps } = this.#ownership.state;
    const { loop } = this.#ownership.options;
    while (!this.#ends.aborted) {
      try {
        await this.#openAndWork();
      } catch (error) {
        if (!isExpected(error, this.#ends.aborted)) throw error;
        if (this.#ends.aborted) return;
        const pauseMs = Math.min(settings.retryMaxMs, settings.retryFirstMs * 2 ** Math.min(this.#failures, 30));
        this.#failures += 1;
        const { code, message } = error;
        deps.meter.add(metrics.partitionFailures, 1, { loop, code });
        deps.logger.warn('work on a partition failed, it is opened anew', {
          partition: `${this.#topic}/${this.#partition}`,
          loop,
          code,
          error: message,
          pauseMs,
        });
        await deps.clock.sleep(pauseMs, this.#ends);
      }
    }
  }

  async #openAndWork(): Promise<void> {
    const { options, lost, stop } = this.#ownership;
    const closed = new AbortController();
    const handOver = new MemoryHandOver(
      this.#ownership,
      { topic: this.#topic, partition: this.#partition },
      closed.signal,
    );
    const abort = (): void => closed.abort();
    lost.signal.addEventListener('abort', abort, { once: true });
    this.#position = this.#ownership.group.committed(this.#topic, this.#partition) ?? 0;
    try {
      const { processor, startOffset } = await options.open(this.#opened(handOver, closed.signal));
      this.#position = startOffset === 'earliest' ? this.#records.startOffset : startOffset;
      this.#ownership.state.deps.meter.add(metrics.partitionsOpened, 1, { loop: options.loop });
      await this.#work(processor, handOver);
      if (stop.aborted && !lost.signal.aborted) await processor.drain();
    } finally {
      lost.signal.removeEventListener('abort', abort);
      closed.abort();
    }
  }

  #opened(handOver: HandOver, signal: AbortSignal): OpenedPartition {
    const { state, options, group } = this.#ownership;
    const { topics, settings } = state;
    const { stateTopic } = options;
    return {
      origin: { cluster: settings.clusterName, topic: this.#topic, partition: this.#partition },
      partitionCount: topics.partitionCount(this.#topic) ?? 0,
      handOver,
      committedOffset: group.committed(this.#topic, this.#partition),
      state: stateTopic === undefined ? new Map() : topics.partition(stateTopic, this.#partition).latest(),
      isAtEnd: () => Promise.resolve(this.#position >= this.#records.endOffset),
      signal,
    };
  }

  async #work(processor: PartitionProcessor, handOver: MemoryHandOver): Promise<void> {
    const { state, options } = this.#ownership;
    const { clock } = state.deps;
    const bell = new Bell();
    const forget = this.#records.onAppend(() => bell.ring());
    let isTickDue = false;
    const planTick = (): void => {
      isTickDue = false;
      void clock.sleep(options.tickMs, this.#ends).then(() => {
        isTickDue = true;
        bell.ring();
      });
    };
    planTick();
    try {
      while (!this.#ends.aborted) {
        const chunk = this.#read();
        if (chunk === null) await bell.rung();
        else await this.#process(processor, chunk);
        handOver.throwIfFailed();
        if (!isTickDue || this.#ends.aborted) continue;
        planTick();
        await processor.tick(clock.nowMs());
        handOver.throwIfFailed();
      }
    } finally {
      forget();
    }
  }

  async #process(processor: PartitionProcessor, chunk: ReadChunk): Promise<void> {
    const { options, state } = this.#ownership;
    const { meter } = state.deps;
    const labels = { loop: options.loop, topic: this.#topic };
    const behind = this.#records.endOffset - chunk.nextOffset;
    meter.add(metrics.consumedRecords, chunk.records.length, labels);
    meter.add(metrics.consumedBytes, chunk.valueBytes, labels);
    meter.set(metrics.lagRecords, behind, { ...labels, partition: String(this.#partition) });
    await processor.process({ records: chunk.records, nextOffset: chunk.nextOffset, behind });
    this.#failures = 0;
    // All of it is in this process: without a pause, loops that feed each other would let no timer and no socket have its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }

  #read(): ReadChunk | null {
    const { settings, deps } = this.#ownership.state;
    const { startOffset } = this.#records;
    const lost = startOffset - this.#position;
    if (lost > 0) {
      const labels = { loop: this.#ownership.options.loop, topic: this.#topic };
      deps.meter.add(metrics.lostRecords, lost, labels);
      deps.logger.error('records are no longer kept: going on behind them', { ...labels, startOffset, lost });
      this.#position = startOffset;
    }
    const limits = { maxRecords: settings.batchMaxRecords, maxBytes: settings.batchMaxBytes };
    const chunk = this.#records.read(this.#position, limits);
    this.#position = chunk?.nextOffset ?? this.#position;
    return chunk;
  }
}

/** A failed outside call; of a partition that was lost or is stopping, also what its aborted waiting ends with. */
function isExpected(error: unknown, ended: boolean): error is AdapterError {
  return error instanceof AdapterError || (ended && error instanceof Error && error.name === 'AbortError');
}
