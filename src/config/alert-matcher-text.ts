// One matcher on alerts as people write it in routes, inhibitions and silences, `severity =~ "critical|page"` → a matcher of core, or
// what is wrong with it.
import { findPatternError } from '#core/evaluate/pattern.ts';
import type { AlertMatcher } from '#core/notify/alert-matcher.ts';
import type { MatcherProblem } from './matcher-text.ts';

const matcherPattern = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{},]*))\s*$/su;

/** Parses Alertmanager’s notation: label, one of `= != =~ !~`, value in double quotes (they may be left out around a word). */
export function parseAlertMatcher(text: string): AlertMatcher | MatcherProblem {
  const match = matcherPattern.exec(text);
  if (match === null) {
    return {
      message: 'is no matcher',
      remedy: `write label, operator and value: 'severity =~ "critical|page"' (operators = != =~ !~)`,
    };
  }
  const [, label = '', operator = '', quoted, word] = match;
  const value = quoted === undefined ? (word ?? '') : quoted.replace(/\\(["\\])/g, '$1');
  const isPattern = operator === '=~' || operator === '!~';
  const problem = isPattern ? findPatternError(value) : null;
  if (problem === null) return { label, operator: operator as AlertMatcher['operator'], value };
  return {
    message: `has a regular expression that cannot be used: ${problem}`,
    remedy:
      'patterns are matched in linear time, anchored at both ends: text, . [] \\d \\w \\s ( ) | * + ? {m,n}; no back references, no look-around',
  };
}

/** Whether parsing gave a matcher. */
export function isAlertMatcher(parsed: AlertMatcher | MatcherProblem): parsed is AlertMatcher {
  return 'label' in parsed;
}
