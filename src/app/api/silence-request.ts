// The body of POST /silences → a silence, or what is wrong with it.
import { isAlertMatcher, parseAlertMatcher } from '#config/alert-matcher-text.ts';
import type { Checked, SilenceAnswer, SilenceBody } from '#config/api-schema.ts';
import { parseDuration } from '#core/duration.ts';
import type { AlertMatcher } from '#core/notify/alert-matcher.ts';
import { compileAlertMatchers, renderAlertMatcher } from '#core/notify/alert-matcher.ts';
import type { Silence } from '#core/notify/silence.ts';
import { silenceStatus } from '#core/notify/silence.ts';
import { toInstant } from './state-answers.ts';

/** A longer one is a change of the rules, not a silence: people forget it. */
const maxLengthMs = 366 * 86_400_000;

/** The silence that a checked body asks for. */
export function toSilence(body: SilenceBody, id: string, nowMs: number): Checked<Silence> {
  const matchers: AlertMatcher[] = [];
  for (const text of body.matchers) {
    const parsed = parseAlertMatcher(text);
    if (!isAlertMatcher(parsed)) return { problem: `matchers: one ${parsed.message}: ${parsed.remedy}` };
    matchers.push(parsed);
  }
  // As Alertmanager has it: one of them must ask for something that is there.
  if (compileAlertMatchers(matchers)({})) {
    return { problem: 'matchers: they accept alerts without any of the labels; one has to ask for a value' };
  }
  const fromMs = body.from === undefined ? nowMs : Date.parse(body.from);
  const untilMs = untilOf(body, fromMs);
  if (untilMs === null) return { problem: 'say how long: for (30m, 2h, 1d) or until, one of them' };
  if (untilMs <= fromMs || untilMs <= nowMs) return { problem: 'it would be over before it begins' };
  if (untilMs - fromMs > maxLengthMs) {
    return { problem: 'it would last longer than a year: change the rules instead' };
  }
  return { value: { id, matchers, fromMs, untilMs, author: body.author, reason: body.reason } };
}

function untilOf({ until, for: length }: SilenceBody, fromMs: number): number | null {
  if ((until === undefined) === (length === undefined)) return null;
  if (until !== undefined) return Date.parse(until);
  const lengthMs = parseDuration(length ?? '');
  return lengthMs === null ? null : fromMs + lengthMs;
}

/** A silence as the API shows it. */
export function toSilenceAnswer(silence: Silence, nowMs: number): SilenceAnswer {
  const { id, fromMs, untilMs, author, reason, matchers } = silence;
  return {
    id,
    status: silenceStatus(silence, nowMs),
    from: toInstant(fromMs),
    until: toInstant(untilMs),
    author,
    reason,
    matchers: matchers.map(renderAlertMatcher),
  };
}
