// keep: dead letters → documents, embedded only. With Kafka the topic itself keeps them; topics in memory keep nothing. The store is
// read by whoever reads documents, so here, unlike in the topic, dead letters are masked.
import type { Masker } from '#core/mask/masker.ts';
import { parseWire } from '#core/wire.ts';
import type { DocumentStore, StoreDocument } from '#ports/document-store.ts';
import type { ConsumeOptions, StreamRecord } from '#ports/record-stream.ts';
import { countMasked } from './count-masked.ts';
import type { LoopDeps } from './loop-deps.ts';

/** Settings of keep. */
export interface KeepSettings {
  /** The dead-letter topic. */
  readonly topic: string;
  readonly indexPrefix: string;
  readonly masker: Masker;
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
          batch.records.map((record) => toDocument(record, settings)),
          opened.signal,
        );
        countMasked(settings.masker, deps.meter);
        await opened.handOver.commit({ records: [], nextOffset: batch.nextOffset });
      };
      const nothing = () => Promise.resolve();
      const processor = { process, tick: nothing, drain: nothing };
      return Promise.resolve({ processor, startOffset: opened.committedOffset ?? 'earliest' });
    },
  };
}

function toDocument(record: StreamRecord, { indexPrefix, masker }: KeepSettings): StoreDocument {
  const value = record.value ?? new Uint8Array(0);
  const wire = parseWire(value, 1);
  const id = record.key === null ? String(record.offset) : Buffer.from(record.key).toString('utf8');
  const json = JSON.stringify(
    masked(wire.kind === 'ok' ? wire.value : { base64: Buffer.from(value).toString('base64') }, masker),
  );
  return { index: `${indexPrefix}-dead-letters`, id, json };
}

/** What was kept of the line, and the detail, which may quote it. */
function masked(letter: object, masker: Masker): object {
  const { text, base64, detail } = letter as Readonly<Record<string, unknown>>;
  return {
    ...letter,
    ...(typeof text === 'string' ? { text: masker.maskLine(text, null) } : {}),
    ...(typeof base64 === 'string' ? { base64: maskBytes(base64, masker) } : {}),
    ...(typeof detail === 'string' ? { detail: masker.maskText(detail) } : {}),
  };
}

/** Latin-1 has a character for each byte, so what is not masked comes out as it was. */
function maskBytes(base64: string, masker: Masker): string {
  return Buffer.from(masker.maskLine(Buffer.from(base64, 'base64').toString('latin1'), null), 'latin1').toString(
    'base64',
  );
}
