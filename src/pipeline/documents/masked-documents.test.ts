// Recorded lines with something private in them, as they come out as documents: nothing of it is left, ids and services are.
import { describe, expect, it } from 'vitest';
import { encodeWindowCounts } from '#core/count/window-count-wire.ts';
import { encodeTransition } from '#core/evaluate/transition-wire.ts';
import type { MaskSettings } from '#core/mask/mask-settings.ts';
import { maskDefaults } from '#core/mask/mask-settings.ts';
import { createMasker } from '#core/mask/masker.ts';
import { aPartialCount, inTime } from '../../../test/support/builders.ts';
import { envelopeFiles, envelopeLines, goldenFormats, goldenLines } from '../../../test/support/line-arbitraries.ts';
import { aTransition } from '../../../test/support/notify-builders.ts';
import { createLineReader } from './line-reader.ts';
import type { RecordReader } from './record-reader.ts';
import { createAlertReader, createWindowReader } from './record-reader.ts';

const nowMs = Date.UTC(2026, 10, 21, 6);
const origin = { cluster: 'dc1', topic: 'logs', partition: 0 };
const settingsWith = (changes: Partial<MaskSettings> = {}) => ({
  indexPrefix: 'fw',
  keepsOriginal: true,
  futureBoundMs: 60_000,
  masker: createMasker({ ...maskDefaults, ...changes }),
});

function documentsOf(reader: RecordReader, value: string): readonly string[] {
  const read = reader.read({ offset: 0, key: null, value: Buffer.from(value) }, origin, nowMs);
  return read.kind === 'documents' ? read.documents.map(({ json }) => json) : [];
}

/** Each path gets a query, each user agent a card number. Escapes of envelopes are left as they are. */
function withSecrets(line: string): string {
  return line
    .replaceAll(/(\/(?:api|idle)[\w/-]*)/g, '$1?account=110-123-456789&leak')
    .replaceAll(/(?:checkout|cart|web)\/v[\d.]+/g, '$& 4111111111111111 kim@bank.co.kr');
}

const lines = [
  ...goldenFormats.flatMap((format) => goldenLines(format)),
  ...envelopeFiles.flatMap((file) => envelopeLines(file)),
];

describe('documents of recorded lines', () => {
  const reader = createLineReader(settingsWith());

  it('hold no query string and nothing that a pattern knows, the original line included', () => {
    let leaking = 0;
    for (const line of lines.map(withSecrets)) {
      const documents = documentsOf(reader, line);
      if (documents.length > 0 && line.includes('leak')) leaking += 1;
      for (const json of documents) expect(json).not.toMatch(/leak|account=|123-456789|4111111111111111|kim@bank/);
    }
    expect(leaking).toBeGreaterThan(100);
  });

  it('are the same without masking where there is nothing to mask', () => {
    const keeping = createLineReader(settingsWith({ enabled: false }));
    const masking = createLineReader(settingsWith());
    for (const line of lines) expect(documentsOf(masking, line)).toEqual(documentsOf(keeping, line));
  });

  it('say that there was a query', () => {
    const [json = ''] = documentsOf(
      reader,
      withSecrets(goldenLines('istio-json').find((line) => line.includes('/api/')) ?? ''),
    );
    const { url, event } = JSON.parse(json) as { url: Record<string, string>; event: { original: string } };
    expect(url['original']).toBe(`${url['path']}?[masked]`);
    expect(JSON.parse(event.original)).toHaveProperty('path', url['original']);
  });

  it('have hashes for addresses where that is wanted: no field of type ip, ports as they are', () => {
    const hashing = createLineReader(settingsWith({ addresses: 'hash', addressSalt: 'sixteen-characters' }));
    for (const line of lines) {
      for (const json of documentsOf(hashing, line)) {
        expect(json).not.toMatch(/"ip":|\b127\.\d+\.\d+\.\d+/);
      }
    }
    const [json = ''] = documentsOf(hashing, goldenLines('extended-json')[0] ?? '');
    expect(JSON.parse(json)).toMatchObject({
      source: { address: expect.stringMatching(/^addr-[0-9a-f]{16}$/), port: expect.any(Number) },
    });
  });
});

it('documents of windows and alerts hold no secret either, and a rule’s link stays whole', () => {
  const settings = settingsWith();
  const counts = aPartialCount({
    examples: { UC: [{ atMs: 1, requestId: '4111111111111111' }] },
    flagCounts: { UC: 1 },
  });
  const window = { ...counts, ...inTime, windowStartAtMs: nowMs, windowEndAtMs: nowMs + 10_000 };
  const runbook = 'https://wiki.example/x?page=uc';
  const transition = aTransition({
    annotations: { summary: 'of kim@bank.co.kr', runbook_url: runbook },
    examples: [{ atMs: 1, requestId: '4111111111111111' }],
  });
  const all = [
    ...documentsOf(createWindowReader(settings), encodeWindowCounts([window])),
    ...documentsOf(createAlertReader(settings), encodeTransition(transition)),
  ];
  expect(all).toHaveLength(2);
  for (const json of all) expect(json).not.toMatch(/4111111111111111|kim@bank/);
  expect(all[1]).toContain(runbook);
});
