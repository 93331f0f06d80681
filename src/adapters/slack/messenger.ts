// The messenger that speaks to Slack: one message an incident, edited in place, found again by the key in its metadata.

import type { MessageContent } from '#core/notify/message.ts';
import { AdapterError } from '#ports/adapter-error.ts';
import type { MessageHandle, MessageReply, Messenger } from '#ports/messenger.ts';
import type { SlackPayload } from './encode-message.ts';
import { encodeMessage, encodeReply, incidentEvent, replyEvent, withoutBlocks } from './encode-message.ts';
import type { SlackCallSettings, SlackDeps, SlackResult } from './slack-call.ts';
import { SlackCaller, toAdapterError } from './slack-call.ts';

/** Where messages go, and how patiently. */
export interface SlackMessengerSettings extends SlackCallSettings {
  /** `#name`, name or id. With an id the app needs no right to list channels. */
  readonly channel: string;
  /** How long a post of unknown outcome may take to show up before we look for it. */
  readonly settleMs: number;
  /** How many of the channel's newest messages `find` looks through. */
  readonly historyMessages: number;
  /** How many pages of 200 channels are read to learn a channel's id from its name. */
  readonly maxChannelPages: number;
}

/** Everything but the token and the channel. */
export const slackDefaults: Omit<SlackMessengerSettings, 'token' | 'channel'> = {
  apiUrl: 'https://slack.com/api/',
  // Slack answers within a second; ten are a sick network, and on-call is waiting.
  requestTimeoutMs: 10_000,
  // Half a minute with the backoff; after that it is for the caller to decide.
  maxAttempts: 5,
  backoffMs: 1000,
  // Slack asks for 30 seconds at most in practice.
  maxRetryAfterMs: 60_000,
  // Documented: about one message a second and channel.
  postPace: { intervalMs: 1000, burst: 1 },
  // Tier 3: 50 and more a minute for each method.
  callPace: { intervalMs: 1200, burst: 10 },
  settleMs: 2000,
  // An incident storm in a busy channel for some minutes: as long as a restart may take.
  historyMessages: 400,
  maxChannelPages: 50,
};

// Nothing in our messages is a name to be linked or an address to be previewed.
const quiet = { link_names: false, parse: 'none', unfurl_links: false, unfurl_media: false } as const;
/** The most that Slack recommends for a page. */
const pageSize = 200;

/** A messenger over Slack's Web API. Opens no connection before the first call. */
export function createSlackMessenger(settings: SlackMessengerSettings, deps: SlackDeps): Messenger {
  return new SlackMessenger(settings, deps);
}

class SlackMessenger implements Messenger {
  readonly #settings: SlackMessengerSettings;
  readonly #deps: SlackDeps;
  readonly #caller: SlackCaller;
  #channelId: string | null;
  #author: Author | null = null;

  constructor(settings: SlackMessengerSettings, deps: SlackDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#caller = new SlackCaller(settings, deps);
    this.#channelId = isChannelId(settings.channel) ? settings.channel : null;
  }

