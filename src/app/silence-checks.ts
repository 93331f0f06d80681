// What a silence must be, whoever asks for it: its matchers ask for something, and its span is ahead and not endless. The API and the
// commands word what is wrong with matchers by themselves, because one may show them and the other may not.
import { isAlertMatcher, parseAlertMatcher } from '#config/alert-matcher-text.ts';
import type { AlertMatcher } from '#core/notify/alert-matcher.ts';
import { compileAlertMatchers } from '#core/notify/alert-matcher.ts';

/** The matchers, or which text is none, or that they accept alerts without any of the labels. */
export type CheckedMatchers =
  | { readonly kind: 'ok'; readonly matchers: readonly AlertMatcher[] }
  | { readonly kind: 'no-matcher'; readonly text: string; readonly message: string; readonly remedy: string }
  | { readonly kind: 'accepts-all' };

/** Parses the texts, in their order. */
export function checkMatchers(texts: readonly string[]): CheckedMatchers {
  const matchers: AlertMatcher[] = [];
  for (const text of texts) {
    const parsed = parseAlertMatcher(text);
    if (!isAlertMatcher(parsed)) return { kind: 'no-matcher', text, message: parsed.message, remedy: parsed.remedy };
    matchers.push(parsed);
  }
  // As Alertmanager has it: one of them must ask for something that is there.
  return compileAlertMatchers(matchers)({}) ? { kind: 'accepts-all' } : { kind: 'ok', matchers };
}

/** A longer one is a change of the rules, not a silence: people forget it. */
const maxLengthMs = 366 * 86_400_000;

/** What is wrong with a span, or `null`. Epoch milliseconds. */
export function findSpanProblem(
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  nowMs: number,
): string | null {
  if (untilMs <= fromMs || untilMs <= nowMs) return 'it would be over before it begins';
  return untilMs - fromMs > maxLengthMs ? 'it would last longer than a year: change the rules instead' : null;
}
