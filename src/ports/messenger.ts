// Where people are told: Slack, or the console.
import type { MessageContent } from '#core/notify/message.ts';

/** Where a posted message is: what is needed to edit it. Opaque text to all but the adapter. */
export interface MessageHandle {
  readonly channel: string;
  readonly ts: string;
}

/** Plain text for below a message. */
export interface MessageReply {
  /** Of the incident, as in `MessageContent`. */
  readonly key: string;
  readonly id: string;
  readonly text: string;
  /** Whether somebody may have said it already without a record of it. */
  readonly mustLook: boolean;
}

/** Posts and edits messages. */
export interface Messenger {
  /**
   * Posts a message that carries `content.key`. Not idempotent: after a crash or an unknown outcome call `find` first.
   * Waits as long as the other side asks for (rate limits). Throws `AdapterError`.
   */
  post(content: MessageContent, signal: AbortSignal): Promise<MessageHandle>;
  /**
   * Replaces a message. Idempotent. Where it can no longer be edited (gone, edit window closed) it posts anew and returns
   * the new handle.
   */
  update(handle: MessageHandle, content: MessageContent, signal: AbortSignal): Promise<MessageHandle>;
  /**
   * Says something below a message, once for each `reply.id` as far as it can be known (`mustLook`: it may have been said). Where a
   * messenger has no place for that it has no such method, and the message is sent again.
   */
  reply?(handle: MessageHandle, reply: MessageReply, signal: AbortSignal): Promise<void>;
  /** Newest message with that key, and which step (`content.step`) it shows; `null` if the channel's newest do not hold one. */
  find(key: string, signal: AbortSignal): Promise<{ readonly handle: MessageHandle; readonly step: string } | null>;
  /** Resolves when the other side answers and accepts us. */
  ping(signal: AbortSignal): Promise<void>;
}
