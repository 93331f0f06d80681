// The table of failures: each kind of answer, or of none, and what it means.
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { decideSlack, toSlackFailure } from './retry.ts';

const platform = (error: string, more: object = {}) =>
  new WebAPIPlatformError({ ok: false, error, response_metadata: {}, ...more } as never);
const fetchFailed = (code: string) =>
  new WebAPIRequestError(new TypeError('fetch failed', { cause: Object.assign(new Error('inner'), { code }) }));
const decide = (error: unknown) => decideSlack(toSlackFailure(error));

describe('decideSlack', () => {
  it.each([
    [
      '429 with Retry-After',
      new WebAPIRateLimitedError(7),
      { kind: 'retry', code: 'SLACK_RATE_LIMITED', afterMs: 7000 },
    ],
    [
      'ratelimited in the body',
      platform('ratelimited', { response_metadata: { retryAfter: 3 } }),
      { kind: 'retry', code: 'SLACK_RATE_LIMITED', afterMs: 3000 },
    ],
    [
      'ratelimited without a time',
      platform('ratelimited'),
      { kind: 'retry', code: 'SLACK_RATE_LIMITED', afterMs: null },
    ],
    ['connection refused', fetchFailed('ECONNREFUSED'), { kind: 'retry', code: 'SLACK_UNAVAILABLE', afterMs: null }],
    ['name not found', fetchFailed('ENOTFOUND'), { kind: 'retry', code: 'SLACK_UNAVAILABLE', afterMs: null }],
    ['connection reset', fetchFailed('ECONNRESET'), { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    ['socket closed', fetchFailed('UND_ERR_SOCKET'), { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    [
      'our timeout',
      new WebAPIRequestError(new DOMException('late', 'TimeoutError') as unknown as Error),
      { kind: 'ambiguous', code: 'SLACK_TIMEOUT' },
    ],
    [
      'our timeout while the body came',
      new DOMException('late', 'TimeoutError'),
      { kind: 'ambiguous', code: 'SLACK_TIMEOUT' },
    ],
    ['headers timeout', fetchFailed('UND_ERR_HEADERS_TIMEOUT'), { kind: 'ambiguous', code: 'SLACK_TIMEOUT' }],
    ['HTTP 500', new WebAPIHTTPError(500, '', {}), { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    ['HTTP 503', new WebAPIHTTPError(503, '', {}), { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    ['HTTP 403', new WebAPIHTTPError(403, '', {}), { kind: 'rejected', code: 'SLACK_AUTH' }],
    ['HTTP 404', new WebAPIHTTPError(404, '', {}), { kind: 'rejected', code: 'SLACK_REJECTED' }],
    ['internal_error', platform('internal_error'), { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    ['fatal_error', platform('fatal_error'), { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    ['a page of a proxy', platform('<html>Blocked</html>'), { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    ['an unknown exception', 'what?', { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE' }],
    ['message_not_found', platform('message_not_found'), { kind: 'repost' }],
    ['edit_window_closed', platform('edit_window_closed'), { kind: 'repost' }],
    ['cant_update_message', platform('cant_update_message'), { kind: 'repost' }],
    ['msg_too_long', platform('msg_too_long'), { kind: 'content' }],
    ['invalid_blocks', platform('invalid_blocks'), { kind: 'content' }],
    ['an error of next year', platform('brand_new_error'), { kind: 'rejected', code: 'SLACK_REJECTED' }],
    ['a name of an object’s own', platform('constructor'), { kind: 'rejected', code: 'SLACK_REJECTED' }],
  ])('%s', (_name, error, decision) => {
    expect(decide(error)).toMatchObject(decision);
  });

  it.each([
    ['invalid_auth', 'SLACK_AUTH', 'set slack.token to the bot token'],
    ['token_revoked', 'SLACK_AUTH', 'reinstall the app'],
    ['account_inactive', 'SLACK_AUTH', 'reinstall the app'],
    ['not_in_channel', 'SLACK_REJECTED', '/invite @flagwatch'],
    ['channel_not_found', 'SLACK_REJECTED', 'check slack.channel'],
    ['is_archived', 'SLACK_REJECTED', 'unarchive it'],
  ])('%s says what to do', (error, code, remedy) => {
    expect(decide(platform(error))).toMatchObject({
      kind: 'rejected',
      code,
      detail: expect.stringContaining(remedy) as string,
    });
  });

  it('names the scope that is missing', () => {
    expect(decide(platform('missing_scope', { needed: 'channels:history', provided: 'chat:write' }))).toMatchObject({
      code: 'SLACK_AUTH',
      detail:
        'Slack answered missing_scope: the app lacks a scope: grant it and reinstall the app (needed: channels:history)',
    });
  });
});