  async post(content: MessageContent, signal: AbortSignal): Promise<MessageHandle> {
    const method = 'chat.postMessage';
    let payload = encodeMessage(content);
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#postOnce(payload, signal);
      if (result.kind === 'ok') return result.value;
      if (result.kind === 'content' && payload.blocks.length > 0) {
        // An alert without its layout is worth more than none.
        this.#deps.logger.error('Slack refused the layout of a message; its text alone is sent', {
          key: content.key,
          why: result.detail,
        });
        this.#caller.countRetry('SLACK_REJECTED');
        payload = withoutBlocks(payload);
        continue;
      }
      if (result.kind === 'ambiguous') {
        const posted = await this.#findPosted(content, signal);
        if (posted !== null) return posted;
      }
      if (!(await this.#caller.mayRepeat(result, { method, attempt }, signal))) throw toAdapterError(result);
    }
  }

  async update(handle: MessageHandle, content: MessageContent, signal: AbortSignal): Promise<MessageHandle> {
    const payload = encodeMessage(content);
    const result = await this.#caller.repeat('chat.update', signal, (client) =>
      client.chat.update({ ...payload, ...quiet, channel: handle.channel, ts: handle.ts }),
    );
    if (result.kind === 'ok') return handle;
    if (result.kind !== 'repost' && result.kind !== 'content') throw toAdapterError(result);
    this.#deps.logger.warn('a message can no longer be edited; it is posted anew', {
      key: content.key,
      ts: handle.ts,
      why: result.detail,
    });
    return this.post(content, signal);
  }

  async reply(handle: MessageHandle, reply: MessageReply, signal: AbortSignal): Promise<void> {
    if (reply.mustLook && (await this.#hasReply(handle, reply, signal))) return;
    const result = await this.#caller.once('chat.postMessage', signal, (client) =>
      client.chat.postMessage({
        ...quiet,
        ...encodeReply(reply),
        channel: handle.channel,
        thread_ts: handle.ts,
      }),
    );
    // Once only: after an unknown outcome the caller comes again and has us look first.
    orThrow(result);
  }

  async find(key: string, signal: AbortSignal): Promise<{ handle: MessageHandle; step: string } | null> {
    const channel = await this.#resolveChannel(signal);
    const author = await this.#resolveAuthor(signal);
    let cursor = '';
    for (let seen = 0; seen < this.#settings.historyMessages; seen += pageSize) {
      const limit = Math.min(pageSize, this.#settings.historyMessages - seen);
      const result = await this.#caller.repeat('conversations.history', signal, (client) =>
        client.conversations.history({ channel, limit, include_all_metadata: true, ...(cursor && { cursor }) }),
      );
      if (result.kind === 'rejected') this.#forgetChannel();
      const page = orThrow(result);
      for (const message of page.messages ?? []) {
        const incident = toIncident(message, author);
        if (incident?.key === key) return { handle: { channel, ts: incident.ts }, step: incident.step };
      }
      cursor = page.response_metadata?.next_cursor ?? '';
      if (cursor === '') return null;
    }
    return null;
  }

  async ping(signal: AbortSignal): Promise<void> {
    orThrow(await this.#caller.once('auth.test', signal, (client) => client.auth.test()));
  }

  async #postOnce(payload: SlackPayload, signal: AbortSignal): Promise<SlackResult<MessageHandle>> {
    // By name until an answer told the id: posting needs no right to list channels.
    const channel = this.#channelId ?? this.#settings.channel;
    const result = await this.#caller.once('chat.postMessage', signal, async (client) => {
      const answer = await client.chat.postMessage({ ...payload, ...quiet, channel });
      if (!answer.channel || !answer.ts) throw new Error('an answer without the place of the message');
      return { channel: answer.channel, ts: answer.ts };
    });
    if (result.kind === 'ok') this.#channelId ??= result.value.channel;
    else if (result.kind === 'rejected') this.#forgetChannel();
    return result;
  }

  /** The message of that very step, if a post of unknown outcome left it in the channel. */
  async #findPosted(content: MessageContent, signal: AbortSignal): Promise<MessageHandle | null> {
    await this.#deps.clock.sleep(this.#settings.settleMs, signal);
    const found = await this.find(content.key, signal);
    if (found?.step !== content.step) return null;
    this.#deps.logger.info('the post had taken effect: its message is in the channel', { key: content.key });
    return found.handle;
  }

  /** Whether the newest replies hold it. Where the app may not read them we say it again: twice is better than never. */
  async #hasReply({ channel, ts }: MessageHandle, { id }: MessageReply, signal: AbortSignal): Promise<boolean> {
    const author = await this.#resolveAuthor(signal);
    const result = await this.#caller.repeat('conversations.replies', signal, (client) =>
      client.conversations.replies({ channel, ts, limit: pageSize, include_all_metadata: true }),
    );
    if (result.kind !== 'ok') {
      if (result.kind === 'retry' || result.kind === 'ambiguous') throw toAdapterError(result);
      this.#deps.logger.warn('cannot look into a thread: a reply may be there twice', { why: result.detail });
      return false;
    }
    return (result.value.messages ?? []).some((message) => toReplyId(message, author) === id);
  }

  async #resolveAuthor(signal: AbortSignal): Promise<Author> {
    if (this.#author !== null) return this.#author;
    const answer = orThrow(await this.#caller.repeat('auth.test', signal, (client) => client.auth.test()));
    this.#author = { userId: answer.user_id ?? null, botId: answer.bot_id ?? null };
    return this.#author;
  }

  async #resolveChannel(signal: AbortSignal): Promise<string> {
    if (this.#channelId !== null) return this.#channelId;
    const found = await this.#lookUpChannel('public_channel,private_channel', signal);
    // Without the right to see private channels the whole call is refused; the public ones may still be allowed.
    const result = found.kind === 'rejected' ? await this.#lookUpChannel('public_channel', signal) : found;
    const id = orThrow(result);
    if (id === null) {
      const message = `no channel ${this.#settings.channel} among those that the app can see: check slack.channel, or set it to the channel’s id`;
      throw new AdapterError('SLACK_REJECTED', message, { retryable: false });
    }
    this.#channelId = id;
    return id;
  }

  async #lookUpChannel(types: string, signal: AbortSignal): Promise<SlackResult<string | null>> {
    const name = this.#settings.channel.replace(/^#/, '');
    let cursor = '';
    for (let page = 0; page < this.#settings.maxChannelPages; page += 1) {
      const result = await this.#caller.repeat('conversations.list', signal, (client) =>
        client.conversations.list({ types, exclude_archived: true, limit: pageSize, ...(cursor && { cursor }) }),
      );
      if (result.kind !== 'ok') return result;
      const id = result.value.channels?.find((channel) => channel.name === name)?.id;
      if (id !== undefined) return { kind: 'ok', value: id };
      cursor = result.value.response_metadata?.next_cursor ?? '';
      if (cursor === '') break;
    }
    return { kind: 'ok', value: null };
  }

  /** A name may come to mean another channel: ask anew after a refusal. */
  #forgetChannel(): void {
    if (!isChannelId(this.#settings.channel)) this.#channelId = null;
  }
}

