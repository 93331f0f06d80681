// What a line costs index before it is sent: decode, attribute, classify and render; and the bulk body. In memory, no store.
import { encodeBulkBody } from '#adapters/elasticsearch/bulk-body.ts';
import { decodeLine } from '#core/access-log/decode-line.ts';
import { Bulk } from '#pipeline/documents/bulk.ts';
import { createLineReader } from '#pipeline/documents/line-reader.ts';
import type { StoreDocument } from '#ports/document-store.ts';
import { defaultMasker } from '../support/default-masker.ts';
import type { GoldenFormat } from '../support/line-arbitraries.ts';
import { goldenLines } from '../support/line-arbitraries.ts';

const lineCount = 200_000;
const documentsPerBulk = 2500;
const origin = { cluster: 'dc1', topic: 'istio-access-logs', partition: 3 };
const nowMs = Date.UTC(2026, 10, 21, 6);

/** One paragraph of figures: CPU seconds per million lines of two formats, and documents a second of one core. */
export function benchDocuments(): Promise<string> {
  const formats: readonly GoldenFormat[] = ['istio-json', 'extended-json'];
  return Promise.resolve(formats.map(benchFormat).join('\n'));
}

function benchFormat(format: GoldenFormat): string {
  const lines = goldenLines(format).map((line) => Buffer.from(line));
  const lineBytes = lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
  const mapAll = (): void => {
    for (let offset = 0; offset < lineCount; offset += documentsPerBulk) toDocuments(lines, offset);
  };
  let bodyBytes = 0;
  const mapAndEncodeAll = (): void => {
    for (let offset = 0; offset < lineCount; offset += documentsPerBulk) {
      bodyBytes += encodeBulkBody(toDocuments(lines, offset)).length;
    }
  };
  mapAll();
  const decoding = cpuSecondsPerMillion(() => decodeAll(lines));
  const mapping = cpuSecondsPerMillion(mapAll);
  const whole = cpuSecondsPerMillion(mapAndEncodeAll);
  const perSecond = Math.round(1_000_000 / whole);
  return (
    `documents, ${format} (${lineBytes.toFixed(0)} bytes a line, ${(bodyBytes / lineCount).toFixed(0)} sent): ` +
    `${whole.toFixed(1)} CPU s per million lines up to the bulk's bytes; ${mapping.toFixed(1)} of it to the document, ` +
    `${decoding.toFixed(1)} of that decoding; ${perSecond.toLocaleString('en')} documents a second and core`
  );
}

function decodeAll(lines: readonly Buffer[]): void {
  for (let i = 0; i < lineCount; i += 1) decodeLine(lines[i % lines.length] ?? Buffer.alloc(0));
}

/** The documents of one bulk: no more than index itself holds at a time. */
function toDocuments(lines: readonly Buffer[], from: number): readonly StoreDocument[] {
  const reader = createLineReader({
    indexPrefix: 'flagwatch',
    keepsOriginal: false,
    futureBoundMs: 60_000,
    masker: defaultMasker,
  });
  const bulk = new Bulk('lines', nowMs);
  for (let offset = from; offset < from + documentsPerBulk; offset += 1) {
    const record = { offset, key: null, value: lines[offset % lines.length] ?? null };
    const read = reader.read(record, origin, nowMs);
    if (read.kind === 'documents') bulk.add(record, read.documents);
  }
  return bulk.documents;
}

function cpuSecondsPerMillion(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / lineCount;
}
