// The stand-in's memory: channels, and every message with the edits it went through.
import type { Json } from './blocks.ts';

/** A channel of the workspace. */
export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly isMember: boolean;
  readonly isArchived: boolean;
}

/** A channel to make: its name, and what is unusual about it. The id is made up where it is left out. */
export interface ChannelWish {
  readonly name: string;
  readonly id?: string;
  readonly isMember?: boolean;
  readonly isArchived?: boolean;
}

/** Who writes: a bot for each token, or a person. */
export interface Author {
  readonly userId: string;
  readonly botId: string | undefined;
}

/** One chat.update that took effect: when, and its arguments as they came. */
interface SlackEdit {
  readonly atMs: number;
  readonly payload: Json;
}

/** A message as it stands now, the arguments it was posted with, and its edits, the oldest first. */
export interface SlackMessage {
  readonly ts: string;
  /** The channel's id. */
  readonly channel: string;
  readonly channelName: string;
  readonly author: Author;
  readonly postedAtMs: number;
  readonly payload: Json;
  readonly edits: SlackEdit[];
  /** The parent's `ts`; undefined at top level. */
  readonly threadTs: string | undefined;
  readonly isBroadcast: boolean;
  text: string;
  blocks: readonly Json[];
  metadata: Json | undefined;
  isDeleted: boolean;
}

/** What makes a new message; the workspace adds the rest. */
export type MessageDraft = Pick<
  SlackMessage,
  'author' | 'text' | 'blocks' | 'metadata' | 'threadTs' | 'isBroadcast' | 'payload'
>;

/** Channels and messages. Lookups find what exists and throw nothing. */
export class Workspace {
  readonly channels: readonly SlackChannel[];
  readonly #messages: SlackMessage[] = [];
  #lastMicros = 0;

  constructor(wishes: readonly ChannelWish[]) {
    this.channels = wishes.map((wish, index) => ({
      id: wish.id ?? `C${String(index + 1).padStart(9, '0')}`,
      name: wish.name.replace(/^#/, ''),
      isMember: wish.isMember ?? true,
      isArchived: wish.isArchived ?? false,
    }));
  }

  /** Every message that was ever posted, also the deleted ones, the oldest first. */
  get messages(): readonly SlackMessage[] {
    return this.#messages;
  }

  channelById(id: unknown): SlackChannel | undefined {
    return this.channels.find((channel) => channel.id === id);
  }

  /** By id, by name or by #name: what chat.postMessage accepts. */
  channelByIdOrName(idOrName: unknown): SlackChannel | undefined {
    return this.channelById(idOrName) ?? this.channels.find(({ name }) => name === idOrName || `#${name}` === idOrName);
  }

  /** The message, unless it was deleted. */
  find(channelId: string, ts: unknown): SlackMessage | undefined {
    return this.#messages.find((one) => one.channel === channelId && one.ts === ts && !one.isDeleted);
  }

  /** The messages of a channel that are still there, the oldest first. */
  inChannel(channelId: string): SlackMessage[] {
    return this.#messages.filter((one) => one.channel === channelId && !one.isDeleted);
  }

  add(channel: SlackChannel, draft: MessageDraft, nowMs: number): SlackMessage {
    const place = { ts: this.#nextTs(nowMs), channel: channel.id, channelName: channel.name, postedAtMs: nowMs };
    const message: SlackMessage = { ...draft, ...place, edits: [], isDeleted: false };
    this.#messages.push(message);
    return message;
  }

  /** Adds a message of somebody who is no bot; returns its `ts`. Throws where the channel does not exist. */
  postAsPerson(channelName: string, text: string, nowMs: number): string {
    const channel = this.channelByIdOrName(channelName);
    if (channel === undefined) throw new RangeError(`there is no channel ${channelName}`);
    const author: Author = { userId: 'U0PERSON01', botId: undefined };
    const rest = { blocks: [], metadata: undefined, threadTs: undefined, isBroadcast: false, payload: { text } };
    return this.add(channel, { author, text, ...rest }, nowMs).ts;
  }

  /** Marks a message as deleted. Throws where it does not exist. */
  delete(channelName: string, ts: string): void {
    const channel = this.channelByIdOrName(channelName);
    const message = channel === undefined ? undefined : this.find(channel.id, ts);
    if (message === undefined) throw new RangeError(`there is no message ${ts} in ${channelName}`);
    message.isDeleted = true;
  }

  clear(): void {
    this.#messages.length = 0;
  }

  /** A `ts` is the time of posting and at once the message's id, so no two are alike. */
  #nextTs(nowMs: number): string {
    this.#lastMicros = Math.max(nowMs * 1000, this.#lastMicros + 1);
    const digits = String(this.#lastMicros).padStart(16, '0');
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }
}

/** A `ts`, or a bound such as `0` or `1700000000`, in whole microseconds. */
export function toMicros(ts: string): number {
  return Math.round(Number(ts) * 1_000_000);
}
