// The arguments of `flagwatch silence add` → a silence, or what is wrong with them.
import { checkMatchers, findSpanProblem } from '#app/silence-checks.ts';
import { parseDuration } from '#core/duration.ts';
import type { AlertMatcher } from '#core/notify/alert-matcher.ts';
import type { Silence } from '#core/notify/silence.ts';
import { silenceLimits } from '#core/notify/silence-wire.ts';

/** What was asked for, as it was typed. */
export interface SilenceRequest {
  readonly matchers: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly for?: string;
  readonly author?: string;
  readonly reason?: string;
}

/** The silence with that id, or a sentence that says what to write instead. */
export function toSilence(request: SilenceRequest, id: string, nowMs: number): Silence | { readonly problem: string } {
  const matchers = toMatchers(request.matchers);
  if ('problem' in matchers) return matchers;
  const times = toTimes(request, nowMs);
  if ('problem' in times) return times;
  const { author = '', reason = '' } = request;
  if (author.trim() === '') return { problem: 'say who asks for it: --author NAME' };
  if (reason.trim() === '') return { problem: 'say why, for those who find it: --reason TEXT' };
  if (author.length > silenceLimits.text || reason.length > silenceLimits.text) {
    return { problem: `author and reason have at most ${silenceLimits.text} characters` };
  }
  return { id, matchers: matchers.value, ...times, author: author.trim(), reason: reason.trim() };
}

type Problem = { readonly problem: string };

function toMatchers(texts: readonly string[]): { readonly value: readonly AlertMatcher[] } | Problem {
  if (texts.length === 0) return { problem: `say what: 'alertname = "…"', 'destination_service =~ "pay.*"'` };
  if (texts.length > silenceLimits.matchers) return { problem: `at most ${silenceLimits.matchers} matchers` };
  const checked = checkMatchers(texts);
  switch (checked.kind) {
    case 'ok':
      return { value: checked.matchers };
    case 'no-matcher':
      return { problem: `${checked.text} ${checked.message}: ${checked.remedy}` };
    case 'accepts-all':
      return {
        problem:
          'these matchers accept alerts without any of the labels: they would silence nearly everything; one has to ask for a value',
      };
  }
}

function toTimes(request: SilenceRequest, nowMs: number): Pick<Silence, 'fromMs' | 'untilMs'> | Problem {
  const fromMs = request.from === undefined ? nowMs : toTime(request.from);
  if (fromMs === null) return { problem: `--from ${request.from} is no time: ${timeForm}` };
  if ((request.for === undefined) === (request.until === undefined)) {
    return { problem: 'say how long: --for 2h, or --until TIME' };
  }
  const untilMs = toEnd(request, fromMs);
  if (typeof untilMs !== 'number') return untilMs;
  const problem = findSpanProblem({ fromMs, untilMs }, nowMs);
  return problem === null ? { fromMs, untilMs } : { problem };
}

function toEnd(request: SilenceRequest, fromMs: number): number | Problem {
  if (request.for !== undefined) {
    const lengthMs = parseDuration(request.for);
    return lengthMs === null
      ? { problem: `--for ${request.for} is no duration: write 30m, 2h, 1d` }
      : fromMs + lengthMs;
  }
  return toTime(request.until ?? '') ?? { problem: `--until ${request.until} is no time: ${timeForm}` };
}

const timeForm = 'write 2026-08-03T09:00:00+09:00, or with Z for UTC';

/** A time with its zone: without one it would mean something else on each machine. */
function toTime(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}
