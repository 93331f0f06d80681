// The HTTP endpoints that machines look at: /metrics, /healthz, /readyz, and the API below /api/v1.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { AdapterError } from '#ports/adapter-error.ts';
import { ApiGate, isLoopbackHost } from './api-gate.ts';
import { maxBodyBytes, readBody } from './request-body.ts';

/** A request to the API that was let in. Everything in it comes from outside. */
export interface ApiRequest {
  readonly method: string;
  /** Below the API's prefix, as it was sent: `/silences/a%20b`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** An answer of the API, as JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API and how it is guarded. */
export interface ApiEndpoint {
  /** `/api/v1`. */
  readonly prefix: string;
  /** What callers show; `null`: only the loopback address is answered. */
  readonly token: string | null;
  readonly maxRequestsPerSecond: number;
  /** Answers; what it rejects with is not shown. */
  handle(request: ApiRequest): Promise<ApiAnswer>;
}

/** What the endpoints show. */
export interface HttpEndpoints {
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether the process is alive and able to work: `false` asks for a restart. */
  isHealthy(): boolean;
  /** What is not ready yet, by name; empty means ready. */
  notReady(): readonly string[];
  readonly api?: ApiEndpoint;
}

/** A server that listens. */
export interface HttpServer {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Connections at a time: each costs some memory, and nobody needs more. */
const maxConnections = 256;

/** Listens on `host:port` (port 0: any free one). Rejects with `AdapterError` `HTTP_LISTEN` when the address cannot be used. */
export async function openHttpServer(listen: string, endpoints: HttpEndpoints): Promise<HttpServer> {
  const separator = listen.lastIndexOf(':');
  const host = listen.slice(0, separator).replace(/^\[|\]$/g, '');
  const { api } = endpoints;
  const gate = api === undefined ? null : new ApiGate({ ...api, isLoopback: isLoopbackHost(host) });
  const server = createServer((request, response) => {
    const asked = api !== undefined && gate !== null && isBelow(request.url ?? '/', api.prefix);
    const answering = asked ? answerApi(request, api, gate) : answerPlain(request, endpoints);
    answering.then(
      (answer) => send(response, request, answer),
      () => send(response, request, { status: 500, contentType: 'text/plain', text: 'internal error\n' }),
    );
  });
  // A client that does not finish its request does not hold the server.
  server.requestTimeout = 10_000;
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error) => {
      const message = `http.listen ${listen} cannot be used: ${cause.message}; another process may have it: give each its own, or port 0`;
      reject(new AdapterError('HTTP_LISTEN', message, { retryable: false, cause }));
    });
    server.listen(Number(listen.slice(separator + 1)), host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isBelow(url: string, prefix: string): boolean {
  return url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`);
}

function send(response: ServerResponse, request: IncomingMessage, answer: Answer): void {
  const { status, contentType, text, headers = {} } = answer;
  const common = { 'content-type': contentType, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
  // A body that was not read to its end would be taken for the next request.
  const unread = request.complete ? {} : { connection: 'close' };
  response.writeHead(status, { ...common, ...headers, ...unread });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function answerApi(request: IncomingMessage, api: ApiEndpoint, gate: ApiGate): Promise<Answer> {
  const refusal = gate.check(request.headers, performance.now());
  if (refusal !== null) {
    const { status, errorType, error, headers } = refusal;
    return toJson({
      status,
      body: { status: 'error', errorType, error },
      ...(headers === undefined ? {} : { headers }),
    });
  }
  const body = await readBody(request);
  if (body === null) {
    const error = `the body is larger than ${maxBodyBytes} bytes`;
    return toJson({ status: 413, body: { status: 'error', errorType: 'too_large', error } });
  }
  // The URL is not resolved: `..` stays what it is, a part that no operation has.
  const [path = '', query = ''] = (request.url ?? '').slice(api.prefix.length).split('?', 2);
  try {
    return toJson(await api.handle({ method: request.method ?? 'GET', path, query: new URLSearchParams(query), body }));
  } catch {
    const error = 'a fault of flagwatch itself: its log has more';
    return toJson({ status: 500, body: { status: 'error', errorType: 'internal', error } });
  }
}

function toJson({ status, body, headers }: ApiAnswer): Answer {
  const text = `${JSON.stringify(body)}\n`;
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    text,
    ...(headers === undefined ? {} : { headers }),
  };
}

async function answerPlain({ method, url = '/' }: IncomingMessage, endpoints: HttpEndpoints): Promise<Answer> {
  const plain = (status: number, text: string): Answer => ({ status, contentType: 'text/plain; charset=utf-8', text });
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET\n');
  switch (url.split('?')[0]) {
    case '/metrics': {
      const { contentType, text } = await endpoints.metrics();
      return { status: 200, contentType, text };
    }
    case '/healthz':
      return endpoints.isHealthy() ? plain(200, 'ok\n') : plain(503, 'not healthy\n');
    case '/readyz': {
      const waiting = endpoints.notReady();
      return waiting.length === 0 ? plain(200, 'ready\n') : plain(503, `waiting for: ${waiting.join(', ')}\n`);
    }
    default:
      return plain(404, 'try /metrics, /healthz, /readyz or /api/v1/rules\n');
  }
}
