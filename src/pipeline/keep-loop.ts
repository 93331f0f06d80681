// keep: dead letters → documents, embedded only. With Kafka the topic itself keeps them; topics in memory keep nothing.
import { parseWire } from '#core/wire.ts';
import type { DocumentStore, StoreDocument } from '#ports/document-store.ts';
import type { ConsumeOptions, StreamRecord } from '#ports/record-stream.ts';
import type { LoopDeps } from './loop-deps.ts';

/** Settings of keep. */
export interface KeepSettings {
  /** The dead-letter topic. */
  readonly topic: string;
  readonly indexPrefix: string;
  readonly tickMs: number;
}

/** The keep loop, to be run by a record stream. */
export function createKeepLoop(
  settings: KeepSettings,
  deps: LoopDeps & { readonly store: DocumentStore },
): ConsumeOptions {
  return {
    loop: 'keep',
    topics: [settings.topic],
    tickMs: settings.tickMs,
    open: (opened) => {
      const process = async (batch: { readonly records: readonly StreamRecord[]; readonly nextOffset: number }) => {
        await deps.store.write(
          batch.records.map((record) => toDocument(record, settings.indexPrefix)),
          opened.signal,
        );
        await opened.handOver.commit({ records: [], nextOffset: batch.nextOffset });
      };
      const nothing = () => Promise.resolve();
      const processor = { process, tick: nothing, drain: nothing };
      return Promise.resolve({ processor, startOffset: opened.committedOffset ?? 'earliest' });
    },
  };
}

function toDocument(record: StreamRecord, indexPrefix: string): StoreDocument {
  const value = record.value ?? new Uint8Array(0);
  const wire = parseWire(value, 1);
  const id = record.key === null ? String(record.offset) : Buffer.from(record.key).toString('utf8');
  const json = JSON.stringify(wire.kind === 'ok' ? wire.value : { base64: Buffer.from(value).toString('base64') });
  return { index: `${indexPrefix}-dead-letters`, id, json };
}
