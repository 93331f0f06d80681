// The way to the cluster: the client with what flagwatch decides itself (no retries of its own, plain content types), and one function
// that sends a request and translates its failure.
import type { ClientOptions } from '@elastic/elasticsearch';
import { Client } from '@elastic/elasticsearch';
import { toAdapterError } from './retry.ts';

/** How to reach the cluster. */
export interface ConnectionSettings {
  /** Options as @elastic/elasticsearch names them: `node`, `nodes`, `cloud`, `auth`, `tls`, `caFingerprint`, `headers`, `proxy` … */
  readonly client: Readonly<Record<string, unknown>>;
  /** A request without an answer for this long has failed. */
  readonly requestTimeoutMs: number;
  /** Whether requests are sent compressed: less network, more CPU. */
  readonly compression: boolean;
}

/** One request. */
interface ElasticsearchRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | boolean>>;
  /** An object is sent as JSON. */
  readonly body?: object;
  /** NDJSON, ready to be sent. */
  readonly ndjson?: Buffer;
  /** Whether 404 is an answer (`null`) and no failure. */
  readonly mayBeMissing?: boolean;
}

/** A connected client. */
export interface Connection {
  /** The answer's body. Throws `AdapterError`, whose `cause` is the client's error. */
  request<T>(request: ElasticsearchRequest, signal: AbortSignal): Promise<T | null>;
  close(): Promise<void>;
}

// The client would ask for `application/vnd.elasticsearch+json; compatible-with=9`, which servers of version 8 refuse. All that
// flagwatch uses is the same in both.
const headers = { accept: 'application/json', 'content-type': 'application/json' };
const ndjsonHeaders = { accept: 'application/json', 'content-type': 'application/x-ndjson' };

/** Opens nothing yet: connections are made by the first request. Throws `AdapterError` where the options are not the client's. */
export function openConnection(settings: ConnectionSettings): Connection {
  const client = createClient(settings);
  return {
    request: <T>(request: ElasticsearchRequest, signal: AbortSignal) => send<T>(client, request, signal),
    close: () => client.close(),
  };
}

function createClient({ client, requestTimeoutMs, compression }: ConnectionSettings): Client {
  try {
    // Retries are the loop's: it sends again only what has to be sent again.
    // Redaction by removal: the client's default clones what failed value by value, and of a bulk of 5 MB that is a second of CPU
    // and hundreds of megabytes for each attempt, just when the cluster is away. Secrets (headers) are removed in both ways.
    const redaction = { type: 'remove' } as const;
    const ours = { maxRetries: 0, retryOnTimeout: false, requestTimeout: requestTimeoutMs, compression, redaction };
    return new Client({ ...(client as ClientOptions), ...ours });
  } catch (error) {
    throw toAdapterError(error, false);
  }
}

async function send<T>(client: Client, request: ElasticsearchRequest, signal: AbortSignal): Promise<T | null> {
  // The client listens to the signal of each request and dispatches events on it: it gets one of its own.
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const { method, path, query, body, ndjson } = request;
    const content = ndjson === undefined ? (body === undefined ? {} : { body }) : { bulkBody: ndjson };
    const answer = await client.transport.request<T>(
      { method, path, ...content, ...(query === undefined ? {} : { querystring: query }) },
      {
        headers: ndjson === undefined ? headers : ndjsonHeaders,
        signal: controller.signal,
        meta: true,
        ignore: request.mayBeMissing === true ? [404] : [],
      },
    );
    return answer.statusCode === 404 ? null : answer.body;
  } catch (error) {
    throw toAdapterError(error, signal.aborted);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
