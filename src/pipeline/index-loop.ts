// index: lines, failed requests, windows and alerts → documents. The only loop that waits for the document store; its group is its own, so nothing
// else waits with it. A partition's offset moves only past records of which every document is durable or set aside.
import { PodDirectory } from '#core/attribute/pod-directory.ts';
import type { DocumentStore } from '#ports/document-store.ts';
import type { Logger } from '#ports/logger.ts';
import type { Meter } from '#ports/meter.ts';
import type {
  ConsumeOptions,
  OpenedPartition,
  PartitionProcessor,
  StreamBatch,
  StreamRecord,
} from '#ports/record-stream.ts';
import type { Clock } from '#ports/system.ts';
import { metrics } from '#telemetry/metrics.ts';
import { countMasked } from './count-masked.ts';
import type { SetAside } from './documents/bulk.ts';
import { Bulk, toDeadLetter } from './documents/bulk.ts';
import { BulkGate } from './documents/bulk-gate.ts';
import type { DurableWriterSettings } from './documents/durable-writer.ts';
import { DurableWriter } from './documents/durable-writer.ts';
import { createLineReader } from './documents/line-reader.ts';
import type { RecordReader, RecordReaderSettings } from './documents/record-reader.ts';
import { createAlertReader, createRequestReader, createWindowReader } from './documents/record-reader.ts';
import type { WindowBlockSettings } from './documents/window-blocks.ts';
import { WindowBlocks, windowBlockDefaults } from './documents/window-blocks.ts';
import type { TopicNames } from './topics.ts';

/** Settings of index. */
export interface IndexSettings extends RecordReaderSettings, DurableWriterSettings {
  /** The access-log topics. */
  readonly topics: readonly string[];
  readonly names: TopicNames;
  /** A bulk is sent when its documents and the records that they came from have this many bytes (5 MiB is what servers like). */
  readonly maxBulkBytes: number;
  /** Or this many documents. */
  readonly maxBulkDocuments: number;
  /** Bulks that are open at a time, over all partitions of the process. More of them wait, and so do their partitions. */
  readonly maxBulksInFlight: number;
  /** What was read is sent after this long at most. */
  readonly flushIntervalMs: number;
  readonly tickMs: number;
  /** `windowBlockDefaults` where it is not given. */
  readonly blocks?: WindowBlockSettings;
}

/** What index needs. */
export interface IndexDeps {
  readonly store: DocumentStore;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
}

/** What the partitions of one process have in common. */
interface Shared {
  readonly settings: IndexSettings;
  readonly deps: IndexDeps;
  readonly gate: BulkGate;
  readonly writer: DurableWriter;
  /** What the cluster's pods are, learned from their lines. */
  readonly pods: PodDirectory;
}

/** The index loop, to be run by a record stream. */
export function createIndexLoop(settings: IndexSettings, deps: IndexDeps): ConsumeOptions {
  const shared: Shared = {
    settings,
    deps,
    gate: new BulkGate(settings.maxBulksInFlight),
    writer: new DurableWriter(settings, deps),
    pods: new PodDirectory(),
  };
  return {
    loop: 'index',
    topics: [...settings.topics, settings.names.requestFaults, settings.names.windows, settings.names.alerts],
    tickMs: settings.tickMs,
    open: (opened) => {
      const processor = new IndexPartition(shared, opened);
      return Promise.resolve({ processor, startOffset: opened.committedOffset ?? 'earliest' });
    },
  };
}

class IndexPartition implements PartitionProcessor {
  readonly #shared: Shared;
  readonly #opened: OpenedPartition;
  readonly #reader: RecordReader;
  /** Aborted by `drain`: what the store does not take now waits for the next owner. */
  readonly #draining = new AbortController();
  /** Aborted when this processor has failed and another takes its place: the places at the gate are for that one. */
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;
  /** Sent and not committed, oldest first. */
  readonly #sent: Bulk[] = [];
  #bulk: Bulk | null = null;
  /** Of the topic of windows alone. */
  readonly #blocks: WindowBlocks | null;
  #blocksWrittenAtMs: number;
  #committedOffset: number;

