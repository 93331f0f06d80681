// Checks of which parts a rule has, before it is made into a rule of core: exactly one condition, something to count for it, and
// labels that go with what is counted.
import type { ConditionKind } from '#core/detect/condition.ts';
import { conditionKinds } from '#core/detect/condition.ts';
import type { Counted } from '#core/evaluate/rule.ts';
import type { RuleConfig } from './rule-schema.ts';
import type { PlacedFinding } from './yaml-source.ts';
import type { YamlPath } from './yaml-value.ts';

/** The conditions that a rule names; a good one has one. */
export function conditionsOf(config: RuleConfig): readonly ConditionKind[] {
  return conditionKinds.filter((kind) => config[kind] !== undefined);
}

/** Conditions that look at all requests of an edge, whatever became of them. */
const onRequests: ReadonlySet<ConditionKind> = new Set(['dip', 'absent', 'latency']);

/** What a rule’s `select` says is counted, each at its key. */
function countedKeys(config: RuleConfig): readonly (readonly [key: string, counted: Counted])[] {
  const { flags, faults, parties, failed } = config.select ?? {};
  return [
    ...(flags === undefined ? [] : [['flags', 'flags'] as const]),
    ...(faults === undefined ? [] : [['faults', 'faults'] as const]),
    ...(parties === undefined ? [] : [['parties', 'faults'] as const]),
    ...(failed === undefined ? [] : [['failed', 'failed'] as const]),
  ];
}

/** What a rule counts. `named` are the labels of its `by` and its matchers: who groups by fault counts faults. */
export function countedBy(kind: ConditionKind, config: RuleConfig, named: readonly string[]): Counted {
  if (onRequests.has(kind) || kind === 'pipeline') return 'requests';
  const said = countedKeys(config)[0]?.[1];
  if (said !== undefined) return said;
  if (named.includes('flag')) return 'flags';
  if (named.includes('fault') || named.includes('party')) return 'faults';
  return kind === 'new_version' ? 'failed' : 'flags';
}

/** Everything that is wrong with the parts of a rule. */
export function checkShape(config: RuleConfig, path: YamlPath): readonly PlacedFinding[] {
  const kinds = conditionsOf(config);
  const [kind, second] = kinds;
  if (kind === undefined) {
    return [
      {
        kind: 'wrong-condition',
        path: [...path, 'alert'],
        message: `the rule has no condition`,
        remedy: `add one of ${conditionKinds.join(', ')}: "spike: {}" takes all defaults`,
      },
    ];
  }
  if (second !== undefined) {
    return [
      {
        kind: 'wrong-condition',
        path: [...path, second],
        atKey: true,
        message: `the rule has ${kinds.length} conditions: ${kinds.join(', ')}`,
        remedy: 'write a rule for each',
      },
    ];
  }
  if (kind === 'pipeline') return checkPipeline(config, path);
  if (config.select === undefined) {
    const remedy = 'add select: what is counted, and on which edges; select: {} for all edges';
    return [{ kind: 'missing-key', path: [...path, 'select'], message: 'select is missing', remedy }];
  }
  return onRequests.has(kind) ? checkRequests(kind, config, path) : checkCounted(config, path);
}

function checkPipeline(config: RuleConfig, path: YamlPath): readonly PlacedFinding[] {
  const others = (config.by ?? []).filter((label) => label !== 'data_center');
  const selects: PlacedFinding = {
    kind: 'wrong-selection',
    path: [...path, 'select'],
    atKey: true,
    message: 'a rule on the pipeline selects nothing: it looks at flagwatch’s own input',
    remedy: 'take select out',
  };
  const labels: PlacedFinding = {
    kind: 'wrong-by',
    path: [...path, 'by'],
    message: `a rule on the pipeline has no series by ${others.join(', ')}`,
    remedy: 'write by: [data_center], or take by out',
  };
  return [...(config.select === undefined ? [] : [selects]), ...(others.length === 0 ? [] : [labels])];
}

function checkRequests(kind: ConditionKind, config: RuleConfig, path: YamlPath): readonly PlacedFinding[] {
  return countedKeys(config).map(([key]) => ({
    kind: 'wrong-selection',
    path: [...path, 'select', key],
    atKey: true,
    message: `${kind} looks at all requests, not at ${key === 'failed' ? 'failed ones' : key}`,
    remedy: `take ${key} out; spike, ratio, sustained, threshold and new_version count it`,
  }));
}

function checkCounted(config: RuleConfig, path: YamlPath): readonly PlacedFinding[] {
  const keys = countedKeys(config);
  const first = keys[0];
  const other = keys.find(([, counted]) => counted !== first?.[1]);
  if (first === undefined || other === undefined) return [];
  return [
    {
      kind: 'wrong-selection',
      path: [...path, 'select', other[0]],
      atKey: true,
      message: `select counts ${first[0]} and ${other[0]}: a rule counts one thing`,
      remedy: 'write a rule for each',
    },
  ];
}
