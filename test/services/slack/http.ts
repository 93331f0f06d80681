// The HTTP side of the stand-in: reads requests in both forms that Slack takes, and sends or withholds answers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isObject, type Json } from './blocks.ts';

/** A request, read whole. */
export interface SlackRequest {
  readonly path: string;
  /** The arguments of the query and the body together, without the token. */
  readonly args: Json;
  readonly token: string | undefined;
}

/** What to do with a request: answer it, leave it without an answer, or cut the connection. */
export type SlackReply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown; readonly retryAfterSeconds?: number }
  | { readonly kind: 'silence' }
  | { readonly kind: 'reset' };

/** A listening server: its origin, such as http://127.0.0.1:4000, and how to end it. */
export interface HttpService {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1 (port 0: any free one) and lets `handle` decide on every request. */
export async function serve(port: number, handle: (request: SlackRequest) => SlackReply): Promise<HttpService> {
  const server = createServer((request, response) => {
    void read(request)
      .then(handle)
      .catch(
        (error: unknown): SlackReply => ({ kind: 'answer', status: 400, body: { ok: false, error: String(error) } }),
      )
      .then((reply) => send(reply, response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${actual}`, stop: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()); // also where it was closed before
    server.closeAllConnections(); // those left without an answer would stay open for good
  });
}

async function read(request: IncomingMessage): Promise<SlackRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const isJson = request.headers['content-type']?.startsWith('application/json') ?? false;
  const fields: unknown = isJson ? JSON.parse(body || '{}') : Object.fromEntries(new URLSearchParams(body));
  const sent = { ...Object.fromEntries(url.searchParams), ...(isObject(fields) ? fields : {}) };
  const { token, ...args } = sent as Record<string, unknown>;
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return { path: url.pathname, args, token: bearer ?? (typeof token === 'string' ? token : undefined) };
}

function send(reply: SlackReply, response: ServerResponse): void {
  if (reply.kind === 'silence') return;
  if (reply.kind === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const retryAfter = reply.retryAfterSeconds;
  response.writeHead(reply.status, {
    'content-type': 'application/json; charset=utf-8',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  response.end(JSON.stringify(reply.body));
}