interface Author {
  readonly userId: string | null;
  readonly botId: string | null;
}

/** Our own message about an incident; metadata that another app wrote proves nothing. */
function toIncident(message: object, author: Author): { key: string; step: string; ts: string } | null {
  const { ts } = message as Readonly<Record<string, unknown>>;
  const { key, step } = ownPayload(message, author, incidentEvent);
  if (typeof ts !== 'string' || typeof key !== 'string' || typeof step !== 'string') return null;
  return { key, step, ts };
}

/** Id of a reply of ours; `null` for what is none. */
function toReplyId(message: object, author: Author): string | null {
  const { id } = ownPayload(message, author, replyEvent);
  return typeof id === 'string' ? id : null;
}

/** What the metadata of a message of our own holds; nothing where it is another's, or of another kind. */
function ownPayload(message: object, author: Author, event: string): Readonly<Record<string, unknown>> {
  const { user, bot_id: botId, metadata } = message as Readonly<Record<string, unknown>>;
  const isOurs =
    (author.botId !== null && botId === author.botId) || (author.userId !== null && user === author.userId);
  if (!isOurs || typeof metadata !== 'object' || metadata === null) return {};
  const { event_type: type, event_payload: payload } = metadata as Readonly<Record<string, unknown>>;
  return type === event && typeof payload === 'object' && payload !== null ? { ...payload } : {};
}

function isChannelId(channel: string): boolean {
  return /^[CDG][A-Z0-9]{8,}$/.test(channel);
}

function orThrow<T>(result: SlackResult<T>): T {
  if (result.kind === 'ok') return result.value;
  throw toAdapterError(result);
}
