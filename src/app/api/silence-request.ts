// The body of POST /silences → a silence, or what is wrong with it.
import { checkMatchers, findSpanProblem } from '#app/silence-checks.ts';
import type { Checked, SilenceAnswer, SilenceBody } from '#config/api-schema.ts';
import { parseDuration } from '#core/duration.ts';
import { renderAlertMatcher } from '#core/notify/alert-matcher.ts';
import type { Silence } from '#core/notify/silence.ts';
import { silenceStatus } from '#core/notify/silence.ts';
import { toInstant } from './instant.ts';

/** The silence that a checked body asks for. */
export function toSilence(body: SilenceBody, id: string, nowMs: number): Checked<Silence> {
  const checked = checkMatchers(body.matchers);
  if (checked.kind === 'no-matcher') return { problem: `matchers: one ${checked.message}: ${checked.remedy}` };
  if (checked.kind === 'accepts-all') {
    return { problem: 'matchers: they accept alerts without any of the labels; one has to ask for a value' };
  }
  const fromMs = body.from === undefined ? nowMs : Date.parse(body.from);
  const untilMs = untilOf(body, fromMs);
  if (untilMs === null) return { problem: 'say how long: for (30m, 2h, 1d) or until, one of them' };
  const problem = findSpanProblem({ fromMs, untilMs }, nowMs);
  if (problem !== null) return { problem };
  return { value: { id, matchers: checked.matchers, fromMs, untilMs, author: body.author, reason: body.reason } };
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
