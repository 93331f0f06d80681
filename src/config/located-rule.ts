// One rule of a checked file, made into the rule of core, with the places of its parts: what the checks of rules look at.
import type { Fault } from '#core/classify/classification.ts';
import { faultParties, faults } from '#core/classify/classification.ts';
import type { EdgeLabel } from '#core/count/edge.ts';
import { edgeLabels } from '#core/count/edge.ts';
import type { ConditionKind } from '#core/detect/condition.ts';
import type { AlertRule, Counted, Matcher, Selection, SeriesLabel } from '#core/evaluate/rule.ts';
import type { WrittenCondition } from './condition-schema.ts';
import { toCondition, toWrittenCondition } from './condition-schema.ts';
import { isMatcher, parseMatcher, toExactMatcher } from './matcher-text.ts';
import type { RuleConfig, RuleFileConfig } from './rule-schema.ts';
import type { SelectionConfig } from './selection-schema.ts';
import { conditionsOf, countedBy } from './shape-checks.ts';
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
  /** Whether it is to be run. */
  readonly isEnabled: boolean;
  readonly config: RuleConfig;
  readonly path: YamlPath;
  /** Of `select`, without those that are none. */
  readonly matchers: readonly LocatedMatcher[];
  /** The rule’s condition in the file’s notation. */
  readonly written: WrittenCondition;
  readonly windowMs: number;
  /** Where a part stands: in the rule, else in `defaults`, else the rule’s own key. */
  placeOf(...keys: readonly string[]): YamlPath;
}

/** A rule as it stands in a file. */
export interface PlacedRule {
  readonly config: RuleConfig;
  readonly path: YamlPath;
  readonly group: string;
}

/** All rules of a file, in its order. */
export function placedRules(file: RuleFileConfig): readonly PlacedRule[] {
  return file.groups.flatMap((group, g) => {
    return group.rules.map((config, r) => ({ config, path: ['groups', g, 'rules', r], group: group.name }));
  });
}

interface RuleContext {
  readonly file: RuleFileConfig;
  readonly source: YamlSource;
  readonly windowMs: number;
}

/** The rule of core; `null` where it has not exactly one condition. */
export function locateRule({ config, path, group }: PlacedRule, context: RuleContext): LocatedRule | null {
  const { file, source, windowMs } = context;
  const [kind, ...others] = conditionsOf(config);
  if (kind === undefined || others.length > 0) return null;
  const defaults = file.defaults ?? {};
  const matchers = locateMatchers(config.select ?? {}, [...path, 'select']);
  const written = toWrittenCondition(kind, config, defaults);
  const { select, by } = selectionOf(kind, config, { by: config.by ?? defaults.by, matchers });
  const rule: AlertRule = {
    alert: config.alert,
    group,
    origin: `${source.file}:${source.lineOf([...path, 'alert'])}`,
    select,
    by,
    condition: toCondition(written, windowMs),
    forMs: (config.for ?? defaults.for)?.ms ?? 0,
    keepFiringForMs: (config.keep_firing_for ?? defaults.keep_firing_for)?.ms ?? 0,
    isShadow: config.shadow ?? false,
    labels: { ...defaults.labels, ...config.labels },
    annotations: { ...defaults.annotations, ...config.annotations },
  };
  const placeOf = (...keys: readonly string[]): YamlPath => {
    const own = [...path, ...keys];
    if (source.nodeAt(own) !== null) return own;
    return source.nodeAt(['defaults', ...keys]) === null ? own : ['defaults', ...keys];
  };
  return { rule, isEnabled: config.enabled ?? true, config, path, matchers, written, windowMs, placeOf };
}

interface SelectionParts {
  /** As written, in the rule or in `defaults`. */
  readonly by: readonly SeriesLabel[] | undefined;
  readonly matchers: readonly LocatedMatcher[];
}

function selectionOf(
  kind: ConditionKind,
  config: RuleConfig,
  { by, matchers }: SelectionParts,
): { readonly select: Selection; readonly by: readonly SeriesLabel[] } {
  if (kind === 'pipeline') {
    return { select: { counted: 'requests', flags: [], faults: [], matchers: [] }, by: config.by ?? [] };
  }
  const counted = countedBy(kind, config, [...(by ?? []), ...matchers.map(({ matcher }) => matcher.label)]);
  const select = {
    counted,
    flags: counted === 'flags' ? [...new Set(listOf(config.select?.flags))] : [],
    faults: counted === 'faults' ? faultsOf(config.select ?? {}) : [],
    matchers: matchers.map(({ matcher }) => matcher),
  };
  return { select, by: [...new Set(by ?? defaultBy(counted))] };
}

/** The faults that are named, and all of the parties that are: a selection adds them up. */
function faultsOf({ faults: named, parties }: SelectionConfig): readonly Fault[] {
  const [own, ofParties] = [listOf(named), listOf(parties)];
  return faults.filter((fault) => own.includes(fault) || ofParties.includes(faultParties[fault]));
}

/** What makes a series where a rule does not say. */
function defaultBy(counted: Counted): readonly SeriesLabel[] {
  const edge = ['source_service', 'destination_service'] as const;
  if (counted === 'flags') return ['flag', ...edge];
  return counted === 'faults' ? ['fault', ...edge] : edge;
}

function locateMatchers(select: SelectionConfig, path: YamlPath): readonly LocatedMatcher[] {
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
export function listOf<Value extends string>(value: Value | readonly Value[] | undefined): readonly Value[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
