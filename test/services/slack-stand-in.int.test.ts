// The stand-in as raw HTTP sees it, as Slack's own client sees it, and as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LogLevel, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlackRecord, type SlackStandIn, startSlackStandIn } from './slack-stand-in.ts';

type Fields = Record<string, unknown>;

let slack: SlackStandIn;
beforeEach(async () => {
  slack = await startSlackStandIn({
    channels: ['alerts', { name: 'old', isArchived: true }, { name: 'else', isMember: false }],
  });
});
afterEach(() => slack.stop());

const send = (method: string, body: Fields, token: string | undefined = slack.token): Promise<Response> =>
  fetch(slack.url + method, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(500),
  });
const call = async (method: string, body: Fields, token?: string): Promise<Fields> =>
  (await (await send(method, body, token)).json()) as Fields;
const post = (body: Fields = {}): Promise<Fields> =>
  call('chat.postMessage', { channel: '#alerts', text: 'hi', ...body });
const section = (text: string): Fields => ({ type: 'section', text: { type: 'mrkdwn', text } });
const client = (options: ConstructorParameters<typeof WebClient>[1] = {}): WebClient =>
  new WebClient(slack.token, {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
    ...options,
  });

describe('a call', () => {
  it('needs a valid token', async () => {
    expect(await call('auth.test', {}, '')).toEqual({ ok: false, error: 'not_authed' });
    expect(await call('auth.test', {}, 'xoxb-wrong')).toEqual({ ok: false, error: 'invalid_auth' });
    expect(await call('auth.test', {})).toMatchObject({ ok: true, user: 'flagwatch' });
  });

  it('needs a method that exists', async () => {
    expect(await call('chat.shout', {})).toEqual({ ok: false, error: 'unknown_method' });
  });

  it('is recorded with its outcome', async () => {
    await post();
    await post({ channel: '#nowhere' });
    expect(slack.calls().map(({ method, outcome }) => `${method} ${outcome}`)).toEqual([
      'chat.postMessage ok',
      'chat.postMessage channel_not_found',
    ]);
  });
});

describe('chat.postMessage', () => {
  it.each(['alerts', '#alerts', 'C000000001'])('takes the channel %s and answers with its id', async (channel) => {
    expect(await post({ channel })).toMatchObject({
      ok: true,
      channel: 'C000000001',
      ts: expect.stringMatching(/^\d+\.\d{6}$/),
    });
  });

  it.each<[string, Fields, string]>([
    ['an unknown channel', { channel: 'none' }, 'channel_not_found'],
    ['an archived channel', { channel: 'old' }, 'is_archived'],
    ['a channel it is not in', { channel: 'else' }, 'not_in_channel'],
    ['no content', { text: '' }, 'no_text'],
    ['blocks that are no array', { blocks: '{"a":1' }, 'invalid_blocks_format'],
    ['a section over 3,000', { blocks: [section('x'.repeat(3001))] }, 'invalid_blocks'],
    ['blocks over 13,200 together', { blocks: Array(5).fill(section('x'.repeat(2900))) }, 'msg_blocks_too_long'],
    ['metadata without a payload', { metadata: { event_type: 'incident' } }, 'invalid_metadata_format'],
  ])('refuses %s', async (_name, body, error) => {
    expect(await post(body)).toMatchObject({ ok: false, error });
    expect(slack.messages()).toEqual([]);
  });

  it('cuts text at 40,000 characters, and notes it', async () => {
    await post({ text: 'x'.repeat(40_001) });
    expect(slack.messages()[0]?.text).toHaveLength(40_000);
    expect(slack.violations()).toMatchObject([{ kind: 'text-cut' }]);
  });

  it('notes blocks without text', async () => {
    await post({ text: undefined, blocks: [section('only blocks')] });
    expect(slack.violations()).toMatchObject([{ kind: 'text-missing', method: 'chat.postMessage' }]);
  });

  it('notes mentions that were not escaped', async () => {
    await post({ text: '&lt;!channel&gt;', blocks: [section('path /<!here>')] });
    expect(slack.pings()).toMatchObject([{ mention: '<!here>', where: '/blocks/0/text/text', channel: 'C000000001' }]);
  });

  it('threads a reply, and posts at top level where the parent is gone', async () => {
    const parent = await post();
    expect((await post({ thread_ts: parent['ts'] }))['message']).toMatchObject({ thread_ts: parent['ts'] });
    slack.deleteMessage('alerts', String(parent['ts']));
    const orphan = await post({ thread_ts: parent['ts'] });
    expect(orphan['ok']).toBe(true);
    expect(orphan['message']).not.toHaveProperty('thread_ts');
  });
});

describe('chat.update', () => {
  const update = (body: Fields): Promise<Fields> =>
    call('chat.update', { channel: 'C000000001', text: 'new', ...body });

  it('needs the channel id, not its name', async () => {
    const { ts } = await post();
    expect(await update({ ts, channel: '#alerts' })).toMatchObject({ error: 'channel_not_found' });
    expect(await update({ ts })).toMatchObject({ ok: true, ts });
  });

  it('keeps what the call does not name, but text alone removes the blocks', async () => {
    const metadata = { event_type: 'incident', event_payload: { key: 'a' } };
    const { ts } = await post({ blocks: [section('one')], metadata });
    await update({ ts, text: undefined, blocks: [section('two')] });
    expect(slack.messages()[0]).toMatchObject({ text: 'hi', blocks: [section('two')], metadata });
    await update({ ts, text: 'three', metadata: {} });
    expect(slack.messages()[0]).toMatchObject({ text: 'three', blocks: [], metadata: undefined });
    expect(slack.messages()[0]?.edits.map(({ payload }) => payload['text'])).toEqual([undefined, 'three']);
  });

  it('refuses what is not there, not its own, or too long', async () => {
    const { ts } = await post();
    expect(await update({ ts: '1.000000' })).toMatchObject({ error: 'message_not_found' });
    expect(await update({ ts: slack.postAsPerson('alerts', 'hello') })).toMatchObject({ error: 'cant_update_message' });
    expect(await update({ ts, text: 'é'.repeat(2000) })).toMatchObject({ ok: true });
    expect(await update({ ts, text: 'é'.repeat(2001) })).toMatchObject({ error: 'msg_too_long' });
    slack.failNext({ method: 'chat.update', how: 'edit_window_closed' });
    expect(await update({ ts })).toMatchObject({ error: 'edit_window_closed' });
  });
});

