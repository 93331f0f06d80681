// What every document store keeps of the port's promises. Run on the fake, on SQLite and on Elasticsearch.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentStore, StoreDocument } from '#ports/document-store.ts';

/** A store of the kind under test, after `setup`, and how to look into it. */
export interface StoreUnderTest {
  readonly store: DocumentStore;
  /** The JSON text or value of a stored document; `null` where there is none. */
  read(document: StoreDocument): Promise<unknown>;
  stop(): Promise<void>;
}

/** Prefix of the indices that this run writes: a server that is there for longer than the run is left as it was. */
export const contractPrefix = `flagwatch-contract-${process.pid}`;

let lastNumber = 0;

/** A document with an id of its own. */
export function aDocument(changes: Partial<StoreDocument> = {}): StoreDocument {
  lastNumber += 1;
  const id = `dc1/logs/3/${String(lastNumber).padStart(16, '0')}`;
  const json = JSON.stringify({ '@timestamp': '2026-11-21T05:21:17.136Z', event: { kind: 'event' }, trace: { id } });
  return { index: `${contractPrefix}-lines-2026.11.21`, id, json, ...changes };
}

/** The suite. */
export function describeDocumentStoreContract(name: string, setUp: () => Promise<StoreUnderTest>): void {
  const { signal } = new AbortController();

  describe(`document store contract: ${name}`, () => {
    let subject: StoreUnderTest;
    beforeAll(async () => {
      subject = await setUp();
    });
    afterAll(async () => {
      await subject?.stop();
    });

    it('creates what is new and tells what was there already, each in its place', async () => {
      const [first, second, third] = [aDocument(), aDocument(), aDocument()];
      expect(await subject.store.write([second], signal)).toEqual([{ kind: 'created' }]);
      const results = await subject.store.write([first, second, third], signal);
      expect(results).toEqual([{ kind: 'created' }, { kind: 'duplicate' }, { kind: 'created' }]);
      for (const document of [first, second, third])
        expect(await subject.read(document)).toEqual(JSON.parse(document.json));
    });

    it('changes nothing when an id is written again, whatever is in the document', async () => {
      const document = aDocument();
      await subject.store.write([document], signal);
      const other = { ...document, json: '{"event":{"kind":"metric"}}' };
      expect(await subject.store.write([other], signal)).toEqual([{ kind: 'duplicate' }]);
      expect(await subject.read(document)).toEqual(JSON.parse(document.json));
    });

    it('replaces a document by a later revision alone, whatever the order, also within one request', async () => {
      const revised = (document: StoreDocument, revision: number): StoreDocument => {
        const json = JSON.stringify({ event: { kind: 'event' }, flagwatch: { revision } });
        return { ...document, index: `${contractPrefix}-requests-2026.11.21`, json, revision };
      };
      const write = async (...documents: readonly StoreDocument[]) =>
        (await subject.store.write(documents, signal)).map(({ kind }) => kind);
      const [one, other] = [aDocument(), aDocument()];
      expect(await write(revised(one, 1))).toEqual(['created']);
      expect(await write(revised(one, 1), revised(one, 3), revised(one, 2))).toEqual([
        'duplicate',
        'created',
        'duplicate',
      ]);
      expect(await subject.read(revised(one, 3))).toEqual(JSON.parse(revised(one, 3).json));
      expect(await write(revised(other, 1), revised(other, 2))).toEqual(['created', 'created']);
      expect(await subject.read(revised(other, 2))).toEqual(JSON.parse(revised(other, 2).json));
    });

    it('takes the same id twice in one request as one document', async () => {
      const document = aDocument();
      const results = await subject.store.write([document, document], signal);
      expect(results.map(({ kind }) => kind)).toEqual(['created', 'duplicate']);
    });

    it('refuses for good what is not JSON, and stores its neighbours', async () => {
      const [before, after] = [aDocument(), aDocument()];
      const broken = aDocument({ json: '{"event":{"kind":' });
      const results = await subject.store.write([before, broken, after], signal);
      expect(results.map(({ kind }) => kind)).toEqual(['created', 'rejected', 'created']);
      expect(results[1]).toHaveProperty('detail', expect.stringMatching(/./));
      expect(await subject.read(broken)).toBeNull();
      expect(await subject.read(after)).not.toBeNull();
    });

    it('keeps texts of any script, quotes and controls as they are', async () => {
      const text = '"\\ \u0001 é 日本 😀 </script> \u2028';
      const document = aDocument({ json: JSON.stringify({ event: { original: text } }) });
      await subject.store.write([document], signal);
      expect(await subject.read(document)).toEqual({ event: { original: text } });
    });

    it('takes thousands at once, one result each, in order', async () => {
      const known = aDocument();
      await subject.store.write([known], signal);
      const documents = Array.from({ length: 3000 }, (_, i) => (i === 1234 ? known : aDocument()));
      const results = await subject.store.write(documents, signal);
      expect(results).toHaveLength(3000);
      expect(results.flatMap(({ kind }, i) => (kind === 'created' ? [] : [[i, kind]]))).toEqual([[1234, 'duplicate']]);
    });

    it('takes an empty request', async () => {
      expect(await subject.store.write([], signal)).toEqual([]);
    });

    it('stores nothing more once it is aborted', async () => {
      const document = aDocument();
      await expect(subject.store.write([document], AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
      expect(await subject.read(document)).toBeNull();
    });

    it('can be set up again, by itself and while it is in use', async () => {
      const document = aDocument();
      await subject.store.write([document], signal);
      const lines = await subject.store.setup();
      expect(lines.filter((line) => !line.endsWith('unchanged'))).toEqual([]);
      expect(await subject.store.write([document], signal)).toEqual([{ kind: 'duplicate' }]);
    });

    it('answers a ping', async () => {
      await expect(subject.store.ping(signal)).resolves.toBeUndefined();
    });
  });
}
