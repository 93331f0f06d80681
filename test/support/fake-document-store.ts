// A document store in memory that does what a test tells it: take, refuse, ask for a second try, be away, keep a request waiting.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AdapterError } from '#ports/adapter-error.ts';
import type { DocumentStore, StoreDocument, WriteResult } from '#ports/document-store.ts';

/** The store as the port describes it, and what happened to it. */
export class FakeDocumentStore implements DocumentStore {
  /** By index and id: what is stored. */
  readonly documents = new Map<string, StoreDocument>();
  /** Ids of each request, in order. */
  readonly requests: (readonly string[])[] = [];
  /** Decides about one document; `null` lets it be stored. */
  answer: (document: StoreDocument) => WriteResult | null = () => null;
  /** Error of every request while it is set. */
  failure: AdapterError | null = null;
  /** Requests wait for it, or for their signal. */
  pause: Promise<void> | null = null;

  async write(documents: readonly StoreDocument[], signal: AbortSignal): Promise<readonly WriteResult[]> {
    this.requests.push(documents.map(({ id }) => id));
    // A real request takes a turn of the event loop at least; else a store that is away would block it.
    await nextTurn();
    if (this.pause !== null) await Promise.race([this.pause, abortOf(signal)]);
    if (signal.aborted) throw new AdapterError('ABORTED', 'stopped', { retryable: true });
    if (this.failure !== null) throw this.failure;
    return documents.map((document) => this.answer(document) ?? this.#store(document));
  }

  setup(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  ping(): Promise<void> {
    return this.failure === null ? Promise.resolve() : Promise.reject(this.failure);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #store(document: StoreDocument): WriteResult {
    const key = `${document.index} ${document.id}`;
    const stored = this.documents.get(key);
    if (stored !== undefined && (document.revision ?? 0) <= (stored.revision ?? 0)) return { kind: 'duplicate' };
    if (!isJson(document.json)) return { kind: 'rejected', detail: 'the document is not JSON' };
    this.documents.set(key, document);
    return { kind: 'created' };
  }
}

/** What Elasticsearch is while it is down. */
export function unavailable(): AdapterError {
  return new AdapterError('ES_UNAVAILABLE', 'connect ECONNREFUSED', { retryable: true });
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
