// Takes the calls of the Web API through what Slack takes them through: faults on request, the token, the rate limits,
// the method; and writes each step down.
import type { Json } from './blocks.ts';
import { SlackRefusal } from './content.ts';
import { FaultQueue, type FaultRequest, isTransportFault } from './faults.ts';
import type { SlackReply, SlackRequest } from './http.ts';
import { methods } from './methods.ts';
import { RateLimiter, type RateLimits } from './rate-limits.ts';
import { Recorder, type SlackCall, toJson } from './recorder.ts';
import { type Author, type ChannelWish, Workspace } from './workspace.ts';

// Arguments that are arrays or objects; a form carries them as JSON texts.
const structuredArgs = ['blocks', 'attachments', 'metadata'];

/** How to make one; see the options of the stand-in. */
export interface SlackApiSettings {
  readonly tokens: readonly string[];
  readonly channels: readonly ChannelWish[];
  readonly rateLimits: RateLimits | 'off';
  readonly now: () => number;
}

/** The Web API without its HTTP. */
export class SlackApi {
  readonly workspace: Workspace;
  readonly recorder: Recorder = new Recorder();
  readonly faults: FaultQueue = new FaultQueue();
  readonly limiter: RateLimiter;
  readonly #tokens: readonly string[];
  readonly #now: () => number;

  constructor(settings: SlackApiSettings) {
    this.workspace = new Workspace(settings.channels);
    this.limiter = new RateLimiter(settings.rateLimits);
    this.#tokens = settings.tokens;
    this.#now = settings.now;
  }

  /** Handles one call of `method`, and says what to answer. */
  handle(method: string, request: SlackRequest): SlackReply {
    const atMs = this.#now();
    const args: Json = Object.fromEntries(
      Object.entries(request.args).map(([key, value]) => [key, structuredArgs.includes(key) ? toJson(value) : value]),
    );
    const channel = this.workspace.channelByIdOrName(args['channel'])?.id ?? String(args['channel'] ?? '');
    const key = method === 'chat.postMessage' ? `${method}:${channel}` : method;
    const call = this.recorder.arrive({ method, args, atMs }, key);
    const fault = this.faults.take(method);
    if (fault !== undefined && !fault.how.endsWith('-after-accept')) return this.#fail(call, key, fault);
    const refusal = this.#checkToken(request.token);
    if (refusal !== undefined) return answerNo(call, refusal);
    const retryAfterSeconds = this.limiter.take(method, channel, atMs);
    if (retryAfterSeconds > 0) return this.#tooMany(call, key, retryAfterSeconds);
    const reply = this.#run(call, this.#author(request.token));
    if (fault === undefined || call.outcome !== 'ok') return reply;
    call.outcome = fault.how;
    return { kind: fault.how === 'reset-after-accept' ? 'reset' : 'silence' };
  }

  #run(call: SlackCall, author: Author): SlackReply {
    const method = methods[call.method];
    if (method === undefined) return answerNo(call, 'unknown_method');
    try {
      const fields = method({ workspace: this.workspace, args: call.args, author, nowMs: call.atMs });
      call.outcome = 'ok';
      if (call.method.startsWith('chat.')) {
        this.recorder.inspect(call, { channel: String(fields['channel']), ts: String(fields['ts']) });
      }
      return { kind: 'answer', status: 200, body: { ok: true, ...fields } };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      return answerNo(call, error.code, error.details);
    }
  }

  #fail(call: SlackCall, key: string, fault: FaultRequest): SlackReply {
    const { how } = fault;
    if (how === '429') return this.#tooMany(call, key, fault.retryAfterSeconds ?? 1);
    if (!isTransportFault(how)) return answerNo(call, how);
    call.outcome = how;
    if (how === '500') return { kind: 'answer', status: 500, body: { ok: false, error: 'internal_error' } };
    return { kind: how === 'reset' ? 'reset' : 'silence' };
  }

  #tooMany(call: SlackCall, key: string, retryAfterSeconds: number): SlackReply {
    call.outcome = '429';
    this.recorder.refuse(key, call.atMs, retryAfterSeconds);
    return { kind: 'answer', status: 429, body: { ok: false, error: 'ratelimited' }, retryAfterSeconds };
  }

  #checkToken(token: string | undefined): string | undefined {
    if (token === undefined) return 'not_authed';
    return this.#tokens.includes(token) ? undefined : 'invalid_auth';
  }

  #author(token: string | undefined): Author {
    const number = String(this.#tokens.indexOf(token ?? '') + 1).padStart(9, '0');
    return { userId: `U${number}`, botId: `B${number}` };
  }
}

function answerNo(call: SlackCall, error: string, details: Json = {}): SlackReply {
  call.outcome = error;
  return { kind: 'answer', status: 200, body: { ok: false, error, ...details } };
}
