// What a failed call to Slack means: try again, look first, post anew, or give up and say what to do. A pure function of status
// and error codes; messages of errors are never read.
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';

/** A failure, reduced to what decides. */
export type SlackFailure =
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number | null }
  | { readonly kind: 'http'; readonly status: number }
  /** `ok: false` with Slack's error code. */
  | { readonly kind: 'platform'; readonly error: string; readonly needed: string | null }
  /** No answer: the system's error code, or `timeout`. */
  | { readonly kind: 'request'; readonly code: string };

/** What to do about it. `detail` is for people. */
export type SlackDecision =
  /** Nothing took effect: the same call may be made again, after `afterMs` where Slack said so. */
  | {
      readonly kind: 'retry';
      readonly code: 'SLACK_RATE_LIMITED' | 'SLACK_UNAVAILABLE';
      readonly afterMs: number | null;
      readonly detail: string;
    }
  /** It may or may not have taken effect: look before posting again. */
  | { readonly kind: 'ambiguous'; readonly code: 'SLACK_TIMEOUT' | 'SLACK_UNAVAILABLE'; readonly detail: string }
  /** The message can no longer be edited: post anew. */
  | { readonly kind: 'repost'; readonly detail: string }
  /** The layout was refused: the text alone may still get through. */
  | { readonly kind: 'content'; readonly detail: string }
  | { readonly kind: 'rejected'; readonly code: 'SLACK_AUTH' | 'SLACK_REJECTED'; readonly detail: string };

/** Reads what the client threw. Anything unknown counts as "no answer", which is the careful reading. */
export function toSlackFailure(error: unknown): SlackFailure {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'rate-limited', retryAfterMs: toMs(error.retryAfter) };
  if (error instanceof WebAPIHTTPError) return { kind: 'http', status: error.statusCode };
  if (error instanceof WebAPIPlatformError) return toPlatformFailure(error);
  const cause = error instanceof WebAPIRequestError ? error.original : error;
  return { kind: 'request', code: toRequestCode(cause) };
}

/** The decision for a failure. */
export function decideSlack(failure: SlackFailure): SlackDecision {
  switch (failure.kind) {
    case 'rate-limited':
      return {
        kind: 'retry',
        code: 'SLACK_RATE_LIMITED',
        afterMs: failure.retryAfterMs,
        detail: 'Slack asks us to slow down (429)',
      };
    case 'http':
      return decideHttp(failure.status);
    case 'platform':
      return decidePlatform(failure.error, failure.needed);
    case 'request':
      return decideRequest(failure.code);
  }
}