describe('limits and faults', () => {
  it('answers 429 with Retry-After after the burst', async () => {
    slack.limit({ postBurst: 1 });
    await post();
    const refused = await send('chat.postMessage', { channel: 'alerts', text: 'again' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(slack.messages()).toHaveLength(1);
  });

  it('notes who does not wait for as long as Retry-After says', async () => {
    slack.failNext({ method: 'chat.postMessage', how: '429', retryAfterSeconds: 30 });
    await send('chat.postMessage', { channel: 'alerts', text: 'refused' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await post();
    expect(slack.violations()).toMatchObject([{ kind: 'retry-after-ignored', method: 'chat.postMessage' }]);
  });

  it.each([
    { how: '500', messages: 0 },
    { how: 'reset', messages: 0 },
    { how: 'reset-after-accept', messages: 1 },
    { how: 'timeout', messages: 0 },
    { how: 'timeout-after-accept', messages: 1 },
  ] as const)('fails with $how as often as asked, leaving $messages messages', async ({ how, messages }) => {
    slack.failNext({ method: 'chat.postMessage', how });
    const status = await send('chat.postMessage', { channel: 'alerts', text: 'x' }).then(
      (one) => one.status,
      () => 0,
    );
    expect(status).toBe(how === '500' ? 500 : 0);
    expect(slack.messages()).toHaveLength(messages);
    expect(slack.calls()).toMatchObject([{ outcome: how }]);
    expect(await post()).toMatchObject({ ok: true });
  });
});

describe('with the client of Slack', () => {
  it('posts, edits and finds the message again by its metadata', async () => {
    const web = client();
    const metadata = { event_type: 'incident', event_payload: { key: 'a/b' } };
    const posted = await web.chat.postMessage({
      channel: '#alerts',
      text: 'a',
      blocks: [{ type: 'divider' }],
      metadata,
    });
    await web.chat.update({
      channel: posted.channel ?? '',
      ts: posted.ts ?? '',
      text: 'b',
      blocks: [{ type: 'divider' }],
    });
    await web.chat.postMessage({ channel: '#alerts', text: 'reply', thread_ts: posted.ts ?? '' });
    const { messages } = await web.conversations.history({
      channel: 'C000000001',
      include_all_metadata: true,
      limit: 10,
    });
    expect(messages).toHaveLength(1);
    expect(messages?.[0]).toMatchObject({ ts: posted.ts, text: 'b', metadata, reply_count: 1 });
    const thread = await web.conversations.replies({ channel: 'C000000001', ts: posted.ts ?? '' });
    expect(thread.messages?.map(({ text }) => text)).toEqual(['b', 'reply']);
  });

  it('pages through the history, the newest first, and lists channels', async () => {
    const web = client();
    for (const text of ['1', '2', '3']) await web.chat.postMessage({ channel: 'alerts', text });
    const first = await web.conversations.history({ channel: 'C000000001', limit: 2 });
    expect(first.messages?.map(({ text }) => text)).toEqual(['3', '2']);
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await web.conversations.history({ channel: 'C000000001', limit: 2, cursor });
    expect(second.messages?.map(({ text }) => text)).toEqual(['1']);
    const { channels } = await web.conversations.list({ exclude_archived: true });
    expect(channels?.map(({ name }) => name)).toEqual(['alerts', 'else']);
  });

  it('is made to wait by a 429', async () => {
    const web = client({ retryConfig: { retries: 2 } });
    slack.failNext({ method: 'chat.postMessage', how: '429', retryAfterSeconds: 1 });
    await web.chat.postMessage({ channel: 'alerts', text: 'late' });
    const [refused, accepted] = slack.calls();
    expect(accepted!.atMs - refused!.atMs).toBeGreaterThanOrEqual(990);
    expect(slack.violations()).toEqual([]);
  });
});

it('runs as a process of its own', async () => {
  const script = join(import.meta.dirname, 'slack-stand-in.ts');
  const child = spawn(process.execPath, [script, '--channel', 'ops'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = line.toString().trim();
  const web = new WebClient('xoxb-stand-in', { slackApiUrl: url });
  await fetch(new URL('/_fail', url), {
    method: 'POST',
    body: JSON.stringify({ method: 'auth.test', how: '500' }),
    headers: { 'content-type': 'application/json' },
  });
  await web.chat.postMessage({ channel: '#ops', text: 'hello' });
  const record = (await (await fetch(new URL('/_inspect', url))).json()) as SlackRecord;
  expect(record.messages).toMatchObject([{ channelName: 'ops', text: 'hello' }]);
  expect((await fetch(new URL('auth.test', url), { method: 'POST' })).status).toBe(500);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
