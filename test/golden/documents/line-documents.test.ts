// Recorded lines and their documents, as they go into the store: lines.json. `vitest run --project unit -u` writes it anew.
import { expect, it } from 'vitest';
import { createLineReader } from '#pipeline/documents/line-reader.ts';
import { defaultMasker } from '../../support/default-masker.ts';
import type { GoldenFormat } from '../../support/line-arbitraries.ts';
import { goldenLines } from '../../support/line-arbitraries.ts';

/** First line of a format that holds all of these texts. */
const cases: readonly (readonly [name: string, format: GoldenFormat, texts: readonly string[]])[] = [
  ['success, source', 'extended-json', ['"response_code":200', '"listener_direction":2', '"response_flags":"-"']],
  ['success, destination', 'extended-json', ['"response_code":200', '"listener_direction":1', '"response_flags":"-"']],
  ['healthy TCP', 'extended-json', ['"response_code":0', '"response_flags":"-"', '"protocol":null']],
  ['TCP refused', 'extended-json', ['"response_flags":"UF,URX"']],
  ['caller gone, no answer', 'extended-json', ['"response_code":0', '"response_flags":"DC"', '"listener_direction":1']],
  ['cut off in the body', 'extended-json', ['"response_code":200', '"response_flags":"UPE"']],
  ['timeout', 'extended-json', ['"response_code":504', '"response_flags":"UT"']],
  ['no route', 'extended-json', ['"response_flags":"NR"', '"protocol":"HTTP']],
  ['no healthy upstream', 'extended-json', ['"response_flags":"UH"']],
  ['delay injected', 'extended-json', ['"response_flags":"DI"']],
  ['not found', 'extended-json', ['"response_code":404', '"response_flags":"-"']],
  ['closed by the application', 'filebeat-istio-json', ['response_flags\\":\\"UC\\"']],
  ['default JSON', 'istio-json', ['"response_code":503', '"response_flags":"-"']],
  ['TEXT', 'istio-text', [' 200 - via_upstream']],
];

it('documents of recorded lines are as recorded', async () => {
  const settings = { indexPrefix: 'flagwatch', keepsOriginal: false, futureBoundMs: 60_000, masker: defaultMasker };
  const origin = { cluster: 'dc1', topic: 'istio-access-logs', partition: 3 };
  const ingestedAtMs = Date.UTC(2026, 10, 21, 6);
  const documents = cases.map(([name, format, texts], offset) => {
    const line = goldenLines(format).find((text) => texts.every((part) => text.includes(part)));
    // A reader of its own: what it learns of pods from one line it would put into the next.
    const read = createLineReader(settings).read({ offset, key: null, value: Buffer.from(line ?? '') }, origin, ingestedAtMs);
    if (read.kind !== 'documents') throw new Error(`${name}: ${JSON.stringify(read)}`);
    return read.documents.map(({ id, index, json }) => ({ name, id, index, document: JSON.parse(json) as unknown }));
  });
  await expect(`${JSON.stringify(documents.flat(), null, 2)}\n`).toMatchFileSnapshot('lines.json');
});
