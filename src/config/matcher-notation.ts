// Alertmanager’s notation of matchers as far as those on series (matcher-text.ts) and those on alerts (alert-matcher-text.ts) share it: the
// text taken apart, and whether its value is a pattern that can be matched.
import { findPatternError } from '#core/evaluate/pattern.ts';

/** What is wrong with a piece of the text. */
export interface MatcherProblem {
  readonly message: string;
  readonly remedy: string;
}

/** A matcher as it is written, its value without quotes. */
export interface WrittenMatcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Takes a text apart by the groups of `form`: label, operator, value in double quotes, value without; `null` where it has another form. */
export function splitMatcher(text: string, form: RegExp): WrittenMatcher | null {
  const match = form.exec(text);
  if (match === null) return null;
  const [, label = '', operator = '', quoted, word] = match;
  const value = quoted === undefined ? (word ?? '') : quoted.replace(/\\(["\\])/g, '$1');
  return { label, operator: operator as WrittenMatcher['operator'], value };
}

/** Why the value of a matcher cannot be matched, `null` where it can. */
export function patternProblem({ operator, value }: WrittenMatcher): MatcherProblem | null {
  if (operator === '=' || operator === '!=') return null;
  const problem = findPatternError(value);
  if (problem === null) return null;
  return {
    message: `has a regular expression that cannot be used: ${problem}`,
    remedy:
      'patterns are matched in linear time, anchored at both ends: text, . [] \\d \\w \\s ( ) | * + ? {m,n}; no back references, no look-around',
  };
}
