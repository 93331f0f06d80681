// The methods of the Web API that the stand-in knows. Each takes one authenticated call and returns the answer's fields,
// or throws a SlackRefusal. Behaviour follows each method's own reference page.
import type { Json } from './blocks.ts';
import { isTrue, readContent, SlackRefusal } from './content.ts';
import { type Author, type SlackChannel, type SlackMessage, toMicros, type Workspace } from './workspace.ts';

const maxPostText = 40_000;
// In bytes, not characters, for all that the reference says: known from those who ran into it.
const maxUpdateTextBytes = 4000;

/** One authenticated call. */
interface MethodCall {
  readonly workspace: Workspace;
  readonly args: Json;
  readonly author: Author;
  readonly nowMs: number;
}

/** A method: a call to the fields of its answer. */
export type Method = (call: MethodCall) => Json;

/** The known methods by name; any other name is `unknown_method`. */
export const methods: Readonly<Record<string, Method>> = {
  'auth.test': authTest,
  'chat.postMessage': postMessage,
  'chat.update': updateMessage,
  'conversations.history': history,
  'conversations.info': info,
  'conversations.list': list,
  'conversations.replies': replies,
};

function authTest({ author }: MethodCall): Json {
  const team = { team: 'stand-in', team_id: 'T000000001', url: 'http://stand-in.invalid/' };
  return { ...team, user: 'flagwatch', user_id: author.userId, bot_id: author.botId, is_enterprise_install: false };
}

function postMessage({ workspace, args, author, nowMs }: MethodCall): Json {
  const channel = workspace.channelByIdOrName(args['channel']);
  if (channel === undefined) throw new SlackRefusal('channel_not_found');
  if (channel.isArchived) throw new SlackRefusal('is_archived');
  if (!channel.isMember) throw new SlackRefusal('not_in_channel');
  const { text = '', blocks = [], metadata } = readContent(args);
  // A thread whose parent is gone is no error: the reply lands at top level.
  const parent = args['thread_ts'] === undefined ? undefined : workspace.find(channel.id, String(args['thread_ts']));
  const message = workspace.add(
    channel,
    {
      author,
      text: text.slice(0, maxPostText),
      blocks,
      metadata: metadata && Object.keys(metadata).length > 0 ? metadata : undefined,
      threadTs: parent?.threadTs ?? parent?.ts,
      isBroadcast: parent !== undefined && isTrue(args['reply_broadcast']),
      payload: args,
    },
    nowMs,
  );
  return { channel: channel.id, ts: message.ts, message: render(message, true) };
}

function updateMessage({ workspace, args, author, nowMs }: MethodCall): Json {
  const channel = channelById(workspace, args); // a name is not enough here
  const message = workspace.find(channel.id, args['ts']);
  if (message === undefined) throw new SlackRefusal('message_not_found');
  if (message.author.userId !== author.userId) throw new SlackRefusal('cant_update_message');
  const { text, blocks, metadata } = readContent(args);
  if (text !== undefined && Buffer.byteLength(text) > maxUpdateTextBytes) throw new SlackRefusal('msg_too_long');
  // Text without blocks removes the blocks; without text they would stay.
  if (blocks !== undefined) message.blocks = blocks;
  else if (text) message.blocks = [];
  if (text !== undefined) message.text = text;
  if (metadata !== undefined) message.metadata = Object.keys(metadata).length > 0 ? metadata : undefined;
  message.edits.push({ atMs: nowMs, payload: args });
  return { channel: channel.id, ts: message.ts, text: message.text, message: render(message, true) };
}

function history({ workspace, args }: MethodCall): Json {
  const channel = channelById(workspace, args);
  if (!channel.isMember) throw new SlackRefusal('not_in_channel');
  const topLevel = workspace.inChannel(channel.id).filter((one) => one.threadTs === undefined || one.isBroadcast);
  return page(within(topLevel, args).reverse(), args, (message) => ({
    ...render(message, isTrue(args['include_all_metadata'])),
    ...threadSummary(workspace, message),
  }));
}

function replies({ workspace, args }: MethodCall): Json {
  const channel = channelById(workspace, args);
  const parent = workspace.find(channel.id, args['ts']);
  if (parent === undefined) throw new SlackRefusal('thread_not_found');
  const root = parent.threadTs ?? parent.ts;
  const thread = workspace.inChannel(channel.id).filter((one) => one.ts === root || one.threadTs === root);
  return page(within(thread, args), args, (message) => render(message, isTrue(args['include_all_metadata'])));
}

function info({ workspace, args }: MethodCall): Json {
  return { channel: describe(channelById(workspace, args)) };
}

function list({ workspace, args }: MethodCall): Json {
  const visible = workspace.channels.filter((channel) => !(isTrue(args['exclude_archived']) && channel.isArchived));
  const limit = Number(args['limit'] ?? 100);
  const start = Number(args['cursor'] || 0);
  const next = start + limit < visible.length ? String(start + limit) : '';
  return { channels: visible.slice(start, start + limit).map(describe), response_metadata: { next_cursor: next } };
}

function channelById(workspace: Workspace, args: Json): SlackChannel {
  const channel = workspace.channelById(args['channel']);
  if (channel === undefined) throw new SlackRefusal('channel_not_found');
  return channel;
}

function describe({ id, name, isMember, isArchived }: SlackChannel): Json {
  return { id, name, is_channel: true, is_private: false, is_member: isMember, is_archived: isArchived };
}

function within(messages: readonly SlackMessage[], args: Json): SlackMessage[] {
  const oldest = args['oldest'] === undefined ? 0 : toMicros(String(args['oldest']));
  const latest = args['latest'] === undefined ? Number.POSITIVE_INFINITY : toMicros(String(args['latest']));
  const isInclusive = isTrue(args['inclusive']);
  return messages.filter(({ ts }) => {
    const micros = toMicros(ts);
    return isInclusive ? micros >= oldest && micros <= latest : micros > oldest && micros < latest;
  });
}

function page(ordered: readonly SlackMessage[], args: Json, show: (message: SlackMessage) => Json): Json {
  const limit = Math.min(999, Number(args['limit'] ?? 100));
  // The cursor names the last message that was seen: messages posted meanwhile shift nothing.
  const seen = args['cursor'] ? ordered.findIndex(({ ts }) => ts === args['cursor']) + 1 : 0;
  const shown = ordered.slice(seen, seen + limit);
  const hasMore = seen + shown.length < ordered.length;
  const next = hasMore ? { response_metadata: { next_cursor: shown.at(-1)?.ts ?? '' } } : {};
  return { messages: shown.map(show), has_more: hasMore, ...next };
}

function threadSummary(workspace: Workspace, message: SlackMessage): Json {
  const thread = workspace.inChannel(message.channel).filter(({ threadTs }) => threadTs === message.ts);
  const latest = thread.at(-1);
  if (latest === undefined) return {};
  return { thread_ts: message.ts, reply_count: thread.length, latest_reply: latest.ts };
}

function render(message: SlackMessage, withMetadata: boolean): Json {
  const { ts, text, author, blocks, threadTs, metadata } = message;
  const edited = message.edits.at(-1);
  return {
    type: 'message',
    ts,
    text,
    user: author.userId,
    ...(author.botId === undefined ? {} : { bot_id: author.botId }),
    ...(blocks.length === 0 ? {} : { blocks: blocks.map((block, index) => ({ block_id: `b${index}`, ...block })) }),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(withMetadata && metadata !== undefined ? { metadata } : {}),
    ...(edited === undefined ? {} : { edited: { user: author.userId, ts: (edited.atMs / 1000).toFixed(6) } }),
  };
}
