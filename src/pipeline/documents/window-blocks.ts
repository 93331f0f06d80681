// The windows of one partition once more, in compact form: a block for each destination service and slot of event time. Dashboards draw the
// documents of windows; who reads the past reads blocks, some hundred times as fast.
import { createHash } from 'node:crypto';
import { spanStartAtMs } from '#core/clock/event-time.ts';
import { CountBlockWriter } from '#core/count/count-block.ts';
import type { WindowCount } from '#core/count/count-row.ts';
import { edgeKey } from '#core/count/edge.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import type { StreamRecord } from '#ports/record-stream.ts';
import { documentIndex } from './document-index.ts';
import { IsoTimes } from './iso-times.ts';
import { ecsVersion } from './line-document.ts';

/** A row as it came, and as documents may hold it. */
export interface MaskedWindow {
  readonly raw: WindowCount;
  readonly masked: WindowCount;
}

/** Settings of the blocks of a partition. */
export interface WindowBlockSettings {
  /** Event time of a block: five minutes are thirty windows of 10 s, so the names of the edges weigh little, and blocks stay small. */
  readonly slotMs: number;
  /** What is new in blocks is written this often, and only then offsets of windows are committed: what a restart reads again. */
  readonly writeIntervalMs: number;
  /** How long after its slot's end, in event time, a block is still added to: writers that share a partition are this far apart at most. */
  readonly settleMs: number;
  /** Blocks that are open take this much memory; with more they are written and begun anew, which costs space and no row. */
  readonly maxHeldBytes: number;
}

/** What index uses. */
export const windowBlockDefaults: WindowBlockSettings = {
  slotMs: 300_000,
  writeIntervalMs: 60_000,
  settleMs: 60_000,
  maxHeldBytes: 33_554_432,
};

/** A block to be written. */
export interface DueBlock {
  readonly document: StoreDocument;
  /** What is set aside where the store refuses it: the block itself, under the offset of its first record. */
  readonly source: StreamRecord;
}

interface OpenBlock {
  readonly writer: CountBlockWriter;
  readonly id: string;
  /** As documents may name it. */
  readonly service: string;
  readonly firstOffset: number;
  /** Records in it: its revision. */
  records: number;
  writtenRecords: number;
}

/**
 * The open blocks of a partition. A block's id is made of its slot, its service and its first record, its revision is the number of its
 * records: so after a restart, wherever that begins, all blocks of a slot together hold every row, and rows that two of them hold are the same.
 */
export class WindowBlocks {
  readonly #settings: WindowBlockSettings;
  readonly #indexPrefix: string;
  readonly #cluster: string;
  readonly #times = new IsoTimes();
  readonly #open = new Map<string, OpenBlock>();
  /** Start of the newest window. */
  #newestMs = Number.NEGATIVE_INFINITY;

  constructor(settings: WindowBlockSettings, names: { readonly indexPrefix: string; readonly cluster: string }) {
    this.#settings = settings;
    this.#indexPrefix = names.indexPrefix;
    this.#cluster = names.cluster;
  }

  /** Takes the rows of the next record: of one window, and of one service mostly. */
  take(record: StreamRecord, windows: readonly MaskedWindow[]): void {
    for (const [service, rows] of Map.groupBy(windows, ({ raw }) => raw.edge.destination_service)) {
      const block = this.#blockOf(record, service, rows);
      block?.writer.add(
        rows.map(({ masked }) => masked),
        (position) => originOf(rows[position]),
      );
    }
  }

  #blockOf(record: StreamRecord, service: string, rows: readonly MaskedWindow[]): OpenBlock | null {
    const [first] = rows;
    if (first === undefined) return null;
    const { windowStartAtMs, windowEndAtMs } = first.raw;
    this.#newestMs = Math.max(this.#newestMs, windowStartAtMs);
    const startAtMs = spanStartAtMs(windowStartAtMs, this.#settings.slotMs);
    const windowMs = Math.max(0, windowEndAtMs - windowStartAtMs);
    const key = `${startAtMs} ${windowMs} ${service}`;
    let block = this.#open.get(key);
    if (block === undefined) {
      const origin = `${digest(`${this.#cluster} ${service}`)}/${digest(record.value ?? '')}`;
      block = {
        writer: new CountBlockWriter({ startAtMs, windowMs }),
        id: `${String(startAtMs).padStart(15, '0')}/${windowMs}/${origin}`,
        service: first.masked.edge.destination_service,
        firstOffset: record.offset,
        records: 0,
        writtenRecords: 0,
      };
      this.#open.set(key, block);
    }
    block.records += 1;
    return block;
  }

  /** Memory of the open blocks. */
  get heldBytes(): number {
    let bytes = 0;
    for (const { writer } of this.#open.values()) bytes += writer.byteLength;
    return bytes;
  }

  /** Whether more is held than may be. */
  get isFull(): boolean {
    return this.heldBytes > this.#settings.maxHeldBytes;
  }

  /** The blocks that have grown since they were given last, one by one; what is complete, or too much to hold, is forgotten. */
  *takeDue(nowMs: number): Generator<DueBlock> {
    const isFull = this.isFull;
    for (const [key, block] of this.#open) {
      if (isFull || this.#isComplete(block)) this.#open.delete(key);
      if (block.records === block.writtenRecords) continue;
      block.writtenRecords = block.records;
      yield this.#render(block, nowMs);
    }
  }

  #isComplete({ writer }: OpenBlock): boolean {
    const { slotMs, settleMs } = this.#settings;
    return writer.startAtMs + slotMs + settleMs <= this.#newestMs;
  }

  #render({ writer, id, service, firstOffset, records }: OpenBlock, nowMs: number): DueBlock {
    const { startAtMs, windowMs, endAtMs, rowCount } = writer;
    const { counts, durations } = writer.pack();
    const json = JSON.stringify({
      '@timestamp': this.#times.render(startAtMs),
      ecs: { version: ecsVersion },
      event: {
        kind: 'metric',
        dataset: 'flagwatch.window-blocks',
        end: this.#times.render(endAtMs),
        ingested: this.#times.render(nowMs),
      },
      flagwatch: {
        destination: { service },
        // Not mapped: only for those who read the counts back.
        block: { window_ms: windowMs, rows: rowCount, counts: toBase64(counts), durations: toBase64(durations) },
      },
    });
    const index = documentIndex(this.#indexPrefix, 'window-blocks', startAtMs, this.#times);
    return {
      document: { index, id, json, revision: records },
      source: { offset: firstOffset, key: null, value: Buffer.from(json) },
    };
  }
}

/** What tells an edge from others that masking makes equal to it; nothing where there is nothing masked. */
function originOf(window: MaskedWindow | undefined): string {
  if (window === undefined) return '';
  const own = edgeKey(window.raw.edge);
  return own === edgeKey(window.masked.edge) ? '' : digest(own);
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
