// The messenger against the stand-in's Slack without its HTTP: no socket, no real clock. What each failure leads to.
import { describe, expect, it } from 'vitest';
import { SlackApi } from '../../../test/services/slack/api.ts';
import type { SlackReply } from '../../../test/services/slack/http.ts';
import { documentedLimits } from '../../../test/services/slack/rate-limits.ts';
import { aMessage } from '../../../test/support/notify-builders.ts';
import { CountingMeter, RecordingLogger, SkippingClock } from '../../../test/support/recording.ts';
import type { SlackMessengerSettings } from './messenger.ts';
import { createSlackMessenger, slackDefaults } from './messenger.ts';

const signal = new AbortController().signal;

function setUp(changes: Partial<SlackMessengerSettings> = {}, channel: { isMember?: boolean } = {}) {
  const clock = new SkippingClock();
  const meter = new CountingMeter();
  const logger = new RecordingLogger();
  const api = new SlackApi({
    tokens: ['xoxb-1', 'xoxb-2'],
    channels: [{ name: 'random' }, { name: 'mesh-oncall', ...channel }],
    rateLimits: documentedLimits,
    now: () => clock.nowMs(),
  });
  const settings = { ...slackDefaults, token: 'xoxb-1', channel: '#mesh-oncall', ...changes };
  const deps = { clock, meter, logger, fetch: slackFetch(api) };
  const start = () => createSlackMessenger(settings, deps);
  return { api, clock, meter, logger, start, messenger: start() };
}

/** What undici does, for each way in which the stand-in answers. */
function slackFetch(api: SlackApi): typeof globalThis.fetch {
  return (url, init) => {
    init?.signal?.throwIfAborted();
    const args = Object.fromEntries(new URLSearchParams(String(init?.body)));
    const token = /^Bearer (.+)$/.exec(new Headers(init?.headers).get('authorization') ?? '')?.[1];
    const path = new URL(String(url)).pathname;
    return answer(api.handle(path.slice('/api/'.length), { path, args, token }));
  };
}

function answer(reply: SlackReply): Promise<Response> {
  if (reply.kind === 'silence') return Promise.reject(new DOMException('timeout', 'TimeoutError'));
  if (reply.kind === 'reset') {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    return Promise.reject(new TypeError('fetch failed', { cause }));
  }
  const headers: Record<string, string> = reply.retryAfterSeconds
    ? { 'retry-after': String(reply.retryAfterSeconds) }
    : {};
  return Promise.resolve(Response.json(reply.body, { status: reply.status, headers }));
}

const outcomes = (api: SlackApi) => api.recorder.calls.map(({ method, outcome }) => `${method} ${outcome}`);

