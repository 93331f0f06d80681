// One matcher on alerts as people write it in routes, inhibitions and silences, `severity =~ "critical|page"` → a matcher of core, or
// what is wrong with it.
import type { AlertMatcher } from '#core/notify/alert-matcher.ts';
import type { MatcherProblem } from './matcher-notation.ts';
import { patternProblem, splitMatcher } from './matcher-notation.ts';

const matcherPattern = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{},]*))\s*$/su;

/** Parses Alertmanager’s notation: label, one of `= != =~ !~`, value in double quotes (they may be left out around a word). */
export function parseAlertMatcher(text: string): AlertMatcher | MatcherProblem {
  const matcher = splitMatcher(text, matcherPattern);
  if (matcher === null) {
    return {
      message: 'is no matcher',
      remedy: `write label, operator and value: 'severity =~ "critical|page"' (operators = != =~ !~)`,
    };
  }
  return patternProblem(matcher) ?? matcher;
}

/** Whether parsing gave a matcher. */
export function isAlertMatcher(parsed: AlertMatcher | MatcherProblem): parsed is AlertMatcher {
  return 'label' in parsed;
}
