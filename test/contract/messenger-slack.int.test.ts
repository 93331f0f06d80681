// Slack's adapter keeps the messenger's contract over real HTTP, and survives what a network does, on the real clock.
import { describe, expect, it } from 'vitest';
import type { SlackMessengerSettings } from '#adapters/slack/messenger.ts';
import { createSlackMessenger, slackDefaults } from '#adapters/slack/messenger.ts';
import { systemClock } from '#adapters/system/clock.ts';
import { type SlackOptions, startSlackStandIn } from '../services/slack-stand-in.ts';
import { aMessage } from '../support/notify-builders.ts';
import { CountingMeter, RecordingLogger } from '../support/recording.ts';
import { describeMessengerContract } from './messenger-contract.ts';

const signal = new AbortController().signal;
const brisk = {
  requestTimeoutMs: 500,
  settleMs: 50,
  backoffMs: 20,
  postPace: { intervalMs: 0, burst: 1 },
  callPace: { intervalMs: 0, burst: 1 },
} as const;

async function setUp(changes: Partial<SlackMessengerSettings> = {}, options: SlackOptions = { rateLimits: 'off' }) {
  const slack = await startSlackStandIn({ channels: ['mesh-oncall'], ...options });
  const meter = new CountingMeter();
  const messenger = createSlackMessenger(
    { ...slackDefaults, ...brisk, token: slack.token, channel: '#mesh-oncall', apiUrl: slack.url, ...changes },
    { logger: new RecordingLogger(), meter, clock: systemClock },
  );
  return { slack, meter, messenger, stop: () => slack.stop() };
}

describeMessengerContract('slack', async () => {
  const { slack, messenger } = await setUp();
  return {
    messenger,
    stop: async () => {
      expect(slack.pings()).toEqual([]);
      expect(slack.violations()).toEqual([]);
      await slack.stop();
    },
  };
});

describe('slack over HTTP', () => {
  it('keeps within Slack’s documented limits at its own pace', async () => {
    const pace = { postPace: slackDefaults.postPace, callPace: slackDefaults.callPace };
    const { slack, messenger, stop } = await setUp(pace, { rateLimits: { postBurst: 2 } });
    for (let i = 0; i < 5; i += 1) {
      const handle = await messenger.post(aMessage({ key: `k${i}` }), signal);
      await messenger.update(handle, aMessage({ key: `k${i}`, step: 's2' }), signal);
    }
    expect(slack.calls().filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    await stop();
  });

  it('waits for Retry-After, to the second', async () => {
    const { slack, meter, messenger, stop } = await setUp();
    slack.failNext({ method: 'chat.postMessage', how: '429', retryAfterSeconds: 2 });
    const startedAtMs = Date.now();
    await Promise.all([messenger.post(aMessage({ key: 'a' }), signal), messenger.post(aMessage({ key: 'b' }), signal)]);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(1950);
    expect(slack.violations()).toEqual([]);
    expect(slack.messages()).toHaveLength(2);
    expect(meter.counts.get('flagwatch_sink_retries_total{sink=slack,code=SLACK_RATE_LIMITED}')).toBe(1);
    await stop();
  });

  it.each(['timeout-after-accept', 'reset-after-accept', 'timeout', 'reset', '500'] as const)(
    'leaves exactly one message after %s',
    async (how) => {
      const { slack, messenger, stop } = await setUp();
      slack.failNext({ method: 'chat.postMessage', how });
      const handle = await messenger.post(aMessage(), signal);
      expect(slack.messages().map(({ ts }) => ts)).toEqual([handle.ts]);
      await stop();
    },
  );

  it('says that Slack cannot be reached', async () => {
    const { messenger, stop } = await setUp();
    await stop();
    await expect(messenger.post(aMessage(), signal)).rejects.toMatchObject({
      code: 'SLACK_UNAVAILABLE',
      retryable: true,
    });
  });

  it('ends a call that hangs when it is told to stop', async () => {
    const { slack, messenger, stop } = await setUp({ requestTimeoutMs: 60_000 });
    slack.failNext({ method: 'chat.postMessage', how: 'timeout' });
    const controller = new AbortController();
    const startedAtMs = Date.now();
    setTimeout(() => controller.abort(), 100);
    await expect(messenger.post(aMessage(), controller.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(Date.now() - startedAtMs).toBeLessThan(5000);
    await stop();
  });
});
