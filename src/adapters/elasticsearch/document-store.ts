// The document store on Elasticsearch: bulks with an answer for each document, templates by `setup`.
import { AdapterError } from '#ports/adapter-error.ts';
import type { DocumentStore, StoreDocument, WriteResult } from '#ports/document-store.ts';
import type { Logger } from '#ports/logger.ts';
import { encodeBulkBody, unsendable } from './bulk-body.ts';
import type { Connection, ConnectionSettings } from './client.ts';
import { openConnection } from './client.ts';
import type { BulkItem } from './retry.ts';
import { isForbidden, isTooLarge, toWriteResult } from './retry.ts';
import type { TemplateSettings } from './templates.ts';
import { indexTemplates } from './templates.ts';

/** Settings of the store. */
export interface ElasticsearchSettings extends ConnectionSettings, TemplateSettings {}

/** What the store needs. */
export interface ElasticsearchDeps {
  readonly logger: Logger;
}

interface BulkAnswer {
  readonly items?: readonly { readonly create?: BulkItem; readonly index?: BulkItem }[];
}

/** A document store on Elasticsearch 8 or 9. Throws `AdapterError` where the connection's options are not the client's. */
export function createElasticsearchStore(settings: ElasticsearchSettings, deps: ElasticsearchDeps): DocumentStore {
  const connection = openConnection(settings);
  const bulk: BulkSettings = { connection, logger: deps.logger, requestTimeoutMs: settings.requestTimeoutMs };
  return {
    write: (documents, signal) => writeSendable(bulk, documents, signal),
    setup: () => putTemplates(connection, settings),
    ping: async (signal) => {
      await connection.request({ method: 'GET', path: '/' }, signal);
      await requireTemplates(connection, settings, signal);
    },
    close: () => connection.close(),
  };
}

/** Throws where a template is not there: an index that is made without it gets mappings from whatever lines hold. */
async function requireTemplates(
  connection: Connection,
  settings: TemplateSettings,
  signal: AbortSignal,
): Promise<void> {
  for (const { name } of indexTemplates(settings)) {
    const path = `/_index_template/${encodeURIComponent(name)}`;
    const found = await connection
      .request({ method: 'GET', path, mayBeMissing: true }, signal)
      .catch((error: unknown) => {
        // Who may write documents need not have the right to look at templates.
        if (error instanceof AdapterError && isForbidden(error.cause)) return {};
        throw error;
      });
    if (found !== null) continue;
    throw new AdapterError('ES_REJECTED', `index template ${name} is missing: run “flagwatch setup”`, {
      retryable: true,
    });
  }
}

interface BulkSettings {
  readonly connection: Connection;
  readonly logger: Logger;
  readonly requestTimeoutMs: number;
}

/** Keeps back what would fail the whole request. */
async function writeSendable(
  settings: BulkSettings,
  documents: readonly StoreDocument[],
  signal: AbortSignal,
): Promise<readonly WriteResult[]> {
  const problems = documents.map(unsendable);
  if (problems.every((problem) => problem === null)) return write(settings, documents, signal);
  const sendable = documents.filter((_, i) => problems[i] === null);
  const written = (await write(settings, sendable, signal)).values();
  return problems.map((detail): WriteResult => {
    if (detail !== null) return { kind: 'rejected', detail };
    return written.next().value ?? missingResult();
  });
}

async function write(
  settings: BulkSettings,
  documents: readonly StoreDocument[],
  signal: AbortSignal,
): Promise<readonly WriteResult[]> {
  if (documents.length === 0) return [];
  try {
    return await sendBulk(settings, documents, signal);
  } catch (error) {
    if (!(error instanceof AdapterError) || !isTooLarge(error.cause)) throw error;
    if (documents.length === 1) return [{ kind: 'rejected', detail: error.message }];
    // A proxy or the server takes no request of this size: halves may pass, and one document alone that does not is at fault.
    settings.logger.warn('a bulk is too large for the server; it is sent in halves', { documents: documents.length });
    const middle = Math.ceil(documents.length / 2);
    const first = await write(settings, documents.slice(0, middle), signal);
    return [...first, ...(await write(settings, documents.slice(middle), signal))];
  }
}

async function sendBulk(
  { connection, requestTimeoutMs }: BulkSettings,
  documents: readonly StoreDocument[],
  signal: AbortSignal,
): Promise<readonly WriteResult[]> {
  // The server gives up on a shard that is away before we give up on the server, so that the others of the bulk are answered.
  const timeout = `${Math.ceil(requestTimeoutMs / 2)}ms`;
  const query = { filter_path: 'items.*.status,items.*.error', timeout };
  const ndjson = encodeBulkBody(documents);
  const answer = await connection.request<BulkAnswer>({ method: 'POST', path: '/_bulk', query, ndjson }, signal);
  const items = answer?.items ?? [];
  if (items.length !== documents.length) missingResult();
  return items.map(({ create, index }) => toWriteResult(create ?? index ?? missingResult()));
}

function missingResult(): never {
  throw new AdapterError('ES_UNAVAILABLE', 'the answer to a bulk does not tell of each of its documents', {
    retryable: true,
  });
}

/** The server's own form of a template before and after tells whether anything changed, also what somebody changed by hand. */
async function putTemplates(connection: Connection, settings: TemplateSettings): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const lines: string[] = [];
  for (const { name, body } of indexTemplates(settings)) {
    const path = `/_index_template/${encodeURIComponent(name)}`;
    const before = await connection.request<object>({ method: 'GET', path, mayBeMissing: true }, signal);
    await connection.request({ method: 'PUT', path, body }, signal);
    const after = await connection.request<object>({ method: 'GET', path }, signal);
    const isSame = JSON.stringify(before) === JSON.stringify(after);
    const change = before === null ? 'created' : isSame ? 'unchanged' : 'updated, for indices from now on';
    lines.push(`index template ${name}: ${change}`);
  }
  return lines;
}
