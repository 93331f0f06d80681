// The HTTP endpoints that machines look at: /metrics, /healthz, /readyz.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AdapterError } from '#ports/adapter-error.ts';

/** What the endpoints show. */
export interface HttpEndpoints {
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether the process is alive and able to work: `false` asks for a restart. */
  isHealthy(): boolean;
  /** What is not ready yet, by name; empty means ready. */
  notReady(): readonly string[];
}

/** A server that listens. */
export interface HttpServer {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on `host:port` (port 0: any free one). Rejects with `AdapterError` `HTTP_LISTEN` when the address cannot be used. */
export async function openHttpServer(listen: string, endpoints: HttpEndpoints): Promise<HttpServer> {
  const separator = listen.lastIndexOf(':');
  const host = listen.slice(0, separator).replace(/^\[|\]$/g, '');
  const server = createServer((request, response) => {
    answer(request.method ?? 'GET', request.url ?? '/', endpoints).then(
      ({ status, contentType, text }) => {
        response.writeHead(status, { 'content-type': contentType }).end(request.method === 'HEAD' ? undefined : text);
      },
      () => response.writeHead(500, { 'content-type': 'text/plain' }).end('internal error\n'),
    );
  });
  // A client that does not finish its request does not hold the server.
  server.requestTimeout = 10_000;
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

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

async function answer(method: string, url: string, endpoints: HttpEndpoints): Promise<Answer> {
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
      return plain(404, 'try /metrics, /healthz or /readyz\n');
  }
}
