// Where documents go: Elasticsearch, or the embedded store.

/** A document with an id derived from its origin: writing it again changes nothing, but for a later revision. */
export interface StoreDocument {
  /** Index (a day of event time). */
  readonly index: string;
  readonly id: string;
  /** JSON text of the document: encoded once, sent as it is. */
  readonly json: string;
  /**
   * Of a document that may be corrected: 1, 2 and so on. A greater one than is stored replaces it, whatever the order in which
   * they are written; all others change nothing. Without it what is stored stays.
   */
  readonly revision?: number;
}

/** What became of one document. `duplicate`: it was there already, or a later revision of it, which is success. */
export type WriteResult =
  | { readonly kind: 'created' | 'duplicate' }
  /** May succeed later (429, 503 of a single item): send this one again. */
  | { readonly kind: 'retry'; readonly detail: string }
  /** Will never succeed (mapping): to the dead-letter topic. */
  | { readonly kind: 'rejected'; readonly detail: string };

/** Writes documents, each exactly once by its id. */
export interface DocumentStore {
  /** One request. One result for each document, in order. Throws `AdapterError` when the request as a whole failed. */
  write(documents: readonly StoreDocument[], signal: AbortSignal): Promise<readonly WriteResult[]>;
  /** Creates or updates what documents need (templates, tables). Can be run again. */
  setup(): Promise<readonly string[]>;
  /** Resolves when the store answers and has what `setup` makes; throws `AdapterError` otherwise. */
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
