// Checks of what a rule looks at: flags, matchers, `by`. A rule that can never fire is found here.
import { reporters } from '#core/attribute/traffic.ts';
import { findFlag, isKnownFlag, responseFlags } from '#core/classify/response-flags.ts';
import { compileMatcher } from '#core/evaluate/matcher.ts';
import type { SeriesLabel } from '#core/evaluate/rule.ts';
import type { LocatedMatcher, LocatedRule } from './located-rule.ts';
import { listOf } from './located-rule.ts';
import { isMatcher, parseMatcher } from './matcher-text.ts';
import { nearestName } from './nearest-name.ts';
import type { PlacedFinding } from './yaml-source.ts';

/** Everything that is wrong with a rule’s selection and its `by`. */
export function checkSelection(located: LocatedRule): readonly PlacedFinding[] {
  return [
    ...checkFlags(located),
    ...checkMatcherTexts(located),
    ...checkContradictions(located),
    ...checkReporter(located),
    ...checkBy(located),
  ];
}

const shortNames = responseFlags.map((flag) => flag.shortName);

function checkFlags({ config, path }: LocatedRule): readonly PlacedFinding[] {
  const { flags } = config.select;
  return listOf(flags).flatMap((flag, index): readonly PlacedFinding[] => {
    const at = [...path, 'select', 'flags', ...(typeof flags === 'string' ? [] : [index])];
    if (flag === '-' || /[\s,]/.test(flag)) {
      return [
        {
          path: at,
          message: `flags holds "${flag}", which is no flag`,
          remedy: 'write one short name an entry: [UC, UF]',
        },
      ];
    }
    if (isKnownFlag(flag)) return [];
    const nearest = findFlag(flag)?.shortName ?? nearestName(flag, shortNames);
    return [
      {
        severity: 'warning',
        path: at,
        message: `Envoy 1.40 has no flag ${flag}`,
        remedy: nearest === null ? `known: ${shortNames.join(', ')}` : `did you mean ${nearest}?`,
      },
    ];
  });
}

function checkMatcherTexts({ config, path }: LocatedRule): readonly PlacedFinding[] {
  return (config.select.matchers ?? []).flatMap((text, index) => {
    const parsed = parseMatcher(text);
    if (isMatcher(parsed)) return [];
    return [
      { path: [...path, 'select', 'matchers', index], message: `matcher ${parsed.message}`, remedy: parsed.remedy },
    ];
  });
}

/** Labels whose matchers no value can satisfy together. Only where the values that can occur are known. */
function checkContradictions(located: LocatedRule): readonly PlacedFinding[] {
  const byLabel = new Map<SeriesLabel, LocatedMatcher[]>();
  for (const entry of located.matchers) {
    byLabel.set(entry.matcher.label, [...(byLabel.get(entry.matcher.label) ?? []), entry]);
  }
  return [...byLabel].flatMap(([label, entries]) => {
    const candidates = candidateValues(label, entries, located);
    if (candidates === null) return [];
    const tests = entries.map(({ matcher }) => compileMatcher(matcher));
    if (candidates.some((value) => tests.every((test) => test(value)))) return [];
    const last = entries.at(-1);
    const said = entries.map(({ matcher }) => `${matcher.operator} "${matcher.value}"`).join(' and ');
    return [
      {
        path: last?.path ?? located.path,
        message: `the rule can never fire: no ${label} is ${said}`,
        remedy: `it can be ${candidates.slice(0, 10).join(', ')}; take the matcher that contradicts out`,
      },
    ];
  });
}

function candidateValues(
  label: SeriesLabel,
  entries: readonly LocatedMatcher[],
  { rule }: LocatedRule,
): readonly string[] | null {
  if (label === 'reporter') return reporters;
  if (label === 'flag' && rule.select.flags.length > 0) return rule.select.flags;
  const exact = entries.find(({ matcher }) => matcher.operator === '=');
  return exact === undefined ? null : [exact.matcher.value];
}

/** What fails before anything is sent: the callee’s proxy never hears of it (no route, no host, no connection allowed). */
const sourceOnlyFlags: ReadonlySet<string> = new Set(['NR', 'NC', 'UH', 'UO', 'DF', 'UDO']);

function checkReporter({ rule, matchers, placeOf }: LocatedRule): readonly PlacedFinding[] {
  const { flags } = rule.select;
  const accepts = (reporter: string) =>
    matchers.every(({ matcher }) => matcher.label !== 'reporter' || compileMatcher(matcher)(reporter));
  const isBlind = flags.length > 0 && flags.every((flag) => sourceOnlyFlags.has(flag));
  if (!isBlind || accepts('source') || !accepts('destination')) return [];
  return [
    {
      severity: 'warning',
      path: placeOf('select', 'reporter'),
      message: `the rule hardly ever fires: ${flags.join(', ')} is written by the caller’s proxy, and reporter = source is not accepted`,
      remedy: 'write reporter: source',
    },
  ];
}

function checkBy({ rule, config, placeOf }: LocatedRule): readonly PlacedFinding[] {
  const path = placeOf('by');
  const missing: readonly PlacedFinding[] = rule.by.includes('destination_service')
    ? []
    : [
        {
          path,
          message: `by (${rule.by.join(', ')}) lacks destination_service`,
          remedy: 'add destination_service: counts are kept by it, so nothing can be added up across services',
        },
      ];
  const repeated = (config.by ?? []).filter((label, index, all) => all.indexOf(label) < index);
  return [
    ...missing,
    ...repeated.map(
      (label): PlacedFinding => ({
        severity: 'warning',
        path,
        message: `by names ${label} twice`,
        remedy: 'take one of the two out',
      }),
    ),
  ];
}
