// One rule of a checked file, made into the rule of core, with the places of its parts: what the checks of rules look at.
import type { EdgeLabel } from '#core/count/edge.ts';
import { edgeLabels } from '#core/count/edge.ts';
import { parseDuration } from '#core/duration.ts';
import type { AlertRule, Matcher } from '#core/evaluate/rule.ts';
import { isMatcher, parseMatcher, toExactMatcher } from './matcher-text.ts';
import type { RuleConfig, RuleFileConfig } from './rule-schema.ts';
import { defaultBy, spikeDefaults } from './rule-schema.ts';
import type { YamlSource } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

/** A matcher and where it stands. */
export interface LocatedMatcher {
  readonly path: YamlPath;
  readonly matcher: Matcher;
}

/** A rule with the places of its parts. */
export interface LocatedRule {
  readonly rule: AlertRule;
  readonly config: RuleConfig;
  readonly path: YamlPath;
  /** Of `select`, without those that are none. */
  readonly matchers: readonly LocatedMatcher[];
  /** Durations of the baseline, milliseconds. */
  readonly baselineMs: number;
  readonly minBaselineMs: number;
  readonly windowMs: number;
  /** Where a part stands: in the rule, else in `defaults`, else the rule’s own key. */
  placeOf(...keys: readonly string[]): YamlPath;
}

/** All rules of a file, in its order. */
export function locateRules(file: RuleFileConfig, source: YamlSource, windowMs: number): readonly LocatedRule[] {
  return file.groups.flatMap((group, g) => {
    return group.rules.map((config, r) => {
      const path = ['groups', g, 'rules', r];
      return locateRule(config, { file, source, windowMs, path, group: group.name });
    });
  });
}

interface RuleContext {
  readonly file: RuleFileConfig;
  readonly source: YamlSource;
  readonly windowMs: number;
  readonly path: YamlPath;
  readonly group: string;
}

function locateRule(config: RuleConfig, context: RuleContext): LocatedRule {
  const { file, source, windowMs, path, group } = context;
  const defaults = file.defaults ?? {};
  const spike = { ...defaults.spike, ...config.spike };
  const baselineMs = spike.baseline?.ms ?? parseDuration(spikeDefaults.baseline) ?? 0;
  const minBaselineMs = spike.min_baseline?.ms ?? parseDuration(spikeDefaults.min_baseline) ?? 0;
  const matchers = locateMatchers(config, [...path, 'select']);
  const rule = {
    alert: config.alert,
    group,
    origin: `${source.file}:${source.lineOf([...path, 'alert'])}`,
    select: {
      counted: 'flags',
      flags: [...new Set(listOf(config.select.flags))],
      faults: [],
      matchers: matchers.map(({ matcher }) => matcher),
    },
    by: [...new Set(config.by ?? defaults.by ?? defaultBy)],
    condition: {
      kind: 'spike',
      settings: {
        z: spike.z ?? spikeDefaults.z,
        minCount: spike.min_count ?? spikeDefaults.min_count,
        minRatio: spike.min_ratio ?? spikeDefaults.min_ratio,
        baselineWindows: Math.ceil(baselineMs / windowMs),
        minBaselineWindows: Math.ceil(minBaselineMs / windowMs),
      },
    },
    forMs: (config.for ?? defaults.for)?.ms ?? 0,
    keepFiringForMs: (config.keep_firing_for ?? defaults.keep_firing_for)?.ms ?? 0,
    isShadow: false,
    labels: { ...defaults.labels, ...config.labels },
    annotations: { ...defaults.annotations, ...config.annotations },
  } satisfies AlertRule;
  const placeOf = (...keys: readonly string[]): YamlPath => {
    const own = [...path, ...keys];
    if (source.nodeAt(own) !== null) return own;
    return source.nodeAt(['defaults', ...keys]) === null ? own : ['defaults', ...keys];
  };
  return { rule, config, path, matchers, baselineMs, minBaselineMs, windowMs, placeOf };
}

function locateMatchers({ select }: RuleConfig, path: YamlPath): readonly LocatedMatcher[] {
  const exact = edgeLabels.flatMap((label: EdgeLabel) => {
    const values = listOf(select[label]);
    return values.length === 0 ? [] : [{ path: [...path, label], matcher: toExactMatcher(label, values) }];
  });
  const written = (select.matchers ?? []).flatMap((text, index) => {
    const parsed = parseMatcher(text);
    return isMatcher(parsed) ? [{ path: [...path, 'matchers', index], matcher: parsed }] : [];
  });
  return [...exact, ...written];
}

/** A value or a list of values, as a list. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
