// Dead letters in the embedded store: what was kept of the line, without what must not be stored.
import { expect, it } from 'vitest';
import { silentLogger } from '#ports/logger.ts';
import { defaultMasker } from '../../test/support/default-masker.ts';
import { FakeDocumentStore } from '../../test/support/fake-document-store.ts';
import { RecordedPartition, SummingMeter } from '../../test/support/loop-harness.ts';
import { SkippingClock } from '../../test/support/recording.ts';
import { encodeDeadLetter } from './dead-letter.ts';
import { createKeepLoop } from './keep-loop.ts';

it('masks texts, bytes and details', async () => {
  const store = new FakeDocumentStore();
  const meter = new SummingMeter();
  const settings = { topic: 'dead', indexPrefix: 'fw', masker: defaultMasker, tickMs: 100 };
  const loop = createKeepLoop(settings, { store, meter, clock: new SkippingClock(0), logger: silentLogger });
  const values = [Buffer.from('{"path":"/a?b=leak"'), Buffer.from('\u0001\xff /a?b=leak kim@bank.co.kr', 'latin1')];
  const records = values.map((value, offset) => {
    const origin = { cluster: 'local', topic: 'logs', partition: 0 };
    const letter = {
      origin,
      offset,
      loop: 'collect',
      reason: 'malformed_json',
      detail: 'near "/a?b=leak"',
      value,
    } as const;
    const { key, value: encoded } = encodeDeadLetter('dead', letter);
    return { offset, key: Buffer.from(String(key)), value: Buffer.from(String(encoded)) };
  });
  const { processor } = await loop.open(new RecordedPartition({ topic: 'dead' }));
  await processor.process({ records, nextOffset: 2, behind: 0 });
  const kept = [...store.documents.values()].map(({ json }) => JSON.parse(json) as Record<string, string>);
  expect(kept.map(({ detail }) => detail)).toEqual(['near "/a?[masked]"', 'near "/a?[masked]"']);
  expect(kept[0]?.['text']).toBe('{"path":"/a?[masked]"');
  expect(Buffer.from(kept[1]?.['base64'] ?? '', 'base64').toString('latin1')).toBe(
    '\u0001\xff /a?[masked] [masked:email]',
  );
});
