// Processes that share the partitions of detect, each with its server on a real socket, and strangers in their place.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpServer, openHttpServer } from '#adapters/http/server.ts';
import { partitionOf } from '#adapters/memory/partition-of.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { createPeers } from '#app/api/peers.ts';
import { apiPrefix } from '#config/api-operations.ts';
import { defaultSettings } from '#config/load-settings.ts';
import type { DetectView } from '#ports/detect-board.ts';
import { silentLogger } from '#ports/logger.ts';
import { metrics } from '#telemetry/metrics.ts';
import { anApi, aView } from './api-world.ts';
import { SummingMeter } from './loop-harness.ts';

/** Of the partial counts. */
export const partitionCount = 3;
/** Of a request to a peer. */
export const timeoutMs = 400;
const token = 's3cret';
/** Partition of payments. */
export const home = partitionOf('payments', partitionCount);
/** A service of a partition. */
export const serviceOf = (partition: number) => {
  const names = Array.from({ length: 50 }, (_, i) => `service-${i}`);
  return names.find((name) => partitionOf(name, partitionCount) === partition) ?? '';
};
/** What a partition shows; that of payments alone has alerts and verdicts. */
export const aPartition = (partition: number, changes: Partial<DetectView> = {}): DetectView => {
  const rules = partition === home ? aView.rules : aView.rules.map((rule) => ({ ...rule, alerts: [], versions: [] }));
  return { ...aView, origin: { ...aView.origin, partition }, partitionCount, rules, ownAlerts: [], ...changes };
};

let servers: HttpServer[] = [];
let strangers: Server[] = [];
/** Closes all that was opened. */
export async function closePeers(): Promise<void> {
  for (const stranger of strangers) {
    stranger.close();
    stranger.closeAllConnections();
  }
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
  strangers = [];
}

/** A process of detect. */
interface Process {
  readonly url: string;
  readonly meter: SummingMeter;
  readonly server: HttpServer;
  asked: number;
}

/** Opens one. `urls` are read at each request, so that later ones are known to the first. */
export async function open(
  views: readonly DetectView[],
  urls: readonly string[],
  changes: { dns?: string[]; shows?: string; timeoutMs?: number } = {},
) {
  const meter = new SummingMeter();
  const processId = `process-${servers.length}`;
  const peersOf = {
    ...defaultSettings().http.peers,
    timeoutMs: changes.timeoutMs ?? timeoutMs,
    ...(changes.dns === undefined ? { urls } : { dns: 'flagwatch-peers:1' }),
  };
  const http = { ...defaultSettings().http, token: changes.shows ?? token, peers: peersOf };
  const resolve = () => Promise.resolve(changes.dns ?? []);
  const peers = createPeers(http, { meter, clock: systemClock, logger: silentLogger, processId, resolve });
  const { handle } = anApi({ views, peers, processId });
  const server = await openHttpServer('127.0.0.1:0', {
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    isHealthy: () => true,
    notReady: () => [],
    api: {
      prefix: apiPrefix,
      token,
      maxRequestsPerSecond: 1000,
      handle: (request) => {
        opened.asked += 1;
        return handle(request);
      },
    },
  });
  const opened: Process = { url: server.url, meter, server, asked: 0 };
  servers.push(server);
  return opened;
}

/** One for each partition, all of them peers. */
export async function openThree(): Promise<readonly Process[]> {
  const urls: string[] = [];
  const three = [];
  for (let partition = 0; partition < partitionCount; partition += 1) {
    const one = await open([aPartition(partition)], urls);
    urls.push(one.url);
    three.push(one);
  }
  return three;
}

/** A server that answers as it likes; resolves to its address. */
export async function stranger(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  strangers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Asks the API of a process. */
export async function ask<T>({ url }: { readonly url: string }, path: string, body?: unknown) {
  const response = await fetch(`${url}${apiPrefix}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { data, error } = (await response.json()) as { data: T; error?: string };
  return { status: response.status, data, error };
}

/** How many requests to peers had that outcome. */
export const outcome = ({ meter }: Process, name: string) => meter.total(metrics.peerRequests, { outcome: name });
