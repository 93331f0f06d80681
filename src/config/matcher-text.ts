// One matcher as people write it in rules, `destination_namespace =~ "shop.*"` → a matcher of core, or what is wrong with it.
import { edgeLabels } from '#core/count/edge.ts';
import type { Matcher, SeriesLabel } from '#core/evaluate/rule.ts';
import { countedLabels } from '#core/evaluate/rule.ts';
import type { MatcherProblem } from './matcher-notation.ts';
import { patternProblem, splitMatcher } from './matcher-notation.ts';
import { nearestName } from './nearest-name.ts';

/** Every label of a series: what `by` and matchers may name. */
export const seriesLabels: readonly SeriesLabel[] = [...edgeLabels, ...countedLabels];

const matcherPattern = /^\s*([^\s=!~"{},]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{},]+))\s*$/su;
const example = 'destination_namespace =~ "shop.*"';

/** Parses Alertmanager’s notation: label, one of `= != =~ !~`, value in double quotes (they may be left out around a word). */
export function parseMatcher(text: string): Matcher | MatcherProblem {
  const written = splitMatcher(text, matcherPattern);
  if (written === null) {
    return {
      message: 'has not the form of one',
      remedy: `write label, operator and value: '${example}' (operators = != =~ !~)`,
    };
  }
  const { label } = written;
  return isSeriesLabel(label) ? (patternProblem(written) ?? { ...written, label }) : unknownLabel(label);
}

function isSeriesLabel(name: string): name is SeriesLabel {
  return seriesLabels.some((label) => label === name);
}

function unknownLabel(name: string): MatcherProblem {
  const nearest = nearestName(name, seriesLabels);
  return {
    message: `names an unknown label ${name}`,
    remedy: nearest === null ? `write one of ${seriesLabels.join(', ')}` : `did you mean ${nearest}?`,
  };
}

/** Whether parsing gave a matcher. */
export function isMatcher(parsed: Matcher | MatcherProblem): parsed is Matcher {
  return 'label' in parsed;
}

/** The matcher of `label: value` or `label: [a, b]` in a selection: exactly one of these. */
export function toExactMatcher(label: SeriesLabel, values: readonly string[]): Matcher {
  const [first = ''] = values;
  if (values.length === 1) return { label, operator: '=', value: first };
  const alternatives = values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return { label, operator: '=~', value: alternatives.join('|') };
}

/** The only values that a matcher accepts, where it says them one by one: those of `toExactMatcher` read back; else `null`. */
export function exactValues({ operator, value }: Matcher): readonly string[] | null {
  if (operator === '=') return [value];
  if (operator !== '=~' || !/^(?:[\w-]|\\\W)+(?:\|(?:[\w-]|\\\W)+)*$/.test(value)) return null;
  return [...value.matchAll(/(?:[\w-]|\\\W)+/g)].map(([text]) => text.replace(/\\(\W)/g, '$1'));
}
