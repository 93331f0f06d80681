// A Slack that is only a memory: an HTTP server on 127.0.0.1 with the part of the Web API that flagwatch uses. It keeps
// Slack's limits, fails on request, and records everything. Runs inside a test, or as a process of its own:
// `node test/services/slack-stand-in.ts --port N` prints the API's URL, and GET /_inspect returns what was recorded.
import { parseArgs } from 'node:util';
import { SlackApi } from './slack/api.ts';
import type { FaultRequest } from './slack/faults.ts';
import { type SlackReply, type SlackRequest, serve } from './slack/http.ts';
import { documentedLimits, type RateLimits } from './slack/rate-limits.ts';
import type { SlackCall, SlackPing, SlackViolation } from './slack/recorder.ts';
import type { ChannelWish, SlackChannel, SlackMessage } from './slack/workspace.ts';

/** How to start; everything may be left out. */
export interface SlackOptions {
  /** 0, as if left out: any free port. */
  readonly port?: number;
  /** The channels of the workspace; `alerts` alone if left out. */
  readonly channels?: readonly (string | ChannelWish)[];
  /** The tokens that are valid, each a bot of its own; `xoxb-stand-in` alone if left out. */
  readonly tokens?: readonly string[];
  /** What differs from Slack's documented limits, or 'off' for none. */
  readonly rateLimits?: Partial<RateLimits> | 'off';
  /** Epoch milliseconds, for timestamps and limits; the system's clock if left out. */
  readonly now?: () => number;
}

/** All that was recorded, the oldest first: what GET /_inspect answers. */
export interface SlackRecord {
  readonly channels: readonly SlackChannel[];
  readonly messages: readonly SlackMessage[];
  readonly calls: readonly SlackCall[];
  readonly pings: readonly SlackPing[];
  readonly violations: readonly SlackViolation[];
}

/** A running stand-in. What the reading methods return are copies. */
export interface SlackStandIn {
  /** For the client's `slackApiUrl`. */
  readonly url: string;
  /** Where GET /_inspect is, and POST /_fail (a fault), /_limits (limits, or `off`: true) and /_clear, all in JSON. */
  readonly origin: string;
  /** A token that is valid. */
  readonly token: string;
  channels(): readonly SlackChannel[];
  /** Every message, also the deleted ones, as it stands now and with its edits. */
  messages(): readonly SlackMessage[];
  calls(): readonly SlackCall[];
  /** Mentions that were not escaped and would have notified people. */
  pings(): readonly SlackPing[];
  /** What Slack bears and a good client does not do. */
  violations(): readonly SlackViolation[];
  /** Makes the next calls of a method fail. Throws a RangeError on a way to fail that does not exist. */
  failNext(fault: FaultRequest): void;
  /** Sets new limits, with full buckets. */
  limit(rateLimits: Partial<RateLimits> | 'off'): void;
  /** Posts as a person would, past all limits: a message that no bot may update. Returns its `ts`. */
  postAsPerson(channel: string, text: string): string;
  /** Deletes a message, as a person may at any time. Throws a RangeError where there is none. */
  deleteMessage(channel: string, ts: string): void;
  /** Forgets messages, calls, findings and faults that did not happen yet; limits and buckets stay. */
  clear(): void;
  stop(): Promise<void>;
}

/** Starts a stand-in for Slack on 127.0.0.1. */
export async function startSlackStandIn(options: SlackOptions = {}): Promise<SlackStandIn> {
  const tokens = options.tokens ?? ['xoxb-stand-in'];
  const channels = (options.channels ?? ['alerts']).map((one) => (typeof one === 'string' ? { name: one } : one));
  const rateLimits = toLimits(options.rateLimits);
  const api = new SlackApi({ tokens, channels, rateLimits, now: options.now ?? Date.now });
  const service = await serve(options.port ?? 0, (request) => route(api, request));
  return {
    url: `${service.origin}/api/`,
    origin: service.origin,
    token: tokens[0] ?? '',
    channels: () => record(api).channels,
    messages: () => record(api).messages,
    calls: () => record(api).calls,
    pings: () => record(api).pings,
    violations: () => record(api).violations,
    failNext: (fault) => api.faults.add(fault),
    limit: (limits) => api.limiter.set(toLimits(limits)),
    postAsPerson: (channel, text) => api.workspace.postAsPerson(channel, text, (options.now ?? Date.now)()),
    deleteMessage: (channel, ts) => api.workspace.delete(channel, ts),
    clear: () => clear(api),
    stop: () => service.stop(),
  };
}

function route(api: SlackApi, request: SlackRequest): SlackReply {
  const { path, args } = request;
  if (path.startsWith('/api/')) return api.handle(path.slice('/api/'.length), request);
  if (path === '/_inspect') return { kind: 'answer', status: 200, body: record(api) };
  if (path === '/_clear') clear(api);
  else if (path === '/_limits') api.limiter.set(toLimits(args['off'] ? 'off' : args));
  else if (path === '/_fail') api.faults.add({ method: '*', ...args } as FaultRequest);
  else return { kind: 'answer', status: 404, body: { ok: false, error: `nothing at ${path}` } };
  return { kind: 'answer', status: 200, body: { ok: true } };
}

function record(api: SlackApi): SlackRecord {
  const { calls, pings, violations } = api.recorder;
  const { channels, messages } = api.workspace;
  return structuredClone({ channels, messages, calls, pings, violations });
}

function clear(api: SlackApi): void {
  api.workspace.clear();
  api.recorder.clear();
  api.faults.clear();
}

function toLimits(rateLimits: Partial<RateLimits> | 'off' = {}): RateLimits | 'off' {
  return rateLimits === 'off' ? 'off' : { ...documentedLimits, ...rateLimits };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      channel: { type: 'string', multiple: true, default: ['alerts'] },
      token: { type: 'string', multiple: true, default: ['xoxb-stand-in'] },
    },
  });
  const slack = await startSlackStandIn({ port: Number(values.port), channels: values.channel, tokens: values.token });
  process.stdout.write(`${slack.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void slack.stop());
}

if (import.meta.main) await main();