  constructor(shared: Shared, opened: OpenedPartition) {
    this.#shared = shared;
    this.#opened = opened;
    this.#signal = AbortSignal.any([opened.signal, this.#failed.signal]);
    this.#reader = readerOf(opened.origin.topic, shared);
    this.#committedOffset = opened.committedOffset ?? 0;
    const { settings, deps } = shared;
    const { cluster, topic } = opened.origin;
    const names = { indexPrefix: settings.indexPrefix, cluster };
    this.#blocks =
      topic === settings.names.windows ? new WindowBlocks(settings.blocks ?? windowBlockDefaults, names) : null;
    this.#blocksWrittenAtMs = deps.clock.nowMs();
  }

  async process(batch: StreamBatch): Promise<void> {
    const nowMs = this.#shared.deps.clock.nowMs();
    for (const record of batch.records) {
      if (this.#signal.aborted) return;
      const bulk = this.#take(record, nowMs);
      if (this.#isFull(bulk)) {
        await this.#send();
        if (this.#blocks?.isFull === true) await this.#sendBlocks(nowMs);
        await this.#commitDurable();
      }
    }
    if (this.#signal.aborted) return;
    if (batch.nextOffset > (this.#bulk?.nextOffset ?? this.#sent.at(-1)?.nextOffset ?? this.#committedOffset)) {
      this.#openBulk(nowMs).nextOffset = batch.nextOffset;
    }
    countMasked(this.#shared.settings.masker, this.#shared.deps.meter);
    await this.tick(nowMs);
  }

  async tick(nowMs: number): Promise<void> {
    await this.#sendIfDue(nowMs);
    await this.#sendBlocksIfDue(nowMs);
    await this.#commitDurable();
  }

  async drain(): Promise<void> {
    this.#draining.abort();
    if (this.#shared.gate.hasPlace) await this.#send();
    await this.#settle();
    // A store that is slow or gone took what it could: what is not sent is for the next owner.
    if (this.#sent.every((bulk) => bulk.hasArrived)) {
      await this.#send();
      await this.#sendBlocks(this.#shared.deps.clock.nowMs());
      await this.#settle();
    }
    await this.#commitDurable();
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#sent.map((bulk) => bulk.settled()));
  }

  #openBulk(nowMs: number): Bulk {
    this.#bulk ??= new Bulk(this.#reader.kind, nowMs);
    return this.#bulk;
  }

  #take(record: StreamRecord, nowMs: number): Bulk {
    const bulk = this.#openBulk(nowMs);
    const read = this.#reader.read(record, this.#opened.origin, nowMs);
    if (read.kind === 'documents') {
      bulk.add(record, read.documents);
      this.#blocks?.take(record, read.windows ?? []);
    } else if (read.kind === 'skip') bulk.notDocuments.skipped += 1;
    else {
      bulk.notDocuments.unreadable += 1;
      if (!read.isSetAsideElsewhere) bulk.setAside(record, read.reason, read.detail);
    }
    bulk.nextOffset = record.offset + 1;
    return bulk;
  }

  #isFull({ documentCount, bytes }: Bulk): boolean {
    const { maxBulkDocuments, maxBulkBytes } = this.#shared.settings;
    return documentCount >= maxBulkDocuments || bytes >= maxBulkBytes;
  }

  async #sendIfDue(nowMs: number): Promise<void> {
    const bulk = this.#bulk;
    if (bulk !== null && nowMs - bulk.openedAtMs >= this.#shared.settings.flushIntervalMs) await this.#send();
  }

  /** Resolves when the bulk is on its way, which may take as long as the bulks before it. */
  async #send(): Promise<void> {
    const bulk = this.#bulk;
    if (bulk === null) return;
    bulk.isCommittable = this.#blocks === null;
    if (await this.#enqueue(bulk)) this.#bulk = null;
  }

  /** Whether it is on its way: it is not, when the partition was lost before there was a place at the gate. */
  async #enqueue(bulk: Bulk): Promise<boolean> {
    const { gate, writer } = this.#shared;
    const signal = this.#signal;
    if (bulk.documentCount > 0 && !(await gate.enter(signal))) return false;
    this.#sent.push(bulk);
    if (bulk.documentCount === 0) bulk.markDurable();
    else bulk.send(writer, { signal, retrySignal: this.#draining.signal }, () => gate.leave());
    return true;
  }

  async #sendBlocksIfDue(nowMs: number): Promise<void> {
    const { writeIntervalMs } = this.#shared.settings.blocks ?? windowBlockDefaults;
    if (nowMs - this.#blocksWrittenAtMs >= writeIntervalMs || this.#blocks?.isFull === true) {
      await this.#sendBlocks(nowMs);
    }
  }

  /** Sends what is new in blocks; behind the last of them the offset may be committed. */
  async #sendBlocks(nowMs: number): Promise<void> {
    const blocks = this.#blocks;
    if (blocks === null) return;
    this.#blocksWrittenAtMs = nowMs;
    await this.#send();
    const nextOffset = this.#sent.at(-1)?.nextOffset;
    // Without one nothing was read since the last commit; with an open one there was no place at the gate.
    if (nextOffset === undefined || this.#bulk !== null) return;
    const openBulk = (): Bulk => Object.assign(new Bulk('window-blocks', nowMs), { nextOffset, isCommittable: false });
    let bulk = openBulk();
    for (const { document, source } of blocks.takeDue(nowMs)) {
      bulk.add(source, [document]);
      if (!this.#isFull(bulk)) continue;
      if (!(await this.#enqueue(bulk))) return;
      bulk = openBulk();
    }
    bulk.isCommittable = true;
    await this.#enqueue(bulk);
    const partition = String(this.#opened.origin.partition);
    this.#shared.deps.meter.set(metrics.openBlockBytes, blocks.heldBytes, { partition });
  }

  /** One hand-over for all bulks that are durable up to the first that is not. Called within a call only, so never twice at a time. */
  async #commitDurable(): Promise<void> {
    try {
      await this.#handOver();
    } catch (error) {
      this.#failed.abort();
      throw error;
    }
  }

  async #handOver(): Promise<void> {
    if (this.#signal.aborted && !this.#draining.signal.aborted) return;
    const { deps, settings } = this.#shared;
    const firstOpen = this.#sent.findIndex((bulk) => !bulk.isDurable());
    const finished = firstOpen === -1 ? [...this.#sent] : this.#sent.slice(0, firstOpen);
    const durable = finished.slice(0, 1 + finished.findLastIndex(({ isCommittable }) => isCommittable));
    const last = durable.at(-1);
    if (last === undefined) return;
    const { origin, handOver } = this.#opened;
    const letters: readonly SetAside[] = durable.flatMap((bulk) => bulk.deadLetters);
    const records = letters.map((letter) => toDeadLetter(settings.names.deadLetters, origin, letter));
    await handOver.commit({ records, nextOffset: last.nextOffset });
    this.#committedOffset = last.nextOffset;
    this.#sent.splice(0, durable.length);
    for (const { reason } of letters) deps.meter.add(metrics.deadLetters, 1, { loop: 'index', reason });
    for (const bulk of durable) this.#measure(bulk);
  }

  #measure({ kind, notDocuments }: Bulk): void {
    for (const [outcome, count] of Object.entries(notDocuments)) {
      if (count > 0) this.#shared.deps.meter.add(metrics.documents, count, { kind, outcome });
    }
  }
}

function readerOf(topic: string, { settings, pods }: Shared): RecordReader {
  if (topic === settings.names.requestFaults) return createRequestReader(settings);
  if (topic === settings.names.windows) return createWindowReader(settings);
  if (topic === settings.names.alerts) return createAlertReader(settings);
  return createLineReader(settings, pods);
}