// The connection was never made, so Slack has not seen the call.
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const timeouts = new Set(['timeout', 'ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Slack's own failures: some aspect of the call may have succeeded, says its reference. */
const slackFailed = new Set([
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
const notEditable = new Set(['message_not_found', 'edit_window_closed', 'cant_update_message']);
const layoutRefused = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'invalid_metadata_format',
  'metadata_too_large',
]);

const authRemedies: Readonly<Record<string, string>> = {
  not_authed: 'no token came with the call: set slack.token to the bot token (xoxb-…)',
  invalid_auth: 'the token is not valid: set slack.token to the bot token (xoxb-…) of an installed app',
  token_revoked: 'the token was revoked: reinstall the app and set slack.token to its new bot token',
  token_expired: 'the token has expired: reinstall the app and set slack.token to its new bot token',
  account_inactive: 'the app or its workspace was deactivated: reinstall the app and set slack.token',
  missing_scope: 'the app lacks a scope: grant it and reinstall the app',
  no_permission: 'the token may not do this: check the app’s scopes and reinstall it',
  not_allowed_token_type: 'this is not a bot token: slack.token must begin with xoxb-',
  team_access_not_granted: 'the app is not granted to this workspace: ask its administrators',
  ekm_access_denied: 'the workspace’s administrators suspended access: ask them',
};

const rejectedRemedies: Readonly<Record<string, string>> = {
  channel_not_found: 'there is no such channel for this app: check slack.channel, and invite the app if it is private',
  not_in_channel: 'the app is not in the channel: type /invite @flagwatch there, or grant chat:write.public',
  is_archived: 'the channel is archived: unarchive it or set slack.channel to another one',
  restricted_action: 'the workspace lets this app not post there: ask its administrators, or set slack.channel',
  restricted_action_read_only_channel: 'the channel is read-only for the app: set slack.channel to another one',
  unknown_method: 'this is not Slack’s Web API: check slack.api_url',
};

function decideHttp(status: number): SlackDecision {
  const detail = `Slack answered with HTTP ${status}`;
  if (status === 401 || status === 403) {
    return { kind: 'rejected', code: 'SLACK_AUTH', detail: `${detail}: check slack.token, and any proxy on the way` };
  }
  if (status === 408 || status >= 500) return { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE', detail };
  return {
    kind: 'rejected',
    code: 'SLACK_REJECTED',
    detail: `${detail}: check slack.api_url, and any proxy on the way`,
  };
}

function decidePlatform(error: string, needed: string | null): SlackDecision {
  const detail = `Slack answered ${error}`;
  if (error === 'ratelimited') return { kind: 'retry', code: 'SLACK_RATE_LIMITED', afterMs: null, detail };
  if (slackFailed.has(error)) return { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE', detail };
  if (notEditable.has(error)) return { kind: 'repost', detail };
  if (layoutRefused.has(error)) return { kind: 'content', detail };
  const auth = remedyOf(authRemedies, error);
  if (auth !== null) {
    const scope = needed === null ? '' : ` (needed: ${needed})`;
    return { kind: 'rejected', code: 'SLACK_AUTH', detail: `${detail}: ${auth}${scope}` };
  }
  const remedy = remedyOf(rejectedRemedies, error) ?? 'see this error in the reference of Slack’s Web API';
  return { kind: 'rejected', code: 'SLACK_REJECTED', detail: `${detail}: ${remedy}` };
}

function decideRequest(code: string): SlackDecision {
  if (neverSent.has(code)) {
    const detail = `Slack cannot be reached (${code}): check the network, and slack.api_url if it is set`;
    return { kind: 'retry', code: 'SLACK_UNAVAILABLE', afterMs: null, detail };
  }
  if (timeouts.has(code)) return { kind: 'ambiguous', code: 'SLACK_TIMEOUT', detail: 'Slack did not answer in time' };
  return { kind: 'ambiguous', code: 'SLACK_UNAVAILABLE', detail: `the connection to Slack broke (${code})` };
}

function toPlatformFailure({ data }: WebAPIPlatformError): SlackFailure {
  const { error, response_metadata: metadata } = data;
  // What is no error code is somebody else's page in Slack's place, put there by the client.
  if (!/^[a-z][a-z0-9_]{0,80}$/.test(String(error))) return { kind: 'request', code: 'unreadable answer' };
  if (error === 'ratelimited') return { kind: 'rate-limited', retryAfterMs: toMs(metadata?.retryAfter) };
  const needed: unknown = 'needed' in data ? data.needed : null;
  return {
    kind: 'platform',
    error,
    needed: typeof needed === 'string' && /^[\w.:,\s-]{1,200}$/.test(needed) ? needed : null,
  };
}

function toRequestCode(cause: unknown): string {
  // fetch says "fetch failed" and hides the system's error one or two levels below.
  for (let error = cause, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth += 1) {
    if (error.name === 'TimeoutError') return 'timeout';
    const code: unknown = 'code' in error ? error.code : null;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  }
  return 'no answer';
}

function remedyOf(remedies: Readonly<Record<string, string>>, error: string): string | null {
  return Object.hasOwn(remedies, error) ? (remedies[error] ?? null) : null;
}

function toMs(seconds: number | undefined): number | null {
  return seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