describe('post', () => {
  it('posts once, and tells where', async () => {
    const { api, messenger } = setUp();
    const handle = await messenger.post(aMessage(), signal);
    expect(api.workspace.messages).toHaveLength(1);
    expect(handle).toEqual({ channel: 'C000000002', ts: api.workspace.messages[0]?.ts });
    expect(outcomes(api)).toEqual(['chat.postMessage ok']);
  });

  it('posts at most one message a second, so that a storm meets no 429', async () => {
    const { api, messenger } = setUp();
    for (let i = 0; i < 30; i += 1) await messenger.post(aMessage({ key: `k${i}` }), signal);
    expect(new Set(outcomes(api))).toEqual(new Set(['chat.postMessage ok']));
  });

  it('waits as long as Slack asks, and every other caller with it', async () => {
    const { api, clock, meter, messenger } = setUp();
    api.faults.add({ method: 'chat.postMessage', how: '429', times: 2, retryAfterSeconds: 30 });
    const beforeMs = clock.nowMs();
    await messenger.post(aMessage(), signal);
    expect(clock.nowMs() - beforeMs).toBeGreaterThanOrEqual(60_000);
    expect(api.recorder.violations).toEqual([]);
    expect(meter.counts.get('flagwatch_sink_retries_total{sink=slack,code=SLACK_RATE_LIMITED}')).toBe(2);
    expect(api.workspace.messages).toHaveLength(1);
  });

  it('gives up after a bounded number of 429s and says how long to wait', async () => {
    const { api, messenger } = setUp();
    api.faults.add({ method: 'chat.postMessage', how: '429', times: 99, retryAfterSeconds: 30 });
    const failure = messenger.post(aMessage(), signal);
    await expect(failure).rejects.toMatchObject({ code: 'SLACK_RATE_LIMITED', retryable: true, retryAfterMs: 30_000 });
    expect(api.recorder.calls).toHaveLength(slackDefaults.maxAttempts);
  });

  it.each(['timeout-after-accept', 'reset-after-accept'] as const)(
    'after %s finds its message, and posts no second one',
    async (how) => {
      const { api, messenger } = setUp();
      api.faults.add({ method: 'chat.postMessage', how });
      const handle = await messenger.post(aMessage(), signal);
      expect(api.workspace.messages).toHaveLength(1);
      expect(handle.ts).toBe(api.workspace.messages[0]?.ts);
    },
  );

  it.each(['timeout', 'reset', '500', 'internal_error', 'fatal_error'] as const)(
    'after %s looks first, then posts again',
    async (how) => {
      const { api, meter, messenger } = setUp();
      api.faults.add({ method: 'chat.postMessage', how });
      await messenger.post(aMessage(), signal);
      expect(api.workspace.messages).toHaveLength(1);
      const history = outcomes(api).indexOf('conversations.history ok');
      expect(history).toBeGreaterThan(0);
      expect(history).toBeLessThan(outcomes(api).lastIndexOf('chat.postMessage ok'));
      const retries = [...meter.counts].filter(([name]) => name.startsWith('flagwatch_sink_retries_total'));
      expect(retries.map(([, count]) => count)).toEqual([1]);
    },
  );

  it('does not take an older step of the incident for its own', async () => {
    const { api, messenger } = setUp();
    await messenger.post(aMessage({ step: 'older' }), signal);
    api.faults.add({ method: 'chat.postMessage', how: 'timeout' });
    await messenger.post(aMessage({ step: 'newer' }), signal);
    expect(api.workspace.messages).toHaveLength(2);
  });

  it('sends the text alone where Slack refuses the layout', async () => {
    const { api, logger, messenger } = setUp();
    api.faults.add({ method: 'chat.postMessage', how: 'msg_blocks_too_long' });
    await messenger.post(aMessage(), signal);
    expect(api.workspace.messages).toMatchObject([{ blocks: [] }]);
    expect(api.workspace.messages[0]?.text).toContain('UC on checkout');
    expect(logger.lines).toContain('error Slack refused the layout of a message; its text alone is sent');
  });

  it.each([
    ['invalid_auth', 'SLACK_AUTH'],
    ['missing_scope', 'SLACK_AUTH'],
    ['channel_not_found', 'SLACK_REJECTED'],
    ['not_in_channel', 'SLACK_REJECTED'],
    ['is_archived', 'SLACK_REJECTED'],
  ] as const)('fails for good on %s, at once', async (how, code) => {
    const { api, messenger } = setUp();
    api.faults.add({ method: 'chat.postMessage', how, times: 9 });
    await expect(messenger.post(aMessage(), signal)).rejects.toMatchObject({ code, retryable: false });
    expect(api.recorder.calls).toHaveLength(1);
  });

  it('stops waiting when it is told to', async () => {
    const { api, messenger } = setUp();
    const controller = new AbortController();
    api.faults.add({ method: 'chat.postMessage', how: '429', times: 99, retryAfterSeconds: 1 });
    const failure = messenger.post(aMessage(), controller.signal);
    controller.abort();
    await expect(failure).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('update', () => {
  it('edits in place, again and again', async () => {
    const { api, messenger } = setUp();
    const handle = await messenger.post(aMessage(), signal);
    expect(await messenger.update(handle, aMessage({ step: 's2', status: 'resolved' }), signal)).toEqual(handle);
    api.faults.add({ method: 'chat.update', how: 'timeout-after-accept' });
    expect(await messenger.update(handle, aMessage({ step: 's3', status: 'resolved' }), signal)).toEqual(handle);
    expect(api.workspace.messages).toHaveLength(1);
    expect(api.workspace.messages[0]?.metadata).toMatchObject({ event_payload: { step: 's3' } });
  });

  it.each(['message_not_found', 'edit_window_closed', 'cant_update_message', 'msg_too_long'] as const)(
    'after %s posts anew and tells the new place',
    async (how) => {
      const { api, logger, messenger } = setUp();
      const handle = await messenger.post(aMessage(), signal);
      api.faults.add({ method: 'chat.update', how });
      const next = await messenger.update(handle, aMessage({ step: 's2' }), signal);
      expect(next.ts).not.toBe(handle.ts);
      expect(api.workspace.messages).toHaveLength(2);
      expect(logger.lines).toContain('warn a message can no longer be edited; it is posted anew');
    },
  );

  it('posts anew what people deleted', async () => {
    const { api, messenger } = setUp();
    const handle = await messenger.post(aMessage(), signal);
    api.workspace.delete('mesh-oncall', handle.ts);
    const next = await messenger.update(handle, aMessage({ step: 's2' }), signal);
    expect(api.workspace.inChannel(handle.channel).map(({ ts }) => ts)).toEqual([next.ts]);
  });
});

describe('find', () => {
  it('finds the newest message of an incident, and the step that it shows, also in a new process', async () => {
    const { messenger, start } = setUp();
    await messenger.post(aMessage({ key: 'a', step: 'a1' }), signal);
    const handle = await messenger.post(aMessage({ key: 'a', step: 'a2' }), signal);
    await messenger.post(aMessage({ key: 'b', step: 'b1' }), signal);
    expect(await start().find('a', signal)).toEqual({ handle, step: 'a2' });
    expect(await start().find('c', signal)).toBeNull();
  });

  it('reads page after page, as far as it is told', async () => {
    const { api, messenger, start } = setUp({ historyMessages: 400 });
    const handle = await messenger.post(aMessage({ key: 'a', step: 'a1' }), signal);
    const chatter = (count: number) => {
      for (let i = 0; i < count; i += 1) api.workspace.postAsPerson('mesh-oncall', 'any news?', 1_500_000_000_000 + i);
    };
    chatter(250);
    expect(await start().find('a', signal)).toEqual({ handle, step: 'a1' });
    chatter(250);
    expect(await start().find('a', signal)).toBeNull();
  });

  it('believes no metadata but its own app’s', async () => {
    const { api, clock, meter, logger, messenger } = setUp();
    const otherApp = createSlackMessenger(
      { ...slackDefaults, token: 'xoxb-2', channel: '#mesh-oncall' },
      { clock, meter, logger, fetch: slackFetch(api) },
    );
    await otherApp.post(aMessage({ key: 'a', step: 'a1' }), signal);
    expect(await otherApp.find('a', signal)).not.toBeNull();
    expect(await messenger.find('a', signal)).toBeNull();
  });

  it('needs no list of channels where the channel is given by its id', async () => {
    const { api, messenger } = setUp({ channel: 'C000000002' });
    await messenger.find('a', signal);
    expect(outcomes(api)).toEqual(['auth.test ok', 'conversations.history ok']);
  });

  it('sees public channels without the right to see private ones', async () => {
    const { api, messenger } = setUp();
    api.faults.add({ method: 'conversations.list', how: 'missing_scope' });
    expect(await messenger.find('a', signal)).toBeNull();
  });

  it('says what to do where there is no such channel', async () => {
    const { messenger } = setUp({ channel: '#mesh-oncal' });
    await expect(messenger.find('a', signal)).rejects.toMatchObject({ code: 'SLACK_REJECTED', retryable: false });
  });

  it('waits out failures that pass', async () => {
    const { api, messenger } = setUp();
    api.faults.add({ method: '*', how: '429', times: 1 });
    api.faults.add({ method: 'conversations.history', how: 'reset', times: 2 });
    expect(await messenger.find('a', signal)).toBeNull();
    expect(api.recorder.violations).toEqual([]);
  });
});

describe('ping', () => {
  it('resolves where the token is accepted, and rejects where not', async () => {
    await setUp().messenger.ping(signal);
    const failure = setUp({ token: 'xoxb-wrong' }).messenger.ping(signal);
    await expect(failure).rejects.toMatchObject({ code: 'SLACK_AUTH', retryable: false });
  });
});

describe('reply', () => {
  const reply = { key: 'a', id: 'reminder-1', text: 'Still firing <!channel>', mustLook: false };

  it('stands below the message, nobody called by its text, and is no incident to find', async () => {
    const { api, messenger } = setUp();
    const handle = await messenger.post(aMessage({ key: 'a', step: 'a1' }), signal);
    await messenger.reply?.(handle, reply, signal);
    expect(api.workspace.messages[1]).toMatchObject({ threadTs: handle.ts, text: 'Still firing &lt;!channel&gt;' });
    expect(await messenger.find('a', signal)).toEqual({ handle, step: 'a1' });
  });

  it('is not said twice where it may have been said', async () => {
    const { api, messenger, start } = setUp();
    const handle = await messenger.post(aMessage({ key: 'a', step: 'a1' }), signal);
    await messenger.reply?.(handle, { ...reply, mustLook: true }, signal);
    await start().reply?.(handle, { ...reply, mustLook: true }, signal);
    await start().reply?.(handle, { ...reply, id: 'reminder-2', mustLook: true }, signal);
    expect(api.workspace.messages).toHaveLength(3);
  });
});
