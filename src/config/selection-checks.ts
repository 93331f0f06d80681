// Checks of what a rule looks at: flags, faults, matchers. A rule that can never fire is found here.
import { reporters } from '#core/attribute/traffic.ts';
import { faultParties, faults } from '#core/classify/classification.ts';
import { findFlag, isKnownFlag, responseFlags } from '#core/classify/response-flags.ts';
import { compileMatcher } from '#core/evaluate/matcher.ts';
import type { SeriesLabel } from '#core/evaluate/rule.ts';
import { isEdgeMatcher } from '#core/evaluate/rule.ts';
import { checkBy } from './by-checks.ts';
import type { LocatedMatcher, LocatedRule } from './located-rule.ts';
import { listOf } from './located-rule.ts';
import { exactValues, isMatcher, parseMatcher } from './matcher-text.ts';
import { nearestName } from './nearest-name.ts';
import { labelsOfCounted } from './selection-schema.ts';
import type { PlacedFinding } from './yaml-source.ts';

/** Everything that is wrong with a rule’s selection and its `by`. */
export function checkSelection(located: LocatedRule): readonly PlacedFinding[] {
  if (located.written.kind === 'pipeline') return [];
  return [
    ...checkFlags(located),
    ...checkFailures(located),
    ...checkMatcherTexts(located),
    ...checkCountedMatchers(located),
    ...checkContradictions(located),
    ...checkReporter(located),
    ...checkMeasures(located),
    ...checkBy(located),
  ];
}

const shortNames = responseFlags.map((flag) => flag.shortName);

function checkFlags({ config, path }: LocatedRule): readonly PlacedFinding[] {
  const flags = config.select?.flags;
  return listOf(flags).flatMap((flag, index): readonly PlacedFinding[] => {
    const at = [...path, 'select', 'flags', ...(typeof flags === 'string' ? [] : [index])];
    if (flag === '-' || /[\s,]/.test(flag)) {
      return [
        {
          kind: 'wrong-value',
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
        kind: 'unknown-flag',
        severity: 'warning',
        path: at,
        message: `Envoy 1.40 has no flag ${flag}`,
        remedy: nearest === null ? `known: ${shortNames.join(', ')}` : `did you mean ${nearest}?`,
      },
    ];
  });
}

const failures = faults.filter((fault) => faultParties[fault] !== 'none');

/** A request that nobody has to act on has not failed, so it is never among the failed ones. */
function checkFailures({ config, path }: LocatedRule): readonly PlacedFinding[] {
  const check = (key: 'faults' | 'parties', names: string | readonly string[] | undefined, isNone: string[]) => {
    return listOf(names).flatMap((name, index): readonly PlacedFinding[] => {
      if (!isNone.includes(name)) return [];
      const at = [...path, 'select', key, ...(typeof names === 'string' ? [] : [index])];
      const message = `${key} holds ${name}: nobody has to act on that, so it is not counted as a failure`;
      return [{ kind: 'wrong-value', path: at, message, remedy: 'take it out' }];
    });
  };
  const none = faults.filter((fault) => faultParties[fault] === 'none');
  return [...check('faults', config.select?.faults, none), ...check('parties', config.select?.parties, ['none'])];
}

function checkMatcherTexts({ config, path }: LocatedRule): readonly PlacedFinding[] {
  return (config.select?.matchers ?? []).flatMap((text, index) => {
    const parsed = parseMatcher(text);
    if (isMatcher(parsed)) return [];
    const at = [...path, 'select', 'matchers', index];
    return [{ kind: 'wrong-matcher', path: at, message: `matcher ${parsed.message}`, remedy: parsed.remedy }];
  });
}

/** Matchers on names that the rule does not count. */
function checkCountedMatchers({ rule, matchers }: LocatedRule): readonly PlacedFinding[] {
  const { counted } = rule.select;
  const known: readonly string[] = labelsOfCounted[counted];
  return matchers.flatMap(({ matcher, path }): readonly PlacedFinding[] => {
    if (isEdgeMatcher(matcher) || known.includes(matcher.label)) return [];
    const what = { flags: 'flags', faults: 'faults', failed: 'failed lines', requests: 'all requests' }[counted];
    return [
      {
        kind: 'wrong-matcher',
        path,
        message: `matcher names ${matcher.label}, but the rule looks at ${what}`,
        remedy: `take it out, or count ${matcher.label === 'flag' ? 'flags' : 'faults'}`,
      },
    ];
  });
}

/** Labels whose matchers no value can satisfy together. Only where the values that can occur are known. */
function checkContradictions(located: LocatedRule): readonly PlacedFinding[] {
  const byLabel = new Map<string, LocatedMatcher[]>();
  for (const entry of located.matchers) {
    // A fault has one party, so matchers on both look at the same name.
    const subject = isFaultMatcher(entry) ? 'fault' : entry.matcher.label;
    byLabel.set(subject, [...(byLabel.get(subject) ?? []), entry]);
  }
  return [...byLabel].flatMap(([subject, entries]) => {
    const candidates = candidateValues(subject as SeriesLabel, entries, located);
    if (candidates === null) return [];
    const tests = entries.map(testOf);
    if (candidates.some((value) => tests.every((test) => test(value)))) return [];
    const last = entries.at(-1);
    const said = entries.map(({ matcher }) => {
      return `${matcher.label === subject ? '' : `of a ${matcher.label} `}${matcher.operator} "${matcher.value}"`;
    });
    return [
      {
        kind: 'never-fires',
        path: last?.path ?? located.path,
        message: `the rule can never fire: no ${subject} is ${said.join(' and ')}`,
        remedy: `it can be ${candidates.slice(0, 10).join(', ')}; take the matcher that contradicts out`,
      },
    ];
  });
}

function isFaultMatcher({ matcher }: LocatedMatcher): boolean {
  return matcher.label === 'fault' || matcher.label === 'party';
}

function testOf({ matcher }: LocatedMatcher): (value: string) => boolean {
  const test = compileMatcher(matcher);
  return matcher.label === 'party' ? (fault) => test(partyOf(fault)) : test;
}

function partyOf(fault: string): string {
  return new Map<string, string>(Object.entries(faultParties)).get(fault) ?? 'none';
}

function candidateValues(
  label: SeriesLabel,
  entries: readonly LocatedMatcher[],
  { rule }: LocatedRule,
): readonly string[] | null {
  const { flags, faults: counted } = rule.select;
  if (label === 'reporter') return reporters;
  if (label === 'fault') return counted.length > 0 ? counted : failures;
  if (label === 'flag' && flags.length > 0) return flags;
  return (
    entries.flatMap(({ matcher }) => {
      const values = exactValues(matcher);
      return values === null ? [] : [values];
    })[0] ?? null
  );
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
      kind: 'hardly-fires',
      severity: 'warning',
      path: placeOf('select', 'reporter'),
      message: `the rule hardly ever fires: ${flags.join(', ')} is written by the caller’s proxy, and reporter = source is not accepted`,
      remedy: 'write reporter: source',
    },
  ];
}

/** Both sides' proxies time a request, each its own part of it: together they are the times of nothing. */
function checkMeasures({ rule, matchers, path }: LocatedRule): readonly PlacedFinding[] {
  const isOneSided = rule.by.includes('reporter') || matchers.some(({ matcher }) => matcher.label === 'reporter');
  if (rule.condition.kind !== 'latency' || isOneSided) return [];
  return [
    {
      kind: 'mixed-sides',
      severity: 'warning',
      path: [...path, 'select'],
      atKey: true,
      message: 'the times that the callers’ proxies measured are mixed with those of the callee’s',
      remedy: 'write reporter: destination for what the service takes, or reporter: source for what its callers wait',
    },
  ];
}
